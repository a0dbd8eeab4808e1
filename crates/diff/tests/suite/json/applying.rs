//! What applying a patch does where the suite says nothing.

use sealdiff_diff::{CancelFlag, DiffError, apply_json_patch};

use super::support::{apply, text};

fn refusal(document: &str, patch: &str) -> (usize, bool) {
    match apply(document, patch) {
        Err(DiffError::JsonPatchInvalid { operation, .. }) => (operation, false),
        Err(DiffError::JsonPatchMismatch { operation, .. }) => (operation, true),
        other => panic!("{other:?}"),
    }
}

#[test]
fn members_keep_their_order_and_numbers_their_digits() {
    let document = r#"{ "z": 1.10, "a": {"y": [1, 2], "x": 9007199254740993}, "m": "\u0041" }"#;
    let patch = r#"[{"op":"add","path":"/a/b","value":{"z":1,"a":2.0}},{"op":"remove","path":"/m"},{"op":"add","path":"/m","value":[]}]"#;
    assert_eq!(
        apply(document, patch),
        Ok(
            r#"{"z":1.10,"a":{"y":[1,2],"x":9007199254740993,"b":{"z":1,"a":2.0}},"m":[]}"#
                .to_owned()
        )
    );
}

#[test]
fn tests_compare_numbers_by_value_and_objects_in_any_order() {
    let document = r#"{"a":{"x":1.0,"y":[100]},"b":"1"}"#;
    let test = |value: &str| {
        let tested = format!(r#"[{{"op":"test","path":"/a","value":{value}}}]"#);
        let edited = format!(
            r#"[{{"op":"add","path":"/a/y/-","value":2}},{{"op":"remove","path":"/a/y/1"}},{{"op":"test","path":"/a","value":{value}}}]"#
        );
        assert_eq!(
            apply(document, &tested).is_ok(),
            apply(document, &edited).is_ok()
        );
        apply(document, &tested).is_ok()
    };
    assert!(test(r#"{"y":[1e2],"x":1}"#));
    assert!(!test(r#"{"y":[1e2],"x":1,"z":1}"#));
    assert!(!test(r#"{"y":[1e2]}"#));
    assert!(!test(r#"{"y":[1e2,1],"x":1}"#));
    assert!(!test(r#"{"y":["100"],"x":1}"#));
    assert!(!test(r#"{"y":[1e2],"z":1}"#));
    assert!(!test("[]"));
}

#[test]
fn operations_that_are_malformed_or_do_not_fit_are_named() {
    assert_eq!(
        refusal("{}", r#"[{"op":"add","path":"/a","value":1},{"op":"add"}]"#),
        (2, false)
    );
    assert_eq!(
        refusal("{}", r#"[{"op":"add","path":"a","value":1}]"#),
        (1, false)
    );
    assert_eq!(
        refusal("{}", r#"[{"op":"move","from":"/~x","path":"/a"}]"#),
        (1, false)
    );
    assert_eq!(refusal("{}", "[1]"), (1, false));
    for (document, operation) in [
        ("[1]", r#"{"op":"remove","path":"/01"}"#),
        ("[1]", r#"{"op":"remove","path":"/-"}"#),
        ("[1]", r#"{"op":"replace","path":"/1","value":1}"#),
        (
            "[1]",
            r#"{"op":"add","path":"/99999999999999999999999","value":1}"#,
        ),
        ("{}", r#"{"op":"replace","path":"/a","value":1}"#),
        ("{}", r#"{"op":"remove","path":""}"#),
        ("1", r#"{"op":"add","path":"/a","value":1}"#),
        (r#"{"a":{}}"#, r#"{"op":"move","from":"/a","path":"/a/b"}"#),
        (r#"{"a":1}"#, r#"{"op":"copy","from":"/b","path":"/a"}"#),
    ] {
        assert_eq!(
            refusal(document, &format!("[{operation}]")),
            (1, true),
            "{operation}"
        );
    }
}

#[test]
fn a_patch_that_is_no_json_or_no_array_is_invalid() {
    let cancel = CancelFlag::new();
    for patch in ["{}", "", "[", "\n\n[1,]"] {
        let line = 1 + patch.matches('\n').count();
        match apply_json_patch(b"{}", patch.as_bytes(), &cancel) {
            Err(DiffError::PatchInvalid { line: at, .. }) => assert_eq!(at, line, "{patch}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_value_moves_to_its_own_place_and_to_the_root() {
    let same = r#"[{"op":"move","from":"/a","path":"/a"}]"#;
    assert_eq!(apply(r#"{"a":[1]}"#, same), Ok(r#"{"a":[1]}"#.to_owned()));
    let root = r#"[{"op":"move","from":"/a","path":""},{"op":"add","path":"/-","value":2}]"#;
    assert_eq!(apply(r#"{"a":[1]}"#, root), Ok("[1,2]".to_owned()));
}

#[test]
fn a_copy_is_edited_apart_from_its_original() {
    let patch = r#"[
        {"op":"add","path":"/a/x/-","value":2},
        {"op":"copy","from":"/a","path":"/b"},
        {"op":"add","path":"/b/x/-","value":3},
        {"op":"add","path":"/a/y","value":4},
        {"op":"copy","from":"/c","path":"/d"},
        {"op":"replace","path":"/d/0","value":5}
    ]"#;
    assert_eq!(
        apply(r#"{"a":{"x":[1]},"c":[1]}"#, patch),
        Ok(r#"{"a":{"x":[1,2],"y":4},"c":[1],"b":{"x":[1,2,3]},"d":[5]}"#.to_owned())
    );
}

#[test]
fn a_patch_that_doubles_the_document_again_and_again_is_refused() {
    let copy = r#"{"op":"copy","from":"","path":"/a/-"}"#;
    let patch = format!("[{}]", [copy; 60].join(","));
    let document = r#"{"a":[1,2,3,4,5,6,7,8,9]}"#;
    let refused = apply_json_patch(document.as_bytes(), patch.as_bytes(), &CancelFlag::new());
    assert!(
        matches!(refused, Err(DiffError::JsonPatchMismatch { .. })),
        "{:?}",
        refused.map(text)
    );
}
