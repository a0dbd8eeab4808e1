//! The header that sealed records and sealed streams begin with: which key, in clear.
//! `magic ‖ s ‖ created(4) ‖ suffix(s)`. Knows nothing of what comes after it.

use super::invalid;
use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::partition::{MAX_SUFFIX_LEN_BYTES, is_suffix};

/// First byte of a sealed record: magic and version.
pub(super) const RECORD_MAGIC: u8 = 0xD1;
/// First byte of a sealed stream.
pub(super) const STREAM_MAGIC: u8 = 0xD2;
/// Magic, suffix length and creation time.
const FIXED_LEN_BYTES: usize = 6;
/// Longest header, in bytes.
pub(super) const MAX_HEADER_LEN_BYTES: usize = FIXED_LEN_BYTES + MAX_SUFFIX_LEN_BYTES;

/// Which key a record or stream names, authenticated with what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedHeader<'a> {
    /// The region suffix of the key's id.
    pub suffix: Option<&'a str>,
    /// The creation time of the intermediate key.
    pub created: Timestamp,
}

impl<'a> SealedHeader<'a> {
    /// Length of the header in bytes.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        FIXED_LEN_BYTES + self.suffix.map_or(0, str::len)
    }

    /// Writes the header at the beginning of `out`.
    pub(super) fn write(&self, magic: u8, out: &mut [u8]) {
        let suffix = self.suffix.unwrap_or("").as_bytes();
        out[0] = magic;
        out[1] = u8::try_from(suffix.len()).expect("a suffix is at most 32 bytes long");
        out[2..FIXED_LEN_BYTES].copy_from_slice(&self.created.unix_seconds().to_be_bytes());
        out[FIXED_LEN_BYTES..self.len()].copy_from_slice(suffix);
    }

    /// Reads the header at the beginning of `bytes`, whose first byte the caller has looked at;
    /// `None` if it goes on where they end.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] for a header that nobody writes.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Option<Self>, EnvelopeError> {
        let Some(&suffix_len) = bytes.get(1) else {
            return Ok(None);
        };
        let suffix_len = usize::from(suffix_len);
        if suffix_len > MAX_SUFFIX_LEN_BYTES {
            return Err(invalid("its region suffix is longer than 32 bytes"));
        }
        let Some(header) = bytes.get(..FIXED_LEN_BYTES + suffix_len) else {
            return Ok(None);
        };
        let (fixed, suffix) = header.split_at(FIXED_LEN_BYTES);
        let created = u32::from_be_bytes(fixed[2..].try_into().expect("6 - 2 = 4 bytes"));
        if created == 0 {
            return Err(invalid("it names no key"));
        }
        Ok(Some(Self {
            suffix: read_suffix(suffix)?,
            created: Timestamp::from_unix_seconds(created),
        }))
    }
}

fn read_suffix(bytes: &[u8]) -> Result<Option<&str>, EnvelopeError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let suffix = std::str::from_utf8(bytes)
        .ok()
        .filter(|suffix| is_suffix(suffix));
    suffix
        .ok_or(invalid("its region suffix is not printable ASCII"))
        .map(Some)
}
