//! The formats: key rows and data rows of Asherah, our compact sealed record and sealed stream, and
//! what each tells without a key.

mod base64;
mod data_row_record;
mod key_record;
mod named_key;
mod sealed_header;
mod sealed_record;
mod sealed_stream;
mod sealed_text;
mod summary;

pub(crate) use data_row_record::parent_json;
pub use data_row_record::{DataRowRecord, encoded_len};
pub use key_record::{EnvelopeKeyRecord, KeyMeta};
pub use named_key::NamedKey;
pub use sealed_header::SealedHeader;
pub use sealed_record::{MAX_OVERHEAD_BYTES, SealedRecord};
pub(crate) use sealed_stream::header_of_stream;
pub use sealed_stream::{MAX_START_LEN_BYTES, StreamLayout, StreamStart};
pub use sealed_text::{bytes_from_text, sealed_from_text, text_from_sealed, text_len};
pub use summary::{RecordFormat, RecordSummary, inspect};

use crate::error::EnvelopeError;

/// First character of a DataRowRecord; no sealed record or text of one begins with it.
fn is_json(record: &[u8]) -> bool {
    record.trim_ascii_start().first() == Some(&b'{')
}

fn invalid(reason: &'static str) -> EnvelopeError {
    EnvelopeError::RecordInvalid { reason }
}
