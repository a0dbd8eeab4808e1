//! What a record tells without a key.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::record::{self, RecordFormat};

use super::session::record_bytes;
use crate::error::finish;
use crate::guard::guard;

/// The answer of `inspect`.
#[napi(object, object_from_js = false)]
pub(crate) struct SummaryFields {
    pub format: &'static str,
    pub version: Option<u32>,
    pub key_id: Option<String>,
    pub key_created: u32,
    pub suffix: Option<String>,
    pub record_length: f64,
    pub plaintext_length: f64,
}

/// Reads the outside of a record.
#[napi(catch_unwind)]
pub(crate) fn inspect<'env>(env: &'env Env, record: Unknown<'env>) -> napi::Result<SummaryFields> {
    let outcome = guard(|| {
        let summary = record::inspect(&record_bytes(env, &record)?)?;
        let (format, version) = match summary.format {
            RecordFormat::DataRowRecord => ("data-row-record", None),
            RecordFormat::SealedRecord => ("sealed-record", Some(1)),
            RecordFormat::SealedStream => ("sealed-stream", Some(1)),
        };
        Ok(SummaryFields {
            format,
            version,
            key_id: summary.key_id,
            key_created: summary.key_created.unix_seconds(),
            suffix: summary.suffix,
            record_length: summary.record_len_bytes as f64,
            plaintext_length: summary.plaintext_len_bytes as f64,
        })
    });
    finish(env, outcome)
}
