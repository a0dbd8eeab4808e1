//! An intermediate key in memory, and the four operations on records that it serves; the keys of
//! streams are derived from it next door.
//! Knows no metastore, cache or clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::hierarchy::RecordKey;
use super::protected_key::ProtectedKey;
use super::secrets::IntermediateSecret;
use super::slot::CachedKey;
use crate::aead::gcm;
use crate::aead::xaes::NONCE_LEN_BYTES;
use crate::clock::Timestamp;
use crate::error::{EnvelopeError, KeyLevel};
use crate::policy::CryptoPolicy;
use crate::record::{DataRowRecord, KeyMeta, SealedHeader, SealedRecord, parent_json};
use crate::secret::SecretKey;

/// Wraps under one key after which it counts as expired: a quarter of the 2³² that SP 800-38D
/// (section 8.3) allows with random nonces, because every process counts only its own.
const WRAP_LIMIT: u64 = 1 << 30;

/// Header and additional data up to this length are joined on the stack.
const STACK_AAD_BYTES: usize = 256;

/// One version of a partition's intermediate key.
pub struct IntermediateKey {
    meta: KeyMeta,
    suffix: Option<String>,
    parent: KeyMeta,
    is_revoked: bool,
    is_parent_revoked: bool,
    vouched_at: Duration,
    secret: ProtectedKey<IntermediateSecret>,
    context: Box<[u8]>,
    /// `ParentKeyMeta` of every DataRowRecord under this key.
    meta_json: String,
    /// Data row keys wrapped by this process, over all states of this version.
    wraps: Arc<AtomicU64>,
}

/// What is known of a key besides its secret.
pub(crate) struct KeyFacts {
    pub(crate) meta: KeyMeta,
    pub(crate) suffix: Option<String>,
    /// What keys are derived from it for: [`crate::Partition::derivation_context`].
    pub(crate) context: Vec<u8>,
    pub(crate) parent: KeyMeta,
    pub(crate) is_revoked: bool,
    pub(crate) is_parent_revoked: bool,
    /// Monotonic time of the KMS call that unwrapped the parent.
    pub(crate) vouched_at: Duration,
    pub(crate) wraps: Arc<AtomicU64>,
}

impl IntermediateKey {
    /// The key with that secret, whose sealing key is its partition's.
    pub(super) fn new(secret: ProtectedKey<IntermediateSecret>, facts: KeyFacts) -> Self {
        let KeyFacts {
            meta,
            suffix,
            context,
            parent,
            is_revoked,
            is_parent_revoked,
            vouched_at,
            wraps,
        } = facts;
        Self {
            secret,
            meta_json: parent_json(&meta),
            meta,
            suffix,
            context: context.into(),
            parent,
            is_revoked,
            is_parent_revoked,
            vouched_at,
            wraps,
        }
    }

    /// When this version was created.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.meta.created
    }

    /// Length of the sealed record of `plaintext_len` bytes, in bytes.
    #[must_use]
    pub fn sealed_len(&self, plaintext_len: usize) -> usize {
        self.header().record_len(plaintext_len)
    }

    /// Upper bound of the DataRowRecord's length for `plaintext_len` bytes, in bytes.
    #[must_use]
    pub fn encrypted_len(&self, plaintext_len: usize) -> usize {
        crate::record::encoded_len(plaintext_len, self.meta_json.len())
    }

    /// Writes the sealed record of `plaintext` to `out`, which is [`Self::sealed_len`] long.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`], [`EnvelopeError::DataTooLarge`].
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn seal(&self, plaintext: &[u8], aad: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        let mut nonce = [0; NONCE_LEN_BYTES];
        // 192 random bits: unique for any number of records under one key.
        aws_lc_rs::rand::fill(&mut nonce)
            .map_err(|_unspecified| EnvelopeError::RandomUnavailable)?;
        self.seal_with_nonce(&nonce, plaintext, aad, out)
    }

    /// [`Self::seal`] under a nonce of the caller's, for known-answer tests.
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`].
    pub(crate) fn seal_with_nonce(
        &self,
        nonce: &[u8; NONCE_LEN_BYTES],
        plaintext: &[u8],
        aad: &[u8],
        out: &mut [u8],
    ) -> Result<(), EnvelopeError> {
        assert_eq!(
            out.len(),
            self.sealed_len(plaintext.len()),
            "out has the record's length"
        );
        let header = self.header();
        header.write_for_record(out);
        let (header_bytes, rest) = out.split_at_mut(header.len());
        let (nonce_bytes, rest) = rest.split_at_mut(NONCE_LEN_BYTES);
        let (data, tag_bytes) = rest.split_at_mut(plaintext.len());
        nonce_bytes.copy_from_slice(nonce);
        data.copy_from_slice(plaintext);
        let tag = with_joined_aad(header_bytes, aad, |aad| {
            self.secret
                .with(|secret| secret.sealing_key.seal_in_place(nonce, aad, data))
        })??;
        tag_bytes.copy_from_slice(&tag);
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

    /// The DataRowRecord of `plaintext`, under a fresh data row key created `now`.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`], [`EnvelopeError::DataTooLarge`].
    pub fn encrypt(&self, plaintext: &[u8], now: Timestamp) -> Result<String, EnvelopeError> {
        self.wraps.fetch_add(1, Ordering::Relaxed);
        let data_row_key = SecretKey::generate()?;
        let mut data = Vec::with_capacity(plaintext.len() + gcm::OVERHEAD_BYTES);
        gcm::seal(&data_row_key, plaintext, &mut data)?;
        let encrypted_key = self
            .secret
            .with(|secret| gcm::wrap_under(&secret.wrapping_key, data_row_key.expose()))??;
        Ok(DataRowRecord::write_json(
            now,
            &encrypted_key,
            &self.meta_json,
            &data,
        ))
    }

    /// The plaintext of `record`.
    ///
    /// # Errors
    /// [`EnvelopeError::DecryptFailed`] if the record doesn't authenticate, whatever part of it.
    pub fn decrypt(&self, record: DataRowRecord) -> Result<Vec<u8>, EnvelopeError> {
        let forged = |_forged| EnvelopeError::DecryptFailed;
        let data_row_key = self
            .secret
            .with(|secret| gcm::unwrap_under(&secret.wrapping_key, &record.encrypted_key))?
            .map_err(forged)?;
        let mut data = record.data;
        let plaintext_len = gcm::open_in_place(&data_row_key, &mut data)
            .map_err(forged)?
            .len();
        data.truncate(plaintext_len);
        Ok(data)
    }

    /// Whether it is the very key that a record names.
    pub(crate) fn is_named_by(&self, named: RecordKey<'_>) -> bool {
        match named {
            RecordKey::Sealed(header) => header == self.header(),
            RecordKey::DataRow(meta) => *meta == self.meta,
        }
    }

    /// Whether both are versions of one key.
    pub(crate) fn has_id_of(&self, other: &Self) -> bool {
        self.meta.id == other.meta.id
    }

    /// Whether new records may be written with it.
    pub(crate) fn may_write(&self, policy: &CryptoPolicy, now: Timestamp) -> bool {
        !self.is_barred_from_writing()
            && !policy.is_expired(self.meta.created, now)
            && !policy.is_expired(self.parent.created, now)
    }

    /// [`Self::may_write`] for a call that can't wait: expiry by age has the grace.
    pub(crate) fn may_write_in_grace(&self, policy: &CryptoPolicy, now: Timestamp) -> bool {
        !self.is_barred_from_writing()
            && !policy.is_expired_beyond_grace(self.meta.created, now)
            && !policy.is_expired_beyond_grace(self.parent.created, now)
    }

    /// The counter of wraps, for the next state of the same version.
    pub(crate) fn wraps(&self) -> &Arc<AtomicU64> {
        &self.wraps
    }

    fn is_barred_from_writing(&self) -> bool {
        self.is_revoked
            || self.is_parent_revoked
            || self.wraps.load(Ordering::Relaxed) >= WRAP_LIMIT
    }

    pub(super) fn secret(&self) -> &ProtectedKey<IntermediateSecret> {
        &self.secret
    }

    pub(super) fn context(&self) -> &[u8] {
        &self.context
    }

    pub(super) fn header(&self) -> SealedHeader<'_> {
        SealedHeader {
            suffix: self.suffix.as_deref(),
            created: self.meta.created,
        }
    }
}

impl CachedKey for IntermediateKey {
    const LEVEL: KeyLevel = KeyLevel::Intermediate;

    fn vouched_at(&self) -> Option<Duration> {
        Some(self.vouched_at)
    }
}

impl fmt::Debug for IntermediateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntermediateKey")
            .field("created", &self.meta.created)
            .field("is_revoked", &self.is_revoked)
            .field("is_parent_revoked", &self.is_parent_revoked)
            .finish_non_exhaustive()
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
