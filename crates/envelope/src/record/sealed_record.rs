//! Sealed record, version 1: our compact binary record. Layout in docs/wire-format.md:
//! `0xD1 ‖ s ‖ created(4) ‖ suffix(s) ‖ nonce(24) ‖ ciphertext(n) ‖ tag(16)`.

use std::fmt;

use super::invalid;
use super::sealed_header::{MAX_HEADER_LEN_BYTES, RECORD_MAGIC, STREAM_MAGIC, SealedHeader};
use crate::aead::xaes::{NONCE_LEN_BYTES, TAG_LEN_BYTES};
use crate::error::EnvelopeError;

/// The most that a record is longer than its plaintext, in bytes.
pub const MAX_OVERHEAD_BYTES: usize = MAX_HEADER_LEN_BYTES + NONCE_LEN_BYTES + TAG_LEN_BYTES;

impl SealedHeader<'_> {
    /// Length of the record of `plaintext_len` bytes, in bytes.
    #[must_use]
    pub fn record_len(&self, plaintext_len: usize) -> usize {
        self.len() + NONCE_LEN_BYTES + plaintext_len + TAG_LEN_BYTES
    }

    /// Writes the header of a record at the beginning of `out`.
    pub(crate) fn write_for_record(&self, out: &mut [u8]) {
        self.write(RECORD_MAGIC, out);
    }
}

/// A record taken apart, nothing of it authenticated yet.
#[derive(Clone, Copy)]
pub struct SealedRecord<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) header: SealedHeader<'a>,
    pub(crate) header_bytes: &'a [u8],
    pub(crate) nonce: &'a [u8; NONCE_LEN_BYTES],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) tag: &'a [u8],
}

impl<'a> SealedRecord<'a> {
    /// Takes a record apart.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] for anything that no writer of version 1 produces.
    pub fn parse(record: &'a [u8]) -> Result<Self, EnvelopeError> {
        match *record.first().ok_or(invalid("it is empty"))? {
            RECORD_MAGIC => {}
            STREAM_MAGIC => return Err(invalid("it is a sealed stream, not a record")),
            b'{' => return Err(invalid("it is a DataRowRecord, not a sealed record")),
            _ => return Err(invalid("it is no sealed record of version 1")),
        }
        let truncated = invalid("it is truncated");
        let header = SealedHeader::read(record)?.ok_or(truncated.clone())?;
        let (header_bytes, body) = record.split_at(header.len());
        let (nonce, body) = body.split_first_chunk().ok_or(truncated.clone())?;
        let ciphertext_len = body.len().checked_sub(TAG_LEN_BYTES).ok_or(truncated)?;
        let (ciphertext, tag) = body.split_at(ciphertext_len);
        Ok(Self {
            bytes: record,
            header,
            header_bytes,
            nonce,
            ciphertext,
            tag,
        })
    }

    /// The whole record.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Which key the record names.
    #[must_use]
    pub fn header(&self) -> SealedHeader<'a> {
        self.header
    }

    /// Length of the plaintext in bytes.
    #[must_use]
    pub fn plaintext_len(&self) -> usize {
        self.ciphertext.len()
    }
}

impl fmt::Debug for SealedRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedRecord")
            .field("header", &self.header)
            .field("plaintext_len", &self.plaintext_len())
            .finish_non_exhaustive()
    }
}
