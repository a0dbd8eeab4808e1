//! Chunks of a sealed stream in any order, for parts of it.

use std::ops::Range;

use zeroize::Zeroize;

use crate::aead::cobblestone::{CHUNK_LEN_BYTES, SEALED_CHUNK_LEN_BYTES};
use crate::error::EnvelopeError;
use crate::keys::{IntermediateKey, StreamKey};
use crate::record::{StreamLayout, StreamStart};

/// Opens chunks of a stream whose length is known, though not authenticated until its last chunk
/// has been opened: only there the stream can end.
#[derive(Debug)]
pub struct ChunkReader {
    key: StreamKey,
    layout: StreamLayout,
}

impl ChunkReader {
    /// Begins to read the stream that begins so.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`] if `key` is not its key, or `aad` not what it was sealed
    /// with; [`EnvelopeError::RandomUnavailable`].
    pub fn new(
        key: &IntermediateKey,
        start: &StreamStart<'_>,
        layout: StreamLayout,
        aad: &[u8],
    ) -> Result<Self, EnvelopeError> {
        let key = key.stream_key_of(start, aad)?;
        Ok(Self { key, layout })
    }

    /// Length of the data of those chunks, in bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`] if the stream has no such chunks, or `sealed_len` is not
    /// their length.
    pub fn plaintext_len(
        &self,
        chunks: &Range<u64>,
        sealed_len: usize,
    ) -> Result<usize, EnvelopeError> {
        let place = self.layout.place_of(chunks)?;
        if place.end - place.start != sealed_len as u64 {
            return Err(EnvelopeError::InvalidArgument {
                name: "sealed",
                requirement: "must be as long as its chunks",
            });
        }
        let len = self.layout.plaintext_len_of(chunks);
        Ok(usize::try_from(len).expect("it is shorter than what is in memory"))
    }

    /// Writes the data of those chunks, which `sealed` is all of, to `out`, which is
    /// [`Self::plaintext_len`] long. Linear.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`], with `out` erased, if a chunk is altered or out of its
    /// place; those of [`Self::plaintext_len`].
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn open(
        &self,
        chunks: &Range<u64>,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<(), EnvelopeError> {
        let len = self.plaintext_len(chunks, sealed.len())?;
        assert_eq!(out.len(), len, "out has the length of the data");
        let opened = self.open_each(chunks, sealed, out);
        opened.inspect_err(|_failed| out.zeroize())
    }

    fn open_each(
        &self,
        chunks: &Range<u64>,
        sealed: &[u8],
        mut out: &mut [u8],
    ) -> Result<(), EnvelopeError> {
        let each = chunks.clone().zip(sealed.chunks(SEALED_CHUNK_LEN_BYTES));
        for (index, chunk) in each {
            // The last chunk of the stream may be empty, and is opened all the same.
            let (head, tail) = out.split_at_mut(out.len().min(CHUNK_LEN_BYTES));
            self.key.open(index, chunk, head)?;
            out = tail;
        }
        Ok(())
    }
}
