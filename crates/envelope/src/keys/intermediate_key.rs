//! An intermediate key in memory: whether it may write, and the DataRowRecords under it; sealed records
//! are in `sealing.rs`, the keys of streams in `stream_key.rs`. Knows no metastore, cache or clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sealdiff_secure_memory::WipedVec;
use zeroize::Zeroizing;

use super::hierarchy::RecordKey;
use super::protected_key::ProtectedKey;
use super::secrets::IntermediateSecret;
use super::slot::CachedKey;
use crate::aead::gcm;
use crate::clock::Timestamp;
use crate::error::{EnvelopeError, KeyLevel};
use crate::policy::CryptoPolicy;
use crate::random::Randomness;
use crate::record::{DataRowRecord, KeyMeta, SealedHeader, parent_json};
use crate::secret::KEY_LEN_BYTES;

/// Wraps under one key after which it counts as expired: a quarter of the 2³² that SP 800-38D
/// (section 8.3) allows with random nonces, because every process counts only its own.
const WRAP_LIMIT: u64 = 1 << 30;

/// One version of a partition's intermediate key.
pub struct IntermediateKey {
    meta: KeyMeta,
    suffix: Option<String>,
    parent: KeyMeta,
    is_revoked: bool,
    is_parent_revoked: bool,
    vouched_at: Duration,
    pub(super) randomness: Randomness,
    pub(super) secret: ProtectedKey<IntermediateSecret>,
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
    /// Where the nonces and data row keys of its records come from.
    pub(crate) randomness: Randomness,
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
            randomness,
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
            randomness,
            wraps,
        }
    }

    /// When this version was created.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.meta.created
    }

    /// Upper bound of the DataRowRecord's length for `plaintext_len` bytes, in bytes.
    #[must_use]
    pub fn encrypted_len(&self, plaintext_len: usize) -> usize {
        crate::record::encoded_len(plaintext_len, self.meta_json.len())
    }

    /// The DataRowRecord of `plaintext`, under a fresh data row key created `now`.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`], [`EnvelopeError::DataTooLarge`].
    pub fn encrypt(&self, plaintext: &[u8], now: Timestamp) -> Result<String, EnvelopeError> {
        self.wraps.fetch_add(1, Ordering::Relaxed);
        let mut data_row_key = Zeroizing::new([0; KEY_LEN_BYTES]);
        self.randomness.fill_key(&mut data_row_key[..])?;
        let mut nonces = [[0; gcm::NONCE_LEN_BYTES]; 2];
        self.randomness.fill_nonce(nonces.as_flattened_mut())?;
        let [data_nonce, key_nonce] = nonces;
        let mut data = Vec::with_capacity(plaintext.len() + gcm::OVERHEAD_BYTES);
        gcm::seal_with_nonce(&data_row_key, data_nonce, plaintext, &mut data)?;
        let mut encrypted_key = Vec::with_capacity(gcm::WRAPPED_KEY_LEN_BYTES);
        self.secret.with(|secret| {
            let parent = &secret.wrapping_key;
            gcm::seal_with_nonce(parent, key_nonce, &data_row_key[..], &mut encrypted_key)
        })??;
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
    pub fn decrypt(&self, record: DataRowRecord) -> Result<WipedVec<u8>, EnvelopeError> {
        let forged = |_forged| EnvelopeError::DecryptFailed;
        let data_row_key = self
            .secret
            .with(|secret| gcm::unwrap_under(&secret.wrapping_key, &record.encrypted_key))?
            .map_err(forged)?;
        let mut data = WipedVec::new(record.data);
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
