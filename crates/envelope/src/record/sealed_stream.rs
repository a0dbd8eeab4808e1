//! Sealed stream, version 1: what lies where. Layout in docs/wire-format.md:
//! `0xD2 ‖ s ‖ created(4) ‖ suffix(s) ‖ salt(24) ‖ commitment(32) ‖ chunks`. Knows no key.

use std::fmt;
use std::ops::Range;

use super::invalid;
use super::sealed_header::{MAX_HEADER_LEN_BYTES, RECORD_MAGIC, STREAM_MAGIC, SealedHeader};
use crate::aead::cobblestone::{
    CHUNK_LEN_BYTES, COMMITMENT_LEN_BYTES, MAX_CHUNKS, SALT_LEN_BYTES, SEALED_CHUNK_LEN_BYTES,
    TAG_LEN_BYTES,
};
use crate::error::EnvelopeError;

/// Salt and commitment.
const AFTER_HEADER_LEN_BYTES: usize = SALT_LEN_BYTES + COMMITMENT_LEN_BYTES;
/// Longest part before the first chunk, in bytes.
pub const MAX_START_LEN_BYTES: usize = MAX_HEADER_LEN_BYTES + AFTER_HEADER_LEN_BYTES;

const CHUNK_LEN: u64 = CHUNK_LEN_BYTES as u64;
const SEALED_CHUNK_LEN: u64 = SEALED_CHUNK_LEN_BYTES as u64;
const TAG_LEN: u64 = TAG_LEN_BYTES as u64;

/// What stands before the first chunk, nothing of it authenticated yet.
#[derive(Clone, Copy)]
pub struct StreamStart<'a> {
    pub(crate) header: SealedHeader<'a>,
    pub(crate) header_bytes: &'a [u8],
    pub(crate) salt: &'a [u8; SALT_LEN_BYTES],
    pub(crate) commitment: &'a [u8; COMMITMENT_LEN_BYTES],
}

impl<'a> StreamStart<'a> {
    /// Reads the beginning of a stream; `None` if it goes on where `bytes` end, which is never
    /// past [`MAX_START_LEN_BYTES`].
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] for anything that no writer of version 1 produces.
    pub fn read(bytes: &'a [u8]) -> Result<Option<Self>, EnvelopeError> {
        let Some(header) = read_header(bytes)? else {
            return Ok(None);
        };
        let (header_bytes, rest) = bytes.split_at(header.len());
        let Some((salt, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        Ok(rest.first_chunk().map(|commitment| Self {
            header,
            header_bytes,
            salt,
            commitment,
        }))
    }

    /// Which key the stream names.
    #[must_use]
    pub fn header(&self) -> SealedHeader<'a> {
        self.header
    }

    /// Length in bytes: where the first chunk begins.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.header_bytes.len() + AFTER_HEADER_LEN_BYTES
    }
}

impl fmt::Debug for StreamStart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamStart")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// The header at the beginning of a stream; `None` if it goes on where `bytes` end.
///
/// # Errors
/// [`EnvelopeError::RecordInvalid`] if the bytes begin anything but a stream.
pub(super) fn read_header(bytes: &[u8]) -> Result<Option<SealedHeader<'_>>, EnvelopeError> {
    match bytes.first() {
        None => Ok(None),
        Some(&STREAM_MAGIC) => SealedHeader::read(bytes),
        Some(&RECORD_MAGIC) => Err(invalid("it is a sealed record, not a stream")),
        Some(b'{') => Err(invalid("it is a DataRowRecord, not a sealed stream")),
        Some(_) => Err(invalid("it is no sealed stream of version 1")),
    }
}

/// Whether the bytes begin as a stream does.
pub(super) fn is_stream(bytes: &[u8]) -> bool {
    bytes.first() == Some(&STREAM_MAGIC)
}

/// The header of a stream that is being written.
pub(crate) fn header_of_stream(header: SealedHeader<'_>) -> Vec<u8> {
    let mut bytes = vec![0; header.len()];
    header.write(STREAM_MAGIC, &mut bytes);
    bytes
}

/// Where the chunks of a stream of a given length lie. All numbers are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLayout {
    start_len: u64,
    stream_len: u64,
}

impl StreamLayout {
    /// The layout of a stream of `stream_len` bytes, of which `start_len` are before the first
    /// chunk.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] for a length that no stream has.
    pub fn new(start_len: usize, stream_len: u64) -> Result<Self, EnvelopeError> {
        let start_len = start_len as u64;
        let chunks_len = stream_len
            .checked_sub(start_len)
            .ok_or(invalid("it is truncated"))?;
        if chunks_len % SEALED_CHUNK_LEN < TAG_LEN {
            return Err(invalid("it is truncated"));
        }
        if chunks_len / SEALED_CHUNK_LEN >= MAX_CHUNKS {
            return Err(invalid("it has more than 2³⁸ chunks"));
        }
        Ok(Self {
            start_len,
            stream_len,
        })
    }

    /// The number of the last chunk, from 0. It is the short one.
    #[must_use]
    pub fn last_chunk(&self) -> u64 {
        (self.stream_len - self.start_len) / SEALED_CHUNK_LEN
    }

    /// Length of the plaintext, if the stream is as long as it says.
    #[must_use]
    pub fn plaintext_len(&self) -> u64 {
        self.plaintext_len_of(&(0..self.last_chunk() + 1))
    }

    /// Where in the stream those chunks lie.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`] if it has no such chunks.
    pub fn place_of(&self, chunks: &Range<u64>) -> Result<Range<u64>, EnvelopeError> {
        if chunks.start > chunks.end || chunks.end > self.last_chunk() + 1 {
            return Err(EnvelopeError::InvalidArgument {
                name: "chunks",
                requirement: "must be chunks of the stream",
            });
        }
        let begin = |chunk: u64| (self.start_len + chunk * SEALED_CHUNK_LEN).min(self.stream_len);
        Ok(begin(chunks.start)..begin(chunks.end))
    }

    /// Length of the plaintext of chunks that it has.
    pub(crate) fn plaintext_len_of(&self, chunks: &Range<u64>) -> u64 {
        let last_len = (self.stream_len - self.start_len) % SEALED_CHUNK_LEN - TAG_LEN;
        let end = |chunk: u64| match chunk > self.last_chunk() {
            true => self.last_chunk() * CHUNK_LEN + last_len,
            false => chunk * CHUNK_LEN,
        };
        end(chunks.end) - end(chunks.start)
    }
}

/// Plaintext in as many bytes after the start as there are, also where they end within a chunk.
pub(super) fn plaintext_len_within(chunks_len: usize) -> usize {
    let rest = chunks_len % SEALED_CHUNK_LEN_BYTES;
    chunks_len / SEALED_CHUNK_LEN_BYTES * CHUNK_LEN_BYTES + rest.saturating_sub(TAG_LEN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_no_stream_has_are_refused() {
        for len in [
            0,
            61,
            62,
            77,
            62 + 16_400,
            62 + 16_415,
            62 + (MAX_CHUNKS * 16_400) + 16,
        ] {
            assert!(StreamLayout::new(62, len).is_err(), "{len}");
        }
        for len in [78, 62 + 16_399, 62 + 16_416, 62 + (MAX_CHUNKS * 16_400) - 1] {
            assert!(StreamLayout::new(62, len).is_ok(), "{len}");
        }
    }

    #[test]
    fn chunks_lie_where_the_document_says() {
        let layout = StreamLayout::new(62, 62 + 2 * 16_400 + 21).unwrap();
        assert_eq!(layout.last_chunk(), 2);
        assert_eq!(layout.plaintext_len(), 2 * 16_384 + 5);
        assert_eq!(layout.place_of(&(0..1)).unwrap(), 62..16_462);
        assert_eq!(layout.place_of(&(1..3)).unwrap(), 16_462..32_883);
        assert_eq!(layout.plaintext_len_of(&(1..3)), 16_389);
        assert!(layout.place_of(&(2..4)).is_err());
    }

    #[test]
    fn the_longest_plaintext_has_the_length_of_the_cipher() {
        let layout = StreamLayout::new(62, 62 + (MAX_CHUNKS * 16_400) - 1).unwrap();
        assert_eq!(
            layout.plaintext_len(),
            crate::aead::cobblestone::MAX_PLAINTEXT_LEN_BYTES
        );
    }
}
