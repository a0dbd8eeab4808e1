//! Merge patches: the cases of RFC 7396, and what can't be expressed.

use sealdiff_diff::DiffError;

use super::support::{merge, merge_patch};

/// Document, patch, result: appendix A of the RFC.
const CASES: [(&str, &str, &str); 15] = [
    (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
    (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
    (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
    (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
    (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
    (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
    (
        r#"{"a":{"b":"c"}}"#,
        r#"{"a":{"b":"d","c":null}}"#,
        r#"{"a":{"b":"d"}}"#,
    ),
    (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
    (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
    (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
    (r#"{"a":"foo"}"#, "null", "null"),
    (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
    (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
    ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
    ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
];

#[test]
fn the_cases_of_the_rfc_give_what_it_says() {
    for (document, patch, result) in CASES {
        assert_eq!(
            merge(document, patch).as_deref(),
            Ok(result),
            "{document} {patch}"
        );
    }
}

#[test]
fn a_merge_patch_says_what_changed_and_nothing_else() {
    for (old, new, patch) in [
        (
            r#"{"a":1,"b":{"c":1,"d":1}}"#,
            r#"{"b":{"c":2,"d":1},"e":[]}"#,
            r#"{"a":null,"b":{"c":2},"e":[]}"#,
        ),
        (r#"{"a":{"b":1}}"#, r#"{"a":{}}"#, r#"{"a":{"b":null}}"#),
        (r#"{"a":1}"#, r#"{"a":1}"#, "{}"),
        (
            r#"{"n":null}"#,
            r#"{"n":null,"l":[{"n":null}]}"#,
            r#"{"l":[{"n":null}]}"#,
        ),
        ("[1]", "[1,2]", "[1,2]"),
        ("[1]", r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#),
    ] {
        assert_eq!(merge_patch(old, new).as_deref(), Some(patch), "{old} {new}");
    }
}

#[test]
fn a_null_that_a_member_would_have_to_be_set_to_has_no_merge_patch() {
    for (old, new) in [
        ("{}", r#"{"a":null}"#),
        (r#"{"a":1}"#, r#"{"a":null}"#),
        ("{}", r#"{"a":{"b":{"c":null}}}"#),
        (r#"{"a":[]}"#, r#"{"a":{"b":null}}"#),
        ("1", r#"{"a":null}"#),
    ] {
        assert_eq!(merge_patch(old, new), None, "{old} {new}");
    }
}

#[test]
fn a_merge_patch_that_is_no_json_is_invalid() {
    assert!(matches!(
        merge("{}", "{"),
        Err(DiffError::PatchInvalid { line: 1, .. })
    ));
    assert!(matches!(
        merge("{", "{}"),
        Err(DiffError::DocumentInvalid { line: 1, .. })
    ));
}
