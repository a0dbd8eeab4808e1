//! The key of one stream, derived from an intermediate key: seals and opens single chunks.
//! Knows not in which order they come.

use std::fmt;

use super::intermediate_key::IntermediateKey;
use super::protected_key::{ProtectedKey, Secret};
use crate::aead::cobblestone::{
    self, COMMITMENT_LEN_BYTES, Derivation, MessageKey, SALT_LEN_BYTES, SEED_LEN_BYTES,
    TAG_LEN_BYTES,
};
use crate::error::EnvelopeError;
use crate::record::{StreamStart, header_of_stream};
use crate::stats::Member;

/// Seals or opens the chunks of one stream. Where it lies, cached keys lie.
pub(crate) struct StreamKey {
    secret: ProtectedKey<MessageKey>,
    _counted: Member,
}

impl Secret for MessageKey {
    const SEED_LEN_BYTES: usize = SEED_LEN_BYTES;

    fn from_seed(seed: &[u8]) -> Self {
        Self::from_seed(seed)
    }
}

impl IntermediateKey {
    /// The key of a stream that is to be sealed, and the bytes before its first chunk.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`].
    pub(crate) fn new_stream_key(&self, aad: &[u8]) -> Result<(StreamKey, Vec<u8>), EnvelopeError> {
        let mut salt = [0; SALT_LEN_BYTES];
        // 192 random bits: unique for any number of streams under one key.
        aws_lc_rs::rand::fill(&mut salt)
            .map_err(|_unspecified| EnvelopeError::RandomUnavailable)?;
        self.stream_key_with_salt(&salt, aad)
    }

    /// [`Self::new_stream_key`] with a salt of the caller's, for known-answer tests.
    ///
    /// # Errors
    /// Those of [`Self::new_stream_key`].
    pub(crate) fn stream_key_with_salt(
        &self,
        salt: &[u8; SALT_LEN_BYTES],
        aad: &[u8],
    ) -> Result<(StreamKey, Vec<u8>), EnvelopeError> {
        let header = header_of_stream(self.header());
        let context = [&header[..], aad];
        let (key, commitment) = self.derive_stream_key(&Derivation { salt, context })?;
        Ok((key, [&header[..], salt, &commitment].concat()))
    }

    /// The key of the stream that begins so, once its commitment has said that it is.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`] if this is not its key or place, or `aad` not the one it
    /// was sealed with; [`EnvelopeError::RandomUnavailable`].
    pub(crate) fn stream_key_of(
        &self,
        start: &StreamStart<'_>,
        aad: &[u8],
    ) -> Result<StreamKey, EnvelopeError> {
        let derivation = Derivation {
            salt: start.salt,
            context: [start.header_bytes, aad],
        };
        let (key, commitment) = self.derive_stream_key(&derivation)?;
        if !cobblestone::is_committed(&commitment, start.commitment) {
            return Err(EnvelopeError::DecryptFailed);
        }
        Ok(key)
    }

    fn derive_stream_key(
        &self,
        derivation: &Derivation<'_>,
    ) -> Result<(StreamKey, [u8; COMMITMENT_LEN_BYTES]), EnvelopeError> {
        let memory = self.secret.memory();
        let mut commitment = [0; COMMITMENT_LEN_BYTES];
        let secret = self.secret.with(|own| {
            memory.protect(|seed| {
                commitment = derivation.derive(&own.stream_key(self.context()), seed);
                Ok(())
            })
        })??;
        let key = StreamKey {
            secret,
            _counted: memory.count_stream_key(),
        };
        Ok((key, commitment))
    }
}

impl StreamKey {
    /// Writes `ciphertext ‖ tag` of chunk `index`, whose plaintext stands in `out` but for its last
    /// 16 bytes. No index may be sealed twice.
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`] from chunk 2³⁸ on; [`EnvelopeError::Internal`].
    pub(crate) fn seal_in_place(&self, index: u64, out: &mut [u8]) -> Result<(), EnvelopeError> {
        let (chunk, tag_bytes) = out.split_at_mut(out.len() - TAG_LEN_BYTES);
        let tag = self.secret.with(|own| own.seal_chunk(index, chunk))??;
        tag_bytes.copy_from_slice(&tag);
        Ok(())
    }

    /// Writes the plaintext of chunk `index` to `out`, which is 16 bytes shorter.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`], with `out` erased; [`EnvelopeError::Internal`].
    pub(crate) fn open(
        &self,
        index: u64,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<(), EnvelopeError> {
        self.secret
            .with(|own| own.open_chunk(index, sealed, out))?
            .map_err(|_forged| EnvelopeError::DecryptFailed)
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKey(redacted)")
    }
}
