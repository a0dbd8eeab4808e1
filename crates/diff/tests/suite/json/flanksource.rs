//! Flanksource's fixtures, byte for byte.

use sealdiff_diff::{DocumentProfile, JsonDiffOptions};

use super::support::unified;

fn flanksource() -> JsonDiffOptions {
    JsonDiffOptions {
        profile: DocumentProfile::Flanksource,
        ..JsonDiffOptions::default()
    }
}

#[test]
fn the_profile_writes_the_bytes_of_every_fixture() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/flanksource");
    let mut fixtures = 0;
    for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "diff") {
            continue;
        }
        let read = |path: String| std::fs::read_to_string(path).expect("readable");
        let stem = path.with_extension("").display().to_string();
        let (old, new) = (
            read(format!("{stem}-old.json")),
            read(format!("{stem}-new.json")),
        );
        let expected = read(path.display().to_string());
        assert_eq!(unified(&old, &new, &flanksource()), expected, "{stem}");
        fixtures += 1;
    }
    assert_eq!(fixtures, 2);
}

#[test]
fn the_profile_rounds_numbers_and_drops_nulls_and_none_else_does() {
    let (old, new) = (r#"{"a":0.5,"b":null}"#, r#"{"a":1.5,"c":[null]}"#);
    let expected = "--- before\n+++ after\n@@ -1,3 +1,6 @@\n {\n-  \"a\": 0\n+  \"a\": 2,\n+  \"c\": [\n+    null\n+  ]\n }\n\\ No newline at end of file\n";
    assert_eq!(unified(old, new, &flanksource()), expected);
    let exact = unified(old, new, &JsonDiffOptions::default());
    assert!(
        exact.contains("-  \"a\": 0.5,\n-  \"b\": null\n+  \"a\": 1.5,\n"),
        "{exact}"
    );
    assert!(!exact.contains("No newline"));
}

#[test]
fn documents_that_are_equal_but_for_what_is_rounded_have_no_diff() {
    assert_eq!(unified(r#"{"a":1.1}"#, r#"{"a":1.2}"#, &flanksource()), "");
}
