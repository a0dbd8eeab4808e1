//! The formats: key rows and data rows of Asherah, our compact sealed record, and what each tells
//! without a key.

mod base64;
mod data_row_record;
mod key_record;
mod sealed_record;
mod summary;

pub(crate) use data_row_record::parent_json;
pub use data_row_record::{DataRowRecord, encoded_len};
pub use key_record::{EnvelopeKeyRecord, KeyMeta};
pub use sealed_record::{MAX_HEADER_LEN_BYTES, SealedRecord, SealedRecordHeader};
pub use summary::{RecordFormat, RecordSummary, inspect};

use crate::error::EnvelopeError;

fn invalid(reason: &'static str) -> EnvelopeError {
    EnvelopeError::RecordInvalid { reason }
}
