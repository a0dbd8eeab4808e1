//! What the addon does for a call once its arguments have crossed the boundary: with a warm key, and with the
//! options that callers get when they give none.

use sealdiff_diff::{
    ApplyDeltaOptions, ApplyOptions, CancelFlag, DeltaOptions, DiffError, DiffOptions,
    DocumentFormat, DocumentText, JsonDiffOptions, UnifiedOptions,
};
use sealdiff_envelope::record::SealedRecord;
use sealdiff_envelope::{EnvelopeError, RecordKey};

use crate::warm::session;

/// `Session.sealSync`: `out` is 46 bytes longer than `data`.
///
/// # Errors
///
/// If the system gives no random bytes.
pub fn seal(data: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
    session().cached_writing_key()?.seal(data, b"", out)
}

/// `Session.unsealSync`: `out` is 46 bytes shorter than `record`.
///
/// # Errors
///
/// If it is no record of this process.
pub fn unseal(record: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
    let record = SealedRecord::parse(record)?;
    let key = session().cached_reading_key(RecordKey::Sealed(record.header()))?;
    key.unseal(&record, b"", out)
}

/// `Session.encryptSync`.
///
/// # Errors
///
/// If the system gives no random bytes.
pub fn encrypt(data: &[u8]) -> Result<String, EnvelopeError> {
    session()
        .cached_writing_key()?
        .encrypt(data, session().now())
}

/// `Differ.unifiedSync`.
///
/// # Errors
///
/// If the texts are too large.
pub fn unified(old: &[u8], new: &[u8]) -> Result<Vec<u8>, DiffError> {
    let options = (DiffOptions::default(), UnifiedOptions::default());
    sealdiff_diff::unified(old, new, &options.0, &options.1, &CancelFlag::new())
}

/// The patch of `Differ.jsonSync`, of JSON text.
///
/// # Errors
///
/// If one is no JSON text.
pub fn json(old: &[u8], new: &[u8]) -> Result<Vec<u8>, DiffError> {
    let document = |text| DocumentText {
        text,
        format: DocumentFormat::Json,
    };
    let options = JsonDiffOptions::default();
    let diff = sealdiff_diff::json_diff(document(old), document(new), &options, &CancelFlag::new());
    Ok(diff?.patch)
}

/// `deltaSync`.
///
/// # Errors
///
/// If the bytes are too many.
pub fn delta(old: &[u8], new: &[u8]) -> Result<Vec<u8>, DiffError> {
    sealdiff_diff::delta(old, new, &DeltaOptions::default(), &CancelFlag::new())
}

/// What `unified` wrote, applied.
///
/// # Errors
///
/// If it does not fit.
pub fn apply_unified(old: &[u8], patch: &[u8]) -> Result<Vec<u8>, DiffError> {
    match &sealdiff_diff::parse_patch(patch)?[..] {
        [patch] => sealdiff_diff::apply_patch(old, patch, &ApplyOptions::default()),
        _ => Ok(old.to_vec()),
    }
}

/// What `delta` wrote, applied.
///
/// # Errors
///
/// If it is none of `old`.
pub fn apply_delta(old: &[u8], delta: &[u8]) -> Result<Vec<u8>, DiffError> {
    sealdiff_diff::apply_delta(old, delta, &ApplyDeltaOptions::default())
}
