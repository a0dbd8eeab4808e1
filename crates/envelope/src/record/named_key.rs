//! The key that a record names, taken out of it. Nothing of it is authenticated.

use std::fmt;

use super::data_row_record::DataRowRecord;
use super::key_record::KeyMeta;
use super::sealed_record::SealedRecord;
use super::sealed_stream::{is_stream, read_header};
use super::{invalid, is_json};
use crate::clock::Timestamp;
use crate::error::EnvelopeError;

/// How a record of any format names its intermediate key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum NamedKey {
    /// By a sealed record or stream: the rest of the id is the session's.
    Sealed {
        /// The region suffix of the key's id.
        suffix: Option<String>,
        /// The creation time of the key.
        created: Timestamp,
    },
    /// By a DataRowRecord: the whole id.
    DataRow(KeyMeta),
}

impl NamedKey {
    /// Reads it from JSON text or sealed bytes, told apart by the first byte. Of a sealed stream the
    /// header is enough, at most 38 bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] if the record is none of these.
    pub fn of(record: &[u8]) -> Result<Self, EnvelopeError> {
        if is_json(record) {
            return DataRowRecord::parent_of(record).map(Self::DataRow);
        }
        let header = match is_stream(record) {
            true => read_header(record)?.ok_or(invalid("it is truncated"))?,
            false => SealedRecord::parse(record)?.header(),
        };
        Ok(Self::Sealed {
            suffix: header.suffix.map(str::to_owned),
            created: header.created,
        })
    }
}

impl fmt::Debug for NamedKey {
    /// Without the key id, which names a partition.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let created = match self {
            Self::Sealed { created, .. } => created,
            Self::DataRow(meta) => &meta.created,
        };
        f.debug_struct("NamedKey")
            .field("created", created)
            .finish_non_exhaustive()
    }
}
