//! What a record tells without a key.

use std::fmt;

use super::data_row_record::DataRowRecord;
use super::key_record::KeyMeta;
use super::sealed_record::SealedRecord;
use super::sealed_stream::{StreamStart, is_stream, plaintext_len_within};
use super::{invalid, is_json};
use crate::aead::cobblestone::TAG_LEN_BYTES;
use crate::aead::gcm;
use crate::clock::Timestamp;
use crate::error::EnvelopeError;

/// Which of the formats a record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    /// Asherah's JSON.
    DataRowRecord,
    /// Our compact record, version 1.
    SealedRecord,
    /// Our stream, version 1.
    SealedStream,
}

/// What a record says of itself; nothing of it is authenticated.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordSummary {
    /// The record's format.
    pub format: RecordFormat,
    /// Creation time of the intermediate key.
    pub key_created: Timestamp,
    /// Id of the intermediate key; a sealed record doesn't hold one.
    pub key_id: Option<String>,
    /// Region suffix; a DataRowRecord has it inside the key id.
    pub suffix: Option<String>,
    /// Length of the record in bytes; of a stream, of as much of it as was given.
    pub record_len_bytes: usize,
    /// Length of the plaintext in bytes; of a stream, of as much of it as was given.
    pub plaintext_len_bytes: usize,
}

impl fmt::Debug for RecordSummary {
    /// Without the key id, which names a partition.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordSummary")
            .field("format", &self.format)
            .field("key_created", &self.key_created)
            .field("suffix", &self.suffix)
            .field("record_len_bytes", &self.record_len_bytes)
            .field("plaintext_len_bytes", &self.plaintext_len_bytes)
            .finish_non_exhaustive()
    }
}

/// Reads a record's outside: JSON text or sealed bytes, told apart by the first byte. Of a stream
/// its beginning is enough: what comes before its first chunk, and a tag.
///
/// # Errors
/// [`EnvelopeError::RecordInvalid`] if it is none of these.
pub fn inspect(record: &[u8]) -> Result<RecordSummary, EnvelopeError> {
    if is_json(record) {
        inspect_data_row_record(record)
    } else if is_stream(record) {
        inspect_sealed_stream(record)
    } else {
        inspect_sealed_record(record)
    }
}

fn inspect_data_row_record(text: &[u8]) -> Result<RecordSummary, EnvelopeError> {
    let record = DataRowRecord::from_json(text)?;
    let KeyMeta { id, created } = record.parent;
    Ok(RecordSummary {
        format: RecordFormat::DataRowRecord,
        key_created: created,
        key_id: Some(id),
        suffix: None,
        record_len_bytes: text.len(),
        plaintext_len_bytes: record
            .data
            .len()
            .checked_sub(gcm::OVERHEAD_BYTES)
            .ok_or(invalid("its data is truncated"))?,
    })
}

fn inspect_sealed_record(bytes: &[u8]) -> Result<RecordSummary, EnvelopeError> {
    let record = SealedRecord::parse(bytes)?;
    Ok(RecordSummary {
        format: RecordFormat::SealedRecord,
        key_created: record.header.created,
        key_id: None,
        suffix: record.header.suffix.map(str::to_owned),
        record_len_bytes: bytes.len(),
        plaintext_len_bytes: record.plaintext_len(),
    })
}

fn inspect_sealed_stream(bytes: &[u8]) -> Result<RecordSummary, EnvelopeError> {
    let truncated = invalid("it is truncated");
    let start = StreamStart::read(bytes)?.ok_or(truncated.clone())?;
    let chunks_len = bytes.len() - start.len();
    if chunks_len < TAG_LEN_BYTES {
        return Err(truncated);
    }
    Ok(RecordSummary {
        format: RecordFormat::SealedStream,
        key_created: start.header.created,
        key_id: None,
        suffix: start.header.suffix.map(str::to_owned),
        record_len_bytes: bytes.len(),
        plaintext_len_bytes: plaintext_len_within(chunks_len),
    })
}
