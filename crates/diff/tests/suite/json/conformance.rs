//! The public json-patch-test-suite, against our apply.

use sealdiff_diff::DiffError;
use serde_json::Value;

use super::support::apply;

const TESTS: &str = include_str!("../../../../../vectors/json-patch/tests.json");
const SPEC_TESTS: &str = include_str!("../../../../../vectors/json-patch/spec_tests.json");

fn cases(suite: &str) -> Vec<Value> {
    match serde_json::from_str(suite) {
        Ok(Value::Array(cases)) => cases,
        other => panic!("no list of cases: {other:?}"),
    }
}

/// Says what is wrong with a case. Those that the suite calls disabled are run as well: they are
/// valid, but for one that JSON itself can't tell.
fn failure(case: &Value) -> Option<String> {
    let outcome = apply(&case["doc"].to_string(), &case["patch"].to_string());
    let patched = outcome
        .as_ref()
        .map(|text| serde_json::from_str(text).expect("valid JSON"));
    let is_right = match (&patched, case.get("expected"), case.get("error")) {
        (Ok::<Value, _>(patched), Some(expected), None) => patched == expected,
        (Ok(_), None, None) => true,
        (Err(DiffError::JsonPatchInvalid { .. }), _, Some(_)) => true,
        (Err(DiffError::JsonPatchMismatch { .. }), _, Some(_)) => true,
        _ => false,
    };
    (!is_right).then(|| format!("{case}: {outcome:?}"))
}

/// Two members `op` in one operation: of members with one key the last counts.
fn has_two_ops(case: &Value) -> bool {
    case["error"] == "patch has two 'op' members"
}

#[test]
fn every_case_of_the_suite_passes() {
    let cases = cases(TESTS);
    assert_eq!(cases.len(), 95);
    let failures: Vec<_> = cases
        .iter()
        .filter(|case| !has_two_ops(case))
        .filter_map(failure)
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_case_of_the_rfc_passes() {
    let cases = cases(SPEC_TESTS);
    assert_eq!(cases.len(), 17);
    let failures: Vec<_> = cases
        .iter()
        .filter(|case| !has_two_ops(case))
        .filter_map(failure)
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn of_two_members_with_one_key_the_last_counts() {
    let patch = r#"[{"op":"move","path":"/baz","value":"qux","from":"/foo","op":"add"}]"#;
    assert_eq!(
        apply(r#"{"foo":1}"#, patch),
        Ok(r#"{"foo":1,"baz":"qux"}"#.to_owned())
    );
}
