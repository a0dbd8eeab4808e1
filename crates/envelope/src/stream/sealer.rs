//! Data in, a sealed stream out. Keeps less than a chunk of the data.

use std::fmt;

use sealdiff_secure_memory::{WipedVec, wipe};

use crate::aead::cobblestone::{CHUNK_LEN_BYTES, SEALED_CHUNK_LEN_BYTES, TAG_LEN_BYTES};
use crate::error::EnvelopeError;
use crate::keys::{IntermediateKey, StreamKey};

/// Seals a stream from its beginning to its end. Dropped half-way it erases what it has.
pub struct StreamSealer {
    key: StreamKey,
    /// What comes before the first chunk, until it is given out.
    start: Vec<u8>,
    next_chunk: u64,
    /// Data of the next chunk. It has its room from the beginning: growing would leave copies.
    pending: WipedVec<u8>,
}

impl StreamSealer {
    /// Begins a stream, which opens with the same `aad` alone.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`].
    pub fn new(key: &IntermediateKey, aad: &[u8]) -> Result<Self, EnvelopeError> {
        key.new_stream_key(aad)
            .map(|(key, start)| Self::with_key(key, start))
    }

    pub(crate) fn with_key(key: StreamKey, start: Vec<u8>) -> Self {
        Self {
            key,
            start,
            next_chunk: 0,
            pending: WipedVec::new(Vec::with_capacity(CHUNK_LEN_BYTES)),
        }
    }

    /// How much of the stream more data of that length completes, in bytes.
    #[must_use]
    pub fn sealed_len(&self, data_len: usize) -> usize {
        let chunks = (self.pending.len() + data_len) / CHUNK_LEN_BYTES;
        self.start.len() + chunks * SEALED_CHUNK_LEN_BYTES
    }

    /// Takes more data, and writes what it completes to `out`, which is [`Self::sealed_len`] long.
    /// Linear.
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`] past 2³⁸ chunks; [`EnvelopeError::Internal`] if the key was
    /// altered in memory. The stream can't be completed then.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn seal(&mut self, data: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        assert_eq!(
            out.len(),
            self.sealed_len(data.len()),
            "out has the length of what the data completes"
        );
        let (mut rest, chunks) = (data, self.write_start(out));
        for sealed in chunks.chunks_exact_mut(SEALED_CHUNK_LEN_BYTES) {
            let (head, tail) = rest.split_at(CHUNK_LEN_BYTES - self.pending.len());
            self.seal_chunk(head, sealed)?;
            rest = tail;
        }
        self.pending.extend_from_slice(rest);
        Ok(())
    }

    /// Length of the end of the stream, in bytes.
    #[must_use]
    pub fn end_len(&self) -> usize {
        self.start.len() + self.pending.len() + TAG_LEN_BYTES
    }

    /// Writes the end of the stream to `out`, which is [`Self::end_len`] long: the last chunk,
    /// shorter than the others, perhaps empty.
    ///
    /// # Errors
    /// Those of [`Self::seal`].
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn finish(mut self, out: &mut [u8]) -> Result<(), EnvelopeError> {
        assert_eq!(out.len(), self.end_len(), "out has the length of the end");
        let sealed = self.write_start(out);
        self.seal_chunk(&[], sealed)
    }

    /// Writes what comes before the first chunk, once; gives the rest of `out`.
    fn write_start<'a>(&mut self, out: &'a mut [u8]) -> &'a mut [u8] {
        let start = std::mem::take(&mut self.start);
        let (before, chunks) = out.split_at_mut(start.len());
        before.copy_from_slice(&start);
        chunks
    }

    /// Seals what is pending and `head` as the next chunk.
    fn seal_chunk(&mut self, head: &[u8], sealed: &mut [u8]) -> Result<(), EnvelopeError> {
        let (pending, rest) = sealed.split_at_mut(self.pending.len());
        pending.copy_from_slice(&self.pending);
        rest[..head.len()].copy_from_slice(head);
        wipe(&mut self.pending);
        self.pending.clear();
        // Counted before it is sealed: a chunk that fails half-way is never sealed again.
        let index = self.next_chunk;
        self.next_chunk += 1;
        self.key.seal_in_place(index, sealed)
    }
}

impl fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSealer")
            .field("next_chunk", &self.next_chunk)
            .finish_non_exhaustive()
    }
}
