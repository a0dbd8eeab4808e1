//! Short forms for tests of documents.

use sealdiff_diff::{
    CancelFlag, DiffError, DiffOptions, DocumentFormat, DocumentText, Ignore, JsonDiff,
    JsonDiffOptions, UnifiedOptions, apply_json_patch, apply_merge_patch, json_diff,
    json_merge_patch, json_normalised, json_unified,
};

pub(crate) fn json(text: &(impl AsRef<[u8]> + ?Sized)) -> DocumentText<'_> {
    DocumentText {
        text: text.as_ref(),
        format: DocumentFormat::Json,
    }
}

pub(crate) fn yaml(text: &(impl AsRef<[u8]> + ?Sized)) -> DocumentText<'_> {
    DocumentText {
        text: text.as_ref(),
        format: DocumentFormat::Yaml,
    }
}

pub(crate) fn ignoring(pointers: &[&str]) -> JsonDiffOptions {
    JsonDiffOptions {
        ignore: Ignore::new(pointers.iter().map(|pointer| pointer.as_bytes())).expect("valid"),
        ..JsonDiffOptions::default()
    }
}

pub(crate) fn keyed(keys: &[&str]) -> JsonDiffOptions {
    JsonDiffOptions {
        array_keys: keys.iter().map(|key| key.as_bytes().to_vec()).collect(),
        ..JsonDiffOptions::default()
    }
}

pub(crate) fn try_diff(
    old: DocumentText<'_>,
    new: DocumentText<'_>,
    options: &JsonDiffOptions,
) -> Result<JsonDiff, DiffError> {
    json_diff(old, new, options, &CancelFlag::new())
}

pub(crate) fn diff_with(
    old: &(impl AsRef<[u8]> + ?Sized),
    new: &(impl AsRef<[u8]> + ?Sized),
    options: &JsonDiffOptions,
) -> JsonDiff {
    try_diff(json(old), json(new), options).expect("valid documents")
}

/// The patch between two JSON texts, as text.
pub(crate) fn patch(old: &str, new: &str) -> String {
    text(diff_with(old, new, &JsonDiffOptions::default()).patch)
}

pub(crate) fn patch_with(old: &str, new: &str, options: &JsonDiffOptions) -> String {
    text(diff_with(old, new, options).patch)
}

pub(crate) fn paths(old: &str, new: &str) -> String {
    text(diff_with(old, new, &JsonDiffOptions::default()).paths)
}

pub(crate) fn merge_patch(old: &str, new: &str) -> Option<String> {
    let options = JsonDiffOptions::default();
    let patch = json_merge_patch(json(old), json(new), &options, &CancelFlag::new());
    patch.expect("valid documents").map(text)
}

pub(crate) fn apply(document: &str, patch: &str) -> Result<String, DiffError> {
    apply_json_patch(document.as_bytes(), patch.as_bytes(), &CancelFlag::new()).map(text)
}

pub(crate) fn merge(document: &str, patch: &str) -> Result<String, DiffError> {
    apply_merge_patch(document.as_bytes(), patch.as_bytes(), &CancelFlag::new()).map(text)
}

/// Keys sorted, numbers as written, an indent of two.
pub(crate) fn normalised(document: DocumentText<'_>) -> Result<String, DiffError> {
    json_normalised(document, &JsonDiffOptions::default(), &CancelFlag::new()).map(text)
}

/// Normalised, but without indent and newlines; no string of the document may hold either.
pub(crate) fn compact(document: DocumentText<'_>) -> Result<String, DiffError> {
    let lines = normalised(document)?;
    let lines = lines
        .lines()
        .map(|line| line.trim_start().replace("\": ", "\":"));
    Ok(lines.collect())
}

pub(crate) fn unified(old: &str, new: &str, options: &JsonDiffOptions) -> String {
    let styles = (DiffOptions::default(), UnifiedOptions::default());
    let cancel = CancelFlag::new();
    let patch = json_unified(json(old), json(new), options, &styles.0, &styles.1, &cancel);
    text(patch.expect("valid documents"))
}

pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("results are UTF-8")
}
