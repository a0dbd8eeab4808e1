//! Diffs of documents: the JSON Patch and the merge patch turn old into new, with every option.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{
    ApplyOptions, DiffError, DiffOptions, DocumentFormat, DocumentProfile, DocumentText, JsonDiff,
    JsonDiffOptions, UnifiedOptions, apply_json_patch, apply_merge_patch, apply_patch, json_diff,
    json_merge_patch, json_normalised, json_unified, parse_patch,
};
use sealdiff_fuzz::{Input, NO_CANCEL, document, edited, within_time};
use serde_json::Value;
use std::time::Instant;

/// None is an index: where items come and go, an ignored place is another item's (docs/json.md).
const POINTERS: [&[u8]; 6] = [
    b"/a",
    b"/**/b",
    b"/*/name",
    b"/k1/**",
    b"/**/a/**/name",
    b"/k0/*",
];

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let options = options(&mut input);
    let [old, new] = documents(input);
    check_reading(&old);
    let bytes = old.len() + new.len();
    let diff = within_time(
        "a diff of documents",
        |diff: &Result<JsonDiff, _>| bytes + diff.as_ref().map_or(0, |diff| diff.patch.len()),
        || json_diff(json(&old), json(&new), &options, &NO_CANCEL),
    );
    let Ok(diff) = diff else {
        assert!(
            normalised(&old, &options).is_err()
                || normalised(&new, &options).is_err()
                || matches!(diff, Err(DiffError::PatchTooLarge { .. }))
        );
        return;
    };
    check_patch(&diff, &old, &new, &options);
    check_merge_patch(&old, &new, &options);
    check_lines(&old, &new, &options);
});

fn options(input: &mut Input<'_>) -> JsonDiffOptions {
    let (bits, ignored) = (input.byte(), input.byte());
    let pointers = (0..POINTERS.len())
        .filter(|n| ignored >> n & 1 != 0)
        .map(|n| POINTERS[n]);
    let keys = if bits & 1 != 0 {
        vec![b"name".to_vec(), b"a".to_vec()]
    } else {
        Vec::new()
    };
    JsonDiffOptions {
        array_keys: keys,
        drop_nulls: bits & 2 != 0,
        with_tests: bits & 4 != 0,
        deadline: (bits & 8 != 0).then(Instant::now),
        ..JsonDiffOptions::default()
    }
    .ignoring(pointers)
    .expect("valid pointers")
}

/// Two documents: bytes as they are, or made of bytes; the second by itself, or an edited first.
fn documents(mut input: Input<'_>) -> [Vec<u8>; 2] {
    let shape = input.byte();
    let [old, new] = input.parts();
    let new = if shape & 1 != 0 {
        edited(old, new)
    } else {
        new.to_vec()
    };
    match shape & 2 {
        0 => [document(old), document(&new)],
        _ => [old.to_vec(), new],
    }
}

fn json(text: &[u8]) -> DocumentText<'_> {
    DocumentText {
        text,
        format: DocumentFormat::Json,
    }
}

fn normalised(text: &[u8], options: &JsonDiffOptions) -> Result<Vec<u8>, DiffError> {
    let bytes = |lines: &Result<Vec<u8>, _>| text.len() + lines.as_ref().map_or(0, Vec::len);
    within_time("normalising", bytes, || {
        json_normalised(json(text), options, &NO_CANCEL)
    })
}

/// What serde_json reads is read and nothing else, and the normalised text is the same document.
fn check_reading(text: &[u8]) {
    let ours = normalised(text, &JsonDiffOptions::default());
    if let Ok(lines) = &ours {
        assert_eq!(
            normalised(lines, &JsonDiffOptions::default()).as_ref(),
            Ok(lines)
        );
    }
    // serde_json knows neither lone surrogates nor byte order marks, nor depth.
    let is_plain = std::str::from_utf8(text).is_ok_and(|text| !text.starts_with('\u{FEFF}'))
        && !text
            .windows(3)
            .any(|bytes| matches!(bytes, [b'u', b'd' | b'D', _]))
        && text
            .iter()
            .filter(|byte| matches!(byte, b'[' | b'{'))
            .count()
            < 100;
    if is_plain {
        let theirs = serde_json::from_slice::<serde::de::IgnoredAny>(text);
        assert_eq!(ours.is_ok(), theirs.is_ok());
    }
}

/// The patch leads from old to new, as far as the options look; it is empty if and only if they are equal.
fn check_patch(diff: &JsonDiff, old: &[u8], new: &[u8], options: &JsonDiffOptions) {
    let wanted = normalised(new, options).expect("read before");
    let bytes = |patched: &Result<Vec<u8>, _>| {
        old.len() + diff.patch.len() + patched.as_ref().map_or(0, Vec::len)
    };
    let apply = || apply_json_patch(old, &diff.patch, &NO_CANCEL);
    let patched = within_time("applying a JSON Patch", bytes, apply).expect("made for it");
    let found = normalised(&patched, options).expect("JSON");
    assert_eq!(text(&found), text(&wanted), "{}", text(&diff.patch));
    let is_equal = normalised(old, options).as_ref() == Ok(&wanted);
    assert_eq!(diff.patch == b"[]", is_equal);
    let patch: Value = serde_json::from_slice(&diff.patch).unwrap_or_default();
    if let Value::Array(operations) = patch {
        let changes = operations
            .iter()
            .filter(|operation| operation["op"] != "test");
        let summary = diff.summary;
        assert_eq!(
            changes.count(),
            summary.added + summary.removed + summary.replaced
        );
    }
}

fn check_merge_patch(old: &[u8], new: &[u8], options: &JsonDiffOptions) {
    let make = || json_merge_patch(json(old), json(new), options, &NO_CANCEL);
    let patch = within_time("a merge patch", |_| old.len() + new.len(), make);
    if let Some(patch) = patch.expect("read before") {
        let apply = || apply_merge_patch(old, &patch, &NO_CANCEL);
        let merged =
            within_time("merging", |_| old.len() + patch.len(), apply).expect("made for it");
        let (found, wanted) = (normalised(&merged, options), normalised(new, options));
        assert_eq!(
            text(&found.expect("JSON")),
            text(&wanted.expect("read before"))
        );
        assert_eq!(apply_merge_patch(&merged, &patch, &NO_CANCEL), Ok(merged));
    }
}

/// The patch by lines leads from one normalised text to the other, in both profiles.
fn check_lines(old: &[u8], new: &[u8], options: &JsonDiffOptions) {
    for profile in [DocumentProfile::Exact, DocumentProfile::Flanksource] {
        let options = JsonDiffOptions {
            profile,
            ..options.clone()
        };
        let (before, after) = (normalised(old, &options), normalised(new, &options));
        let (before, after) = (before.expect("read before"), after.expect("read before"));
        let styles = (DiffOptions::default(), UnifiedOptions::default());
        let make = || {
            json_unified(
                json(old),
                json(new),
                &options,
                &styles.0,
                &styles.1,
                &NO_CANCEL,
            )
        };
        let patch = within_time(
            "a diff of documents by lines",
            |_| before.len() + after.len(),
            make,
        );
        let patch = patch.expect("read before");
        match &parse_patch(&patch).expect("our own")[..] {
            [] => assert_eq!(before, after),
            [patch] => assert_eq!(
                apply_patch(&before, patch, &ApplyOptions::default()),
                Ok(after)
            ),
            _ => panic!("one file"),
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("not UTF-8")
}
