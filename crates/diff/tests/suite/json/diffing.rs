//! What the patch between two documents is.

use std::time::Instant;

use sealdiff_diff::{CancelFlag, DiffError, JsonDiffOptions, JsonSummary, json_diff};

use super::support::{
    apply, diff_with, ignoring, json, keyed, patch, patch_with, paths, text, try_diff, unified,
    yaml,
};

#[test]
fn equal_documents_have_an_empty_patch_whatever_their_white_space_order_and_escapes() {
    let old = r#"{"a": [1, {"b": null}], "é": "\u0041"}"#;
    let new = "{\"\\u00e9\":\"A\",\n\"a\":[1,{\"b\":null}]}";
    assert_eq!(patch(old, new), "[]");
    assert_eq!(paths(old, new), "[]");
    assert_eq!(unified(old, new, &JsonDiffOptions::default()), "");
}

#[test]
fn members_are_added_removed_and_replaced_in_order_of_their_keys() {
    let (old, new) = (
        r#"{"b":1,"a":1,"d":{"x":[1,2,3],"y":1}}"#,
        r#"{"c":1,"b":2,"d":{"y":2,"x":[1,2,3]}}"#,
    );
    assert_eq!(
        patch(old, new),
        r#"[{"op":"remove","path":"/a"},{"op":"replace","path":"/b","value":2},{"op":"add","path":"/c","value":1},{"op":"replace","path":"/d/y","value":2}]"#
    );
    let summary = diff_with(old, new, &JsonDiffOptions::default()).summary;
    assert_eq!(
        summary,
        JsonSummary {
            added: 1,
            removed: 1,
            replaced: 2
        }
    );
}

#[test]
fn keys_are_escaped_as_pointers_and_as_strings() {
    assert_eq!(
        patch(
            r#"{"x":0,"a/b~c\"\n":{"":1,"z":[1,2,3,4,5,6,7,8,9]}}"#,
            r#"{"x":0,"a/b~c\"\n":{"":2,"z":[1,2,3,4,5,6,7,8,9]}}"#
        ),
        r#"[{"op":"replace","path":"/a~1b~0c\"\n/","value":2}]"#
    );
}

#[test]
fn numbers_stay_as_they_were_written() {
    assert_eq!(
        patch(
            r#"{"id":9007199254740993,"n":1}"#,
            r#"{"id":9007199254740992,"n":1.0}"#
        ),
        r#"[{"op":"replace","path":"/id","value":9007199254740992},{"op":"replace","path":"/n","value":1.0}]"#
    );
    assert_eq!(
        patch("1e400", "1E400"),
        r#"[{"op":"replace","path":"","value":1E400}]"#
    );
}

#[test]
fn the_head_of_a_list_is_removed_by_one_operation() {
    let list = |from: usize| {
        let items: Vec<String> = (from..5_000).map(|n| format!(r#"{{"n":{n}}}"#)).collect();
        format!(r#"{{"list":[{}]}}"#, items.join(","))
    };
    assert_eq!(
        patch(&list(0), &list(1)),
        r#"[{"op":"remove","path":"/list/0"}]"#
    );
    assert_eq!(
        patch(&list(1), &list(0)),
        r#"[{"op":"add","path":"/list/0","value":{"n":0}}]"#
    );
}

/// A list of long strings, so that replacing it as a whole is never shorter.
fn list(names: &str) -> String {
    let items: Vec<String> = names
        .chars()
        .map(|name| format!("\"{}\"", long(name)))
        .collect();
    format!("[{}]", items.join(","))
}

fn long(name: char) -> String {
    name.to_string().repeat(100)
}

#[test]
fn paths_name_what_was_removed_where_it_was_and_the_rest_where_it_is() {
    let (old, new) = (list("abcdefg"), list("cdXegY"));
    let (x, y) = (long('X'), long('Y'));
    assert_eq!(
        patch(&old, &new),
        format!(
            r#"[{{"op":"remove","path":"/0"}},{{"op":"remove","path":"/0"}},{{"op":"add","path":"/2","value":"{x}"}},{{"op":"remove","path":"/4"}},{{"op":"add","path":"/5","value":"{y}"}}]"#
        )
    );
    assert_eq!(paths(&old, &new), r#"["/0","/1","/2","/5"]"#);
}

#[test]
fn what_lies_between_equal_items_is_compared_in_order() {
    let item = |name: char, n: u8| format!(r#"{{"name":"{}","n":{n}}}"#, long(name));
    let old = format!("[{},{},{}]", item('a', 1), item('b', 1), item('c', 1));
    let new = format!("[{},{},{}]", item('a', 1), item('b', 2), item('c', 1));
    assert_eq!(
        patch(&old, &new),
        r#"[{"op":"replace","path":"/1/n","value":2}]"#
    );
}

#[test]
fn items_with_a_key_find_each_other_wherever_they_changed() {
    let item =
        |name: char, n: u8| format!(r#"{{"n":{n},"name":"{}","text":"{}"}}"#, name, long(name));
    let old = format!(
        r#"{{"x":[{},{},{}]}}"#,
        item('a', 1),
        item('b', 1),
        item('c', 1)
    );
    let new = format!(
        r#"{{"x":[{},{},{}]}}"#,
        item('z', 1),
        item('b', 2),
        item('c', 3)
    );
    let expected = format!(
        r#"[{{"op":"remove","path":"/x/0"}},{{"op":"add","path":"/x/0","value":{}}},{{"op":"replace","path":"/x/1/n","value":2}},{{"op":"replace","path":"/x/2/n","value":3}}]"#,
        item('z', 1)
    );
    assert_eq!(patch_with(&old, &new, &keyed(&["id", "name"])), expected);
    assert!(patch(&old, &new).contains(r#""path":"/x/0/name""#));
}

#[test]
fn a_key_that_is_missing_doubled_or_no_scalar_is_not_used() {
    for (old, new) in [
        (r#"[{"k":1},{}]"#, r#"[{"k":1}]"#),
        (r#"[{"k":1},{"k":1}]"#, r#"[{"k":1}]"#),
        (r#"[{"k":[]}]"#, r#"[{"k":{}}]"#),
        (r#"[{"k":1},2]"#, r#"[{"k":1}]"#),
    ] {
        assert_eq!(patch_with(old, new, &keyed(&["k"])), patch(old, new));
    }
}

#[test]
fn a_replacement_that_is_much_shorter_than_the_changes_takes_their_place() {
    let numbers = |from: u32| {
        let members: Vec<String> = (from..from + 100).map(|n| format!(r#""{n}":0"#)).collect();
        format!(r#"{{"x":{{{}}},"y":0}}"#, members.join(","))
    };
    let (old, new) = (numbers(100), numbers(500));
    let patch = patch(&old, &new);
    assert!(
        patch.starts_with(r#"[{"op":"replace","path":"/x","value":{"500":0,"#),
        "{patch}"
    );
    assert_eq!(paths(&old, &new), r#"["/x"]"#);
}

#[test]
fn tests_of_old_values_come_before_what_removes_them() {
    let options = JsonDiffOptions {
        with_tests: true,
        ..JsonDiffOptions::default()
    };
    let filler = long('f');
    let (old, new) = (
        format!(r#"{{"a":1,"b":2,"f":"{filler}"}}"#),
        format!(r#"{{"a":3,"c":4,"f":"{filler}"}}"#),
    );
    let tested = patch_with(&old, &new, &options);
    assert_eq!(
        tested,
        r#"[{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":3},{"op":"test","path":"/b","value":2},{"op":"remove","path":"/b"},{"op":"add","path":"/c","value":4}]"#
    );
    assert!(apply(&old, &tested).is_ok());
    assert!(matches!(
        apply(&new, &tested),
        Err(DiffError::JsonPatchMismatch { operation: 1, .. })
    ));
}

#[test]
fn what_is_ignored_is_in_no_result() {
    let old = r#"{"kind":"Pod","metadata":{"managedFields":[1],"name":"a","uid":"1"},"status":{"phase":"Pending"}}"#;
    let new = r#"{"kind":"Pod","metadata":{"managedFields":[2,3],"name":"b","uid":"2"},"status":{"ready":true}}"#;
    let options = ignoring(&["/metadata/managedFields", "/status/**", "/**/uid"]);
    let diff = diff_with(old, new, &options);
    assert_eq!(
        text(diff.patch),
        r#"[{"op":"replace","path":"/metadata/name","value":"b"}]"#
    );
    assert_eq!(text(diff.paths), r#"["/metadata/name"]"#);
    let lines = unified(old, new, &options);
    assert!(
        !lines.contains("uid") && !lines.contains("phase") && lines.contains("\"status\": {}"),
        "{lines}"
    );
}

#[test]
fn wildcards_match_as_they_are_documented() {
    let changed = |pointers: &[&str]| {
        let (old, new) = (
            r#"{"a":{"b":{"c":1}},"c":1,"l":[{"c":1,"d":1},{"c":1}],"x/y":1}"#,
            r#"{"a":{"b":{"c":2}},"c":2,"l":[{"c":2,"d":1},{"c":2}],"x/y":2}"#,
        );
        text(diff_with(old, new, &ignoring(pointers)).paths)
    };
    assert_eq!(changed(&["/**/c", "/x~1y"]), "[]");
    assert_eq!(changed(&["/*/*/c", "/x~1y"]), r#"["/c"]"#);
    assert_eq!(changed(&["/l/0/c", "/a/**", "/*"]), "[]");
    assert_eq!(changed(&["/l/0", "/a/**", "/c"]), r#"["/l/1/c","/x~1y"]"#);
    assert_eq!(
        changed(&["/l/**/c", "/a/**/b/**", "/c/**"]),
        r#"["/c","/x~1y"]"#
    );
}

#[test]
fn ignored_items_keep_their_places() {
    let old = r#"{"l":["volatile",{"n":1,"t":"tttttttttttttttttttttttttttttttttttttttt"},"x"]}"#;
    let new = r#"{"l":["other",{"n":2,"t":"tttttttttttttttttttttttttttttttttttttttt"},"x"]}"#;
    let patch = patch_with(old, new, &ignoring(&["/l/0"]));
    assert_eq!(patch, r#"[{"op":"replace","path":"/l/1/n","value":2}]"#);
    assert_eq!(apply(old, &patch), Ok(new.replace("other", "volatile")));
}

#[test]
fn a_value_that_holds_what_is_ignored_is_not_replaced_as_a_whole() {
    let (old, new) = (
        r#"{"keep":1,"a":1,"b":1,"c":1}"#,
        r#"{"keep":2,"d":1,"e":1}"#,
    );
    let patch = patch_with(old, new, &ignoring(&["/keep"]));
    assert_eq!(
        apply(old, &patch),
        Ok(r#"{"keep":1,"d":1,"e":1}"#.to_owned())
    );
}

#[test]
fn nulls_of_objects_are_dropped_on_request() {
    let options = JsonDiffOptions {
        drop_nulls: true,
        ..JsonDiffOptions::default()
    };
    assert_eq!(
        patch_with(
            r#"{"a":null,"b":[null]}"#,
            r#"{"b":[null],"c":null}"#,
            &options
        ),
        "[]"
    );
    assert_eq!(
        patch(r#"{"a":null}"#, "{}"),
        r#"[{"op":"remove","path":"/a"}]"#
    );
}

#[test]
fn pointers_that_are_malformed_are_named() {
    let refused = |pointers: &[&str]| {
        let options = JsonDiffOptions::default();
        match options.ignoring(pointers.iter().map(|pointer| pointer.as_bytes())) {
            Err(DiffError::PointerInvalid { index, .. }) => Some(index),
            _ => None,
        }
    };
    assert_eq!(refused(&["/a", "b"]), Some(1));
    assert_eq!(refused(&[""]), Some(0));
    assert_eq!(refused(&["/~2"]), Some(0));
    assert_eq!(refused(&["/a~"]), Some(0));
    assert_eq!(refused(&["/a".repeat(1_001).as_str()]), Some(0));
    assert_eq!(refused(&["/a/*/**", "/~0~1"]), None);
}

#[test]
fn json_and_yaml_can_be_compared() {
    let diff = try_diff(
        json(r#"{"a":[1,"x"]}"#),
        yaml("a:\n- 1\n- x\n"),
        &JsonDiffOptions::default(),
    );
    assert_eq!(text(diff.expect("valid").patch), "[]");
}

#[test]
fn a_deadline_that_has_passed_gives_a_valid_patch_that_says_it_is_coarse() {
    let (old, new) = (list("abcabcabcabcabc"), list("cbacbaacbcbabca"));
    #[expect(clippy::disallowed_methods, reason = "a deadline is a moment")]
    let deadline = Some(Instant::now());
    let diff = diff_with(
        &old,
        &new,
        &JsonDiffOptions {
            deadline,
            ..JsonDiffOptions::default()
        },
    );
    assert!(!diff.is_exact);
    assert_eq!(apply(&old, &text(diff.patch)), Ok(new));
}

#[test]
fn a_raised_flag_ends_it() {
    let cancel = CancelFlag::new();
    cancel.cancel();
    let diff = json_diff(json("1"), json("2"), &JsonDiffOptions::default(), &cancel);
    assert_eq!(diff, Err(DiffError::Cancelled));
}

#[test]
fn normalised_text_is_sorted_and_indented_and_ends_with_a_newline() {
    assert_eq!(
        unified(
            r#"{"b":[],"a":{"c":1.10}}"#,
            r#"{"b":[{}],"a":{"c":1.10}}"#,
            &JsonDiffOptions::default()
        ),
        "@@ -2,5 +2,7 @@\n   \"a\": {\n     \"c\": 1.10\n   },\n-  \"b\": []\n+  \"b\": [\n+    {}\n+  ]\n }\n"
    );
}
