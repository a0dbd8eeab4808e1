//! Sealed records under an intermediate key: from place to place, or in the memory that the data
//! came in. Knows no metastore, cache or clock.

use sealdiff_secure_memory::{WipedVec, wipe};

use super::intermediate_key::IntermediateKey;
use crate::aead::xaes::{NONCE_LEN_BYTES, TAG_LEN_BYTES, XaesKey};
use crate::error::EnvelopeError;
use crate::record::SealedRecord;

type Nonce = [u8; NONCE_LEN_BYTES];
type Tag = [u8; TAG_LEN_BYTES];

/// Header and additional data up to this length are joined on the stack.
const STACK_AAD_BYTES: usize = 256;

impl IntermediateKey {
    /// Length of the sealed record of `plaintext_len` bytes, in bytes.
    #[must_use]
    pub fn sealed_len(&self, plaintext_len: usize) -> usize {
        self.header().record_len(plaintext_len)
    }

    /// Writes the sealed record of `plaintext` to `out`, which is [`Self::sealed_len`] long.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`], [`EnvelopeError::DataTooLarge`]; `out` holds no plaintext.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn seal(&self, plaintext: &[u8], aad: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        let nonce = self.fresh_nonce()?;
        self.seal_with_nonce(&nonce, plaintext, aad, out)
    }

    /// The sealed record of `plaintext`, in the same memory if that has room for
    /// [`Self::sealed_len`] bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`], [`EnvelopeError::DataTooLarge`].
    pub fn seal_owned(
        &self,
        mut plaintext: WipedVec<u8>,
        aad: &[u8],
    ) -> Result<Vec<u8>, EnvelopeError> {
        let nonce = self.fresh_nonce()?;
        let (len, record_len) = (plaintext.len(), self.sealed_len(plaintext.len()));
        if plaintext.capacity() < record_len {
            let mut roomy = WipedVec::new(Vec::with_capacity(record_len));
            roomy.extend_from_slice(&plaintext);
            plaintext = roomy;
        }
        plaintext.resize(record_len, 0);
        plaintext.copy_within(..len, self.header().len() + NONCE_LEN_BYTES);
        // The plaintext lies where its ciphertext belongs.
        self.write_record(&nonce, aad, &mut plaintext, XaesKey::seal_in_place)?;
        Ok(plaintext.take())
    }

    /// [`Self::seal`] under a nonce of the caller's, for known-answer tests.
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`].
    pub(crate) fn seal_with_nonce(
        &self,
        nonce: &Nonce,
        plaintext: &[u8],
        aad: &[u8],
        out: &mut [u8],
    ) -> Result<(), EnvelopeError> {
        assert_eq!(
            out.len(),
            self.sealed_len(plaintext.len()),
            "out has the record's length"
        );
        self.write_record(nonce, aad, out, |key, nonce, aad, ciphertext| {
            key.seal(nonce, aad, plaintext, ciphertext)
        })
    }

    /// Writes a record around its ciphertext, which `seal` writes, giving the tag.
    fn write_record(
        &self,
        nonce: &Nonce,
        aad: &[u8],
        record: &mut [u8],
        seal: impl FnOnce(&XaesKey, &Nonce, &[u8], &mut [u8]) -> Result<Tag, EnvelopeError>,
    ) -> Result<(), EnvelopeError> {
        let header = self.header();
        header.write_for_record(record);
        let (header_bytes, rest) = record.split_at_mut(header.len());
        let (nonce_bytes, rest) = rest.split_at_mut(NONCE_LEN_BYTES);
        let (data, tag_bytes) = rest.split_at_mut(rest.len() - TAG_LEN_BYTES);
        nonce_bytes.copy_from_slice(nonce);
        let sealed = with_joined_aad(header_bytes, aad, |aad| {
            self.secret
                .with(|secret| seal(&secret.sealing_key, nonce, aad, data))
        });
        match sealed.flatten() {
            Ok(tag) => tag_bytes.copy_from_slice(&tag),
            Err(error) => {
                wipe(data);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Writes the plaintext of `record` to `out`, which is as long as the plaintext.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`] if the tag fails; `out` is then erased.
    /// [`EnvelopeError::Internal`] if the key was altered in memory.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn unseal(
        &self,
        record: &SealedRecord<'_>,
        aad: &[u8],
        out: &mut [u8],
    ) -> Result<(), EnvelopeError> {
        assert_eq!(
            out.len(),
            record.plaintext_len(),
            "out has the plaintext's length"
        );
        with_joined_aad(record.header_bytes, aad, |aad| {
            self.secret.with(|secret| {
                secret
                    .sealing_key
                    .open(record.nonce, aad, record.ciphertext, record.tag, out)
            })
        })?
        .map_err(|_forged| EnvelopeError::DecryptFailed)
    }

    /// The plaintext of `record`, in the same memory.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`] and those of [`Self::unseal`].
    pub fn unseal_owned(
        &self,
        mut record: WipedVec<u8>,
        aad: &[u8],
    ) -> Result<WipedVec<u8>, EnvelopeError> {
        let parsed = SealedRecord::parse(&record)?;
        let (header_len, nonce) = (parsed.header_bytes.len(), *parsed.nonce);
        let (data_at, len) = (header_len + NONCE_LEN_BYTES, parsed.plaintext_len());
        let (before, data) = record.split_at_mut(data_at);
        with_joined_aad(&before[..header_len], aad, |aad| {
            self.secret
                .with(|secret| secret.sealing_key.open_in_place(&nonce, aad, data))
        })?
        .map_err(|_forged| EnvelopeError::DecryptFailed)?;
        record.copy_within(data_at..data_at + len, 0);
        wipe(&mut record[len..]);
        record.truncate(len);
        Ok(record)
    }

    /// 192 random bits: unique for any number of records under one key.
    fn fresh_nonce(&self) -> Result<Nonce, EnvelopeError> {
        let mut nonce = [0; NONCE_LEN_BYTES];
        self.randomness.fill_nonce(&mut nonce)?;
        Ok(nonce)
    }
}

/// Calls `seal_or_open` with `header ‖ aad`, on the stack where it is short.
fn with_joined_aad<T>(header: &[u8], aad: &[u8], seal_or_open: impl FnOnce(&[u8]) -> T) -> T {
    let joined_len = header.len() + aad.len();
    if aad.is_empty() {
        seal_or_open(header)
    } else if joined_len <= STACK_AAD_BYTES {
        let mut joined = [0; STACK_AAD_BYTES];
        joined[..header.len()].copy_from_slice(header);
        joined[header.len()..joined_len].copy_from_slice(aad);
        seal_or_open(&joined[..joined_len])
    } else {
        seal_or_open(&[header, aad].concat())
    }
}
