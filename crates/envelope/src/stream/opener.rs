//! A sealed stream in, its data out, each chunk when it has been authenticated in its place.
//! Keeps less than a chunk of the stream.

use std::fmt;

use zeroize::Zeroize;

use crate::aead::cobblestone::{CHUNK_LEN_BYTES, SEALED_CHUNK_LEN_BYTES, TAG_LEN_BYTES};
use crate::error::EnvelopeError;
use crate::keys::{IntermediateKey, StreamKey};
use crate::record::StreamStart;

/// Opens a stream from its first chunk to its last.
pub struct StreamOpener {
    /// None once something failed: nothing more comes out.
    key: Option<StreamKey>,
    next_chunk: u64,
    /// Sealed bytes of the next chunk.
    pending: Vec<u8>,
}

impl StreamOpener {
    /// Begins to open the stream that begins so. Its chunks come next.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`] if `key` is not its key, or `aad` not what it was sealed
    /// with; [`EnvelopeError::RandomUnavailable`].
    pub fn new(
        key: &IntermediateKey,
        start: &StreamStart<'_>,
        aad: &[u8],
    ) -> Result<Self, EnvelopeError> {
        Ok(Self {
            key: Some(key.stream_key_of(start, aad)?),
            next_chunk: 0,
            pending: Vec::with_capacity(SEALED_CHUNK_LEN_BYTES),
        })
    }

    /// Length of the data that more of the stream, of that length, gives; in bytes.
    #[must_use]
    pub fn plaintext_len(&self, sealed_len: usize) -> usize {
        (self.pending.len() + sealed_len) / SEALED_CHUNK_LEN_BYTES * CHUNK_LEN_BYTES
    }

    /// Takes more of the stream, and writes the data of the chunks that it completes to `out`,
    /// which is [`Self::plaintext_len`] long. Linear.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`] if a chunk is altered or out of its place. `out` is then
    /// erased, and so is the key: every further call fails.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn open(&mut self, sealed: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        assert_eq!(
            out.len(),
            self.plaintext_len(sealed.len()),
            "out has the length of the data"
        );
        let opened = self.open_chunks(sealed, out);
        if opened.is_err() {
            out.zeroize();
            self.key = None;
        }
        opened
    }

    /// Length of the data at the end of the stream, once all of it was taken; in bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] if the last chunk is missing or can't be whole.
    pub fn end_len(&self) -> Result<usize, EnvelopeError> {
        let len = self.pending.len().checked_sub(TAG_LEN_BYTES);
        len.ok_or(EnvelopeError::RecordInvalid {
            reason: "it is truncated",
        })
    }

    /// Writes the data of the last chunk to `out`, which is [`Self::end_len`] long.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`], with `out` erased, if the chunk is altered, cut, or not the
    /// last one; that of [`Self::end_len`].
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn finish(self, out: &mut [u8]) -> Result<(), EnvelopeError> {
        assert_eq!(out.len(), self.end_len()?, "out has the length of the end");
        let key = self.key.ok_or(EnvelopeError::DecryptFailed)?;
        key.open(self.next_chunk, &self.pending, out)
    }

    fn open_chunks(&mut self, sealed: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        let key = self.key.as_ref().ok_or(EnvelopeError::DecryptFailed)?;
        let mut rest = sealed;
        for chunk in out.chunks_exact_mut(CHUNK_LEN_BYTES) {
            let (head, tail) = rest.split_at(SEALED_CHUNK_LEN_BYTES - self.pending.len());
            rest = tail;
            if self.pending.is_empty() {
                key.open(self.next_chunk, head, chunk)?;
            } else {
                self.pending.extend_from_slice(head);
                key.open(self.next_chunk, &self.pending, chunk)?;
                self.pending.clear();
            }
            self.next_chunk += 1;
        }
        self.pending.extend_from_slice(rest);
        Ok(())
    }
}

impl fmt::Debug for StreamOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOpener")
            .field("next_chunk", &self.next_chunk)
            .finish_non_exhaustive()
    }
}
