//! Sealed record, version 1: our compact binary record. Layout in docs/wire-format.md:
//! `0xD1 ‖ s ‖ created(4) ‖ suffix(s) ‖ nonce(24) ‖ ciphertext(n) ‖ tag(16)`.

use std::fmt;

use super::invalid;
use crate::aead::xaes::{NONCE_LEN_BYTES, TAG_LEN_BYTES};
use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::partition::{MAX_SUFFIX_LEN_BYTES, is_suffix};

/// First byte: magic and version.
const MAGIC: u8 = 0xD1;
/// First byte of a sealed stream, told apart so that its error can say what it is.
const STREAM_MAGIC: u8 = 0xD2;
/// Magic, suffix length and creation time.
const FIXED_HEADER_LEN_BYTES: usize = 6;
/// Longest header, in bytes.
const MAX_HEADER_LEN_BYTES: usize = FIXED_HEADER_LEN_BYTES + MAX_SUFFIX_LEN_BYTES;
/// The most that a record is longer than its plaintext, in bytes.
pub const MAX_OVERHEAD_BYTES: usize = MAX_HEADER_LEN_BYTES + NONCE_LEN_BYTES + TAG_LEN_BYTES;

/// The part before the nonce: which key, in clear, authenticated as additional data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedRecordHeader<'a> {
    /// The region suffix of the key's id.
    pub suffix: Option<&'a str>,
    /// The creation time of the intermediate key.
    pub created: Timestamp,
}

impl SealedRecordHeader<'_> {
    /// Length of the header in bytes.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        FIXED_HEADER_LEN_BYTES + self.suffix.map_or(0, str::len)
    }

    /// Length of the record of `plaintext_len` bytes, in bytes.
    #[must_use]
    pub fn record_len(&self, plaintext_len: usize) -> usize {
        self.len() + NONCE_LEN_BYTES + plaintext_len + TAG_LEN_BYTES
    }

    /// Writes the header at the beginning of `out`.
    pub(crate) fn write(&self, out: &mut [u8]) {
        let suffix = self.suffix.unwrap_or("").as_bytes();
        out[0] = MAGIC;
        out[1] = u8::try_from(suffix.len()).expect("a suffix is at most 32 bytes long");
        out[2..FIXED_HEADER_LEN_BYTES].copy_from_slice(&self.created.unix_seconds().to_be_bytes());
        out[FIXED_HEADER_LEN_BYTES..self.len()].copy_from_slice(suffix);
    }
}

/// A record taken apart, nothing of it authenticated yet.
#[derive(Clone, Copy)]
pub struct SealedRecord<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) header: SealedRecordHeader<'a>,
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
        let (&magic, _) = record.split_first().ok_or(invalid("it is empty"))?;
        match magic {
            MAGIC => {}
            STREAM_MAGIC => return Err(invalid("it is a sealed stream, not a record")),
            b'{' => return Err(invalid("it is a DataRowRecord, not a sealed record")),
            _ => return Err(invalid("it is no sealed record of version 1")),
        }
        let truncated = invalid("it is truncated");
        let suffix_len = usize::from(*record.get(1).ok_or(truncated.clone())?);
        if suffix_len > MAX_SUFFIX_LEN_BYTES {
            return Err(invalid("its region suffix is longer than 32 bytes"));
        }
        let (header_bytes, body) = record
            .split_at_checked(FIXED_HEADER_LEN_BYTES + suffix_len)
            .ok_or(truncated.clone())?;
        let (nonce, body) = body.split_first_chunk().ok_or(truncated.clone())?;
        let ciphertext_len = body.len().checked_sub(TAG_LEN_BYTES).ok_or(truncated)?;
        let (ciphertext, tag) = body.split_at(ciphertext_len);
        let header = parse_header(header_bytes)?;
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
    pub fn header(&self) -> SealedRecordHeader<'a> {
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

fn parse_header(bytes: &[u8]) -> Result<SealedRecordHeader<'_>, EnvelopeError> {
    let (fixed, suffix) = bytes.split_at(FIXED_HEADER_LEN_BYTES);
    let created = u32::from_be_bytes(fixed[2..].try_into().expect("6 - 2 = 4 bytes"));
    if created == 0 {
        return Err(invalid("it names no key"));
    }
    let suffix = match suffix {
        [] => None,
        bytes => Some(
            std::str::from_utf8(bytes)
                .ok()
                .filter(|suffix| is_suffix(suffix))
                .ok_or(invalid("its region suffix is not printable ASCII"))?,
        ),
    };
    Ok(SealedRecordHeader {
        suffix,
        created: Timestamp::from_unix_seconds(created),
    })
}
