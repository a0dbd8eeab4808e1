//! Properties of diffs of generated documents, with `serde_json` as the oracle.

use proptest::collection::vec;
use proptest::prelude::*;
use sealdiff_diff::{CancelFlag, JsonDiffOptions, json_merge_patch};
use serde_json::Value;

use super::support::{apply, compact, diff_with, json, merge, text, yaml};

/// Values of few distinct keys and scalars, so that two of them have much in common.
fn value() -> impl Strategy<Value = Value> {
    let scalars = vec![
        Value::Null,
        Value::Bool(true),
        1.into(),
        (-7).into(),
        2.5.into(),
        "".into(),
        "a/b~\"\n\u{1F600}".into(),
        "long enough that a replacement costs something".into(),
    ];
    prop::sample::select(scalars).prop_recursive(5, 60, 8, |inner| {
        let key = prop::sample::select(vec!["", "a", "b", "name", "~/\"", "é", "*", "0"]);
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((key, inner), 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(members.collect())
            }),
        ]
    })
}

/// Two documents of which the second is like the first, with a part of it replaced.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    let edited = (value(), value(), any::<prop::sample::Index>()).prop_map(|(old, part, at)| {
        let mut new = old.clone();
        let pointers = pointers(&old);
        let pointer = &pointers[at.index(pointers.len())];
        *new.pointer_mut(pointer).expect("made from the document") = part;
        (old, new)
    });
    prop_oneof![3 => edited, 1 => (value(), value())]
}

fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut below = |token: String, child: &Value| {
        found.extend(
            pointers(child)
                .into_iter()
                .map(|pointer| format!("/{token}{pointer}")),
        );
    };
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| below(at.to_string(), item)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            below(key.replace('~', "~0").replace('/', "~1"), member);
        }),
        _ => {}
    }
    found
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("what is written is JSON")
}

/// Whether a merge patch would have to set a member to null.
fn needs_null(old: Option<&Value>, new: &Value) -> bool {
    match (old, new) {
        (old, new) if old == Some(new) => false,
        (old, Value::Object(members)) => members.iter().any(|(key, member)| {
            let before = old
                .and_then(|old| old.get(key))
                .filter(|_| old.is_some_and(Value::is_object));
            before != Some(member) && (member.is_null() || needs_null(before, member))
        }),
        _ => false,
    }
}

proptest! {
    #[test]
    fn patches_turn_old_into_new((old, new) in pair(), with_tests: bool, is_keyed: bool) {
        let array_keys = if is_keyed { vec![b"name".to_vec(), b"a".to_vec()] } else { Vec::new() };
        let options = JsonDiffOptions { with_tests, array_keys, ..JsonDiffOptions::default() };
        let (old_text, new_text) = (old.to_string(), new.to_string());
        let diff = diff_with(&old_text, &new_text, &options);
        prop_assert!(diff.is_exact);
        let patch = text(diff.patch);
        prop_assert_eq!(apply(&old_text, &patch).map(|text| parsed(&text)), Ok(new.clone()), "{}", patch);
        prop_assert_eq!(patch == "[]", old == new);
        let operations = parsed(&patch);
        let operations = operations.as_array().expect("a list").iter();
        let counted = operations.filter(|operation| operation["op"] != "test").count();
        prop_assert_eq!(diff.summary.added + diff.summary.removed + diff.summary.replaced, counted);
    }

    #[test]
    fn no_patch_is_much_longer_than_one_that_replaces_the_root((old, new) in pair()) {
        let (old, new) = (old.to_string(), new.to_string());
        let patch = diff_with(&old, &new, &JsonDiffOptions::default()).patch;
        let whole = format!(r#"[{{"op":"replace","path":"","value":{new}}}]"#);
        prop_assert!(patch.len() <= whole.len() + 1024, "{}", text(patch));
    }

    #[test]
    fn paths_lead_to_what_they_name((old, new) in pair()) {
        let diff = diff_with(&old.to_string(), &new.to_string(), &JsonDiffOptions::default());
        for path in parsed(&text(diff.paths)).as_array().expect("a list") {
            let path = path.as_str().expect("a pointer");
            prop_assert!(old.pointer(path).is_some() || new.pointer(path).is_some(), "{}", path);
            // In a list another item may stand at the place now, and be equal.
            if !path.contains(|byte: char| byte.is_ascii_digit()) {
                prop_assert_ne!(old.pointer(path), new.pointer(path));
            }
        }
    }

    #[test]
    fn merge_patches_turn_old_into_new_where_there_are_any((old, new) in pair()) {
        let (old_text, new_text) = (old.to_string(), new.to_string());
        let options = JsonDiffOptions::default();
        let patch = json_merge_patch(json(&old_text), json(&new_text), &options, &CancelFlag::new());
        match patch.expect("valid") {
            Some(patch) => {
                let merged = merge(&old_text, &text(patch)).expect("valid");
                prop_assert_eq!(parsed(&merged), new);
            }
            None => prop_assert!(needs_null(Some(&old), &new)),
        }
    }

    #[test]
    fn json_reads_the_same_as_yaml(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(compact(json(&text)), compact(yaml(&text)));
    }

    #[test]
    fn normalised_text_is_the_document(value in value()) {
        let pretty = serde_json::to_string_pretty(&value).expect("a value");
        let lines = super::support::normalised(json(&value.to_string())).expect("valid");
        prop_assert_eq!(parsed(&lines), value);
        prop_assert_eq!(lines.trim_end(), pretty);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(prop_oneof![
        prop::sample::select(b"{}[]\",:\\u0123456789ad-.eE \n&*<!|>#?~tfn\xED\xA0\x80".to_vec()),
        any::<u8>(),
    ], 0..60)) {
        let _read = super::support::normalised(json(&bytes));
        let _read = super::support::normalised(yaml(&bytes));
    }

    #[test]
    fn what_serde_json_reads_is_read_and_nothing_else(text in r#"[\[\]{}",:0-9a-f\\u.eE+ -]{0,12}"#) {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        let ours = super::support::normalised(json(&text)).is_ok();
        prop_assert_eq!(ours, theirs, "{}", text);
    }
}
