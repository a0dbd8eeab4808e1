//! YAML: what is read is the same document as the JSON that it is written as.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{
    DiffError, DocumentFormat, DocumentText, JsonDiff, JsonDiffOptions, json_diff, json_normalised,
};
use sealdiff_fuzz::{Input, NO_CANCEL, texts, within_time};

fuzz_target!(|data: &[u8]| {
    let [text] = texts(Input::new(data));
    let (options, yaml) = (
        JsonDiffOptions::default(),
        document(&text, DocumentFormat::Yaml),
    );
    let bytes = |lines: &Result<Vec<u8>, _>| text.len() + lines.as_ref().map_or(0, Vec::len);
    let read = || json_normalised(yaml, &options, &NO_CANCEL);
    let Ok(lines) = within_time("normalising YAML", bytes, read) else {
        return;
    };
    let json = document(&lines, DocumentFormat::Json);
    assert_eq!(
        json_normalised(json, &options, &NO_CANCEL).as_ref(),
        Ok(&lines)
    );
    let diff = |old, new| -> Result<JsonDiff, DiffError> {
        within_time(
            "a diff",
            |_| text.len() + lines.len(),
            || json_diff(old, new, &options, &NO_CANCEL),
        )
    };
    assert_eq!(diff(yaml, json).expect("read before").patch, b"[]");
    assert_eq!(diff(json, yaml).expect("read before").patch, b"[]");
});

fn document(text: &[u8], format: DocumentFormat) -> DocumentText<'_> {
    DocumentText { text, format }
}
