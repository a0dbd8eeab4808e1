//! How YAML is read, and what is refused.

use sealdiff_diff::DiffError;

use super::support::{compact, json, normalised, yaml};

fn refusal(text: &str) -> Option<(usize, &'static str)> {
    match normalised(yaml(text)) {
        Err(DiffError::DocumentInvalid { line, reason, .. }) => Some((line, reason)),
        _ => None,
    }
}

fn read(text: &str) -> String {
    match compact(yaml(text)) {
        Ok(text) => text,
        Err(error) => panic!("{error}: {text}"),
    }
}

#[test]
fn a_manifest_is_read() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"a\"\n  labels: {x: 'y', n: 1.10}\ndata:\n  on: yes\n  text: |\n    a\n    b\n  list:\n  - 0x10\n  - ~\n  - !!str 5\n  - ! 6\n  - !custom 7\n";
    assert_eq!(
        read(manifest),
        r#"{"apiVersion":"v1","data":{"list":[16,null,"5","6",7],"on":"yes","text":"a\nb\n"},"kind":"ConfigMap","metadata":{"labels":{"n":1.10,"x":"y"},"name":"a"}}"#
    );
}

#[test]
fn json_is_yaml() {
    let text = r#"{"a":[1,2.50,null,true,"x\u00e9\n"],"b":{}}"#;
    assert_eq!(read(text), compact(json(text)).expect("valid"));
}

#[test]
fn keys_are_texts() {
    assert_eq!(
        read("1: a\ntrue: b\n~: c\n1.50: d\n"),
        r#"{"1":"a","1.50":"d","true":"b","~":"c"}"#
    );
    assert_eq!(
        read("&k key: &v value\n*v : *k\n"),
        r#"{"key":"value","value":"key"}"#
    );
}

#[test]
fn a_text_without_a_document_is_null() {
    for text in ["", "# only a comment\n", "---\n", "---\n...\n"] {
        assert_eq!(read(text), "null", "{text:?}");
    }
}

#[test]
fn aliases_stand_for_what_they_name() {
    let text = "base: &base\n  a: [1, 2]\nother: *base\nlist: [*base, *base]\n";
    assert_eq!(
        read(text),
        r#"{"base":{"a":[1,2]},"list":[{"a":[1,2]},{"a":[1,2]}],"other":{"a":[1,2]}}"#
    );
}

#[test]
fn merge_keys_merge_and_own_keys_win() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd:\n  <<: *b\n  \"<<\": text\n";
    assert_eq!(
        read(text),
        r#"{"a":{"x":1,"y":1},"b":{"y":2,"z":2},"c":{"x":3,"y":1,"z":2},"d":{"<<":"text","y":2,"z":2}}"#
    );
    assert_eq!(refusal("a: {<<: 1}\n").map(|(line, _)| line), Some(1));
    assert_eq!(refusal("a: {<<: [{}, 1]}\n").map(|(line, _)| line), Some(1));
}

#[test]
fn what_has_no_form_in_json_is_refused_with_its_line() {
    assert_eq!(
        refusal("a: 1\n---\nb: 1\n"),
        Some((2, "a second document begins"))
    );
    assert_eq!(refusal("? [a, b]\n: 1\n"), Some((1, "a key is no scalar")));
    assert_eq!(
        refusal("a: &a\n  b: *a\n"),
        Some((2, "an alias stands inside of what it stands for"))
    );
    assert!(refusal("a: 1\nb: 2\na: 3\n").is_some_and(|(_, reason)| reason.contains("twice")));
    assert!(refusal("a: *b\n").is_some());
    assert!(refusal("a: [1\nb: 2\n").is_some());
    assert!(refusal("\ta: 1\n").is_some() || refusal("a:\n\t- 1\n").is_some());
}

#[test]
fn bytes_that_are_no_utf_8_are_refused() {
    assert!(matches!(
        normalised(yaml(b"a: 1\nb: \xFF\n")),
        Err(DiffError::DocumentInvalid { line: 2, .. })
    ));
    assert!(normalised(yaml(b"\xED\xA0\x80")).is_err());
}

#[test]
fn aliases_of_aliases_are_refused_before_they_fill_memory() {
    let mut text = "a0: &a0 [xxxxxxxxxx, xxxxxxxxxx]\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        text.push_str(&format!(
            "a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n"
        ));
    }
    assert_eq!(
        refusal(&text).map(|(_, reason)| reason),
        Some("aliases stand for more than 16 MiB")
    );
}

#[test]
fn infinities_and_nan_are_texts() {
    assert_eq!(read("[.inf, -.Inf, .NaN]"), r#"[".inf","-.Inf",".NaN"]"#);
}
