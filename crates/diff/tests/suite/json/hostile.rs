//! Documents that would overflow a stack, or take quadratic time, or more memory than there is.
//!
//! Nothing is timed: what isn't linear would take hours here.

use sealdiff_diff::{DiffError, JsonDiffOptions};

use super::support::{
    apply, compact, diff_with, ignoring, json, keyed, merge, merge_patch, normalised, patch, text,
    try_diff, yaml,
};

const DEPTH: usize = 100_000;

fn nested_arrays(leaf: &str) -> String {
    format!("{}{leaf}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))
}

fn nested_objects(leaf: &str) -> String {
    format!("{}{leaf}{}", r#"{"a":"#.repeat(DEPTH), "}".repeat(DEPTH))
}

#[test]
fn documents_nested_a_hundred_thousand_deep_are_compared() {
    for nested in [nested_arrays, nested_objects] {
        let (old, new) = (nested("1"), nested("2"));
        let patch = patch(&old, &new);
        assert_eq!(apply(&old, &patch).as_deref(), Ok(&new[..]));
        assert_eq!(
            merge_patch(&old, &new).and_then(|patch| merge(&old, &patch).ok()),
            Some(new)
        );
    }
}

#[test]
fn ignoring_below_every_level_of_a_deep_document_is_linear() {
    let (old, new) = (
        nested_objects(r#"{"uid":1,"x":1}"#),
        nested_objects(r#"{"uid":2,"x":1}"#),
    );
    let diff = diff_with(&old, &new, &ignoring(&["/**/uid", "/**/a/**/x/**"]));
    assert_eq!(text(diff.patch), "[]");
}

#[test]
fn many_changes_at_the_bottom_are_written_as_one() {
    let items = |n: u32| vec![n.to_string(); 50_000].join(",");
    let (old, new) = (nested_arrays(&items(1)), nested_arrays(&items(2)));
    let patch = patch(&old, &new);
    assert!(patch.len() < new.len() + DEPTH * 3, "{}", patch.len());
    assert_eq!(apply(&old, &patch), Ok(new));
}

#[test]
fn a_patch_whose_paths_are_a_multiple_of_the_documents_is_refused_before_it_is_written() {
    let document = |n: u32| {
        let members: Vec<String> = (0..20_000).map(|at| format!(r#""k{at}":{n}"#)).collect();
        nested_objects(&format!(r#"{{"uid":{n},{}}}"#, members.join(",")))
    };
    let diff = try_diff(
        json(&document(1)),
        json(&document(2)),
        &ignoring(&["/**/uid"]),
    );
    assert!(matches!(diff, Err(DiffError::PatchTooLarge { .. })));
}

#[test]
fn brackets_alone_do_not_become_an_indent_of_gigabytes() {
    let lines = normalised(json(&nested_arrays(""))).expect("valid");
    assert!(lines.len() < 2 * DEPTH * (2 * 128 + 2));
}

#[test]
fn deep_yaml_is_refused() {
    assert!(compact(yaml(&"[".repeat(DEPTH))).is_err());
    assert!(compact(yaml(&"- ".repeat(DEPTH))).is_err());
}

#[test]
fn large_arrays_are_compared_and_patched() {
    let list = |range: std::ops::Range<usize>| {
        let items: Vec<String> = range
            .map(|n| format!(r#"{{"id":{n},"v":"value {n}"}}"#))
            .collect();
        format!("[{}]", items.join(","))
    };
    let (old, new) = (list(0..50_000), list(25_000..75_000));
    for options in [JsonDiffOptions::default(), keyed(&["id"])] {
        let patch = text(diff_with(&old, &new, &options).patch);
        assert_eq!(apply(&old, &patch).as_deref(), Ok(&new[..]));
    }
}

#[test]
fn items_that_all_occur_many_times_are_compared() {
    let list = |step: usize| {
        let items: Vec<String> = (0..50_000).map(|n| format!("{}", n * step % 17)).collect();
        format!("[{}]", items.join(","))
    };
    let (old, new) = (list(3), list(5));
    assert_eq!(apply(&old, &patch(&old, &new)), Ok(new));
}

#[test]
fn an_object_of_many_members_is_patched_one_by_one() {
    let members: Vec<String> = (0..50_000).map(|n| format!(r#""k{n}":{n}"#)).collect();
    let operations: Vec<String> = (0..50_000)
        .map(|n| format!(r#"{{"op":"remove","path":"/k{n}"}}"#))
        .collect();
    let document = format!("{{{}}}", members.join(","));
    assert_eq!(
        apply(&document, &format!("[{}]", operations.join(","))),
        Ok("{}".to_owned())
    );
}

#[test]
fn many_members_with_one_key_are_one() {
    let members = vec![r#""k":1"#; 200_000].join(",");
    assert_eq!(
        compact(json(&format!("{{{members}}}"))).as_deref(),
        Ok(r#"{"k":1}"#)
    );
}

#[test]
fn changes_at_every_depth_above_what_is_ignored_are_refused_and_not_written_out() {
    const LEVELS: usize = 10_000;
    let nested = |n: u32| {
        let levels = format!(r#"{{"x":{n},"y":"#).repeat(LEVELS);
        format!("{levels}{{\"s\":{n}}}{}", "}".repeat(LEVELS))
    };
    let outcome = try_diff(json(&nested(1)), json(&nested(2)), &ignoring(&["/**/s"]));
    assert!(matches!(outcome, Err(DiffError::PatchTooLarge { .. })));
}

#[test]
fn copies_of_long_values_add_a_bounded_number_of_bytes() {
    let document = format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 20));
    let copies = |n: usize| {
        let copy = |i| format!(r#"{{"op":"copy","from":"/a","path":"/{i}"}}"#);
        format!("[{}]", (0..n).map(copy).collect::<Vec<_>>().join(","))
    };
    assert!(apply(&document, &copies(10)).is_ok());
    assert!(matches!(
        apply(&document, &copies(100)),
        Err(DiffError::TooLarge { .. })
    ));
}

#[test]
fn mappings_that_are_merged_into_each_other_are_counted_like_aliases() {
    let keys: String = (0..20_000).map(|n| format!("k{n}: 1, ")).collect();
    let nested = format!("{}{{{keys}}}{}", "{<<: ".repeat(200), "}".repeat(200));
    let outcome = sealdiff_diff::json_diff(
        yaml(&nested),
        yaml("{}"),
        &JsonDiffOptions::default(),
        &sealdiff_diff::CancelFlag::new(),
    );
    assert!(matches!(outcome, Err(DiffError::DocumentInvalid { .. })));
}
