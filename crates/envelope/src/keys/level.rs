//! The two levels of the hierarchy as the loader sees them: how a key's row is opened, and how a
//! new key is made.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;

use super::cache::Version;
use super::intermediate_key::{IntermediateKey, KeyFacts};
use super::loader::KeyLoader;
use super::protected_key::ProtectedKey;
use super::secrets::{IntermediateSecret, SystemSecret};
use super::system_key::SystemKey;
use crate::aead::gcm;
use crate::clock::Timestamp;
use crate::error::{EnvelopeError, KeyLevel};
use crate::partition::Partition;
use crate::record::{EnvelopeKeyRecord, KeyMeta};
use crate::secret::SecretKey;

/// What differs between system and intermediate keys when they are loaded or made.
pub(super) trait Level {
    type Key;
    const LEVEL: KeyLevel;

    fn open(
        &self,
        id: String,
        record: EnvelopeKeyRecord,
    ) -> impl Future<Output = Result<Arc<Self::Key>, EnvelopeError>> + Send;

    fn create(
        &self,
        id: &str,
        created: Timestamp,
    ) -> impl Future<Output = Result<(EnvelopeKeyRecord, Arc<Self::Key>), EnvelopeError>> + Send;

    fn may_write(&self, key: &Self::Key) -> bool;
}

pub(super) struct SystemLevel<'a> {
    pub(super) loader: &'a Arc<KeyLoader>,
}

impl SystemLevel<'_> {
    /// The secret of that very row and when the KMS unwrapped it: a disabled master key must stop
    /// us within the check interval, so that an older one is unwrapped again. While the KMS is
    /// away, the older one serves for the grace.
    async fn unwrap(
        &self,
        meta: &KeyMeta,
        encrypted_key: &[u8],
    ) -> Result<(Arc<ProtectedKey<SystemSecret>>, Duration), EnvelopeError> {
        let freshness = &self.loader.freshness;
        let now = freshness.clock.monotonic();
        let known = |max_age| {
            self.unwrapped_last(meta, encrypted_key)
                .filter(|key| now.saturating_sub(key.unwrapped_at) < max_age)
                .map(|key| (Arc::clone(&key.secret), key.unwrapped_at))
        };
        if let Some(recent) = known(freshness.policy.refresh_after(0)) {
            return Ok(recent);
        }
        match self.loader.backends.decrypt_key(encrypted_key).await {
            Ok(secret) => {
                let secret = SystemSecret::protect(&self.loader.memory, &secret)?;
                Ok((Arc::new(secret), now))
            }
            Err(error) if error.is_outage() => {
                let older = known(freshness.policy.serves_for()).ok_or_else(|| error.clone())?;
                freshness.counters.refresh_failures.increment();
                tracing::warn!(
                    error = error.as_field(),
                    "a system key could not be unwrapped again"
                );
                Ok(older)
            }
            Err(error) => Err(error),
        }
    }

    fn unwrapped_last(&self, meta: &KeyMeta, encrypted_key: &[u8]) -> Option<Arc<SystemKey>> {
        let exact = Version::Created(meta.created);
        [
            self.loader.latest_system_key.peek(),
            self.loader.system_keys.peek(&meta.id, exact),
        ]
        .into_iter()
        .flatten()
        .filter(|key| key.meta == *meta && key.encrypted_key == encrypted_key)
        .max_by_key(|key| key.unwrapped_at)
    }
}

impl Level for SystemLevel<'_> {
    type Key = SystemKey;
    const LEVEL: KeyLevel = KeyLevel::System;

    async fn open(
        &self,
        id: String,
        record: EnvelopeKeyRecord,
    ) -> Result<Arc<SystemKey>, EnvelopeError> {
        let meta = KeyMeta {
            id,
            created: record.created,
        };
        let (secret, unwrapped_at) = self.unwrap(&meta, &record.encrypted_key).await?;
        Ok(Arc::new(SystemKey {
            meta,
            is_revoked: record.is_revoked,
            secret,
            encrypted_key: record.encrypted_key,
            unwrapped_at,
        }))
    }

    async fn create(
        &self,
        id: &str,
        created: Timestamp,
    ) -> Result<(EnvelopeKeyRecord, Arc<SystemKey>), EnvelopeError> {
        let secret = SecretKey::generate()?;
        let unwrapped_at = self.loader.freshness.clock.monotonic();
        let encrypted_key = self.loader.backends.encrypt_key(&secret).await?;
        let key = SystemKey {
            meta: KeyMeta {
                id: id.to_owned(),
                created,
            },
            is_revoked: false,
            secret: Arc::new(SystemSecret::protect(&self.loader.memory, &secret)?),
            encrypted_key: encrypted_key.clone(),
            unwrapped_at,
        };
        let record = EnvelopeKeyRecord {
            created,
            encrypted_key,
            parent: None,
            is_revoked: false,
        };
        Ok((record, Arc::new(key)))
    }

    fn may_write(&self, key: &SystemKey) -> bool {
        key.may_write(&self.loader.freshness.policy, self.loader.now())
    }
}

pub(super) struct IntermediateLevel<'a> {
    pub(super) loader: &'a Arc<KeyLoader>,
    pub(super) partition: &'a Partition,
    pub(super) previous: Option<Arc<IntermediateKey>>,
}

impl IntermediateLevel<'_> {
    fn invalid(reason: &'static str) -> EnvelopeError {
        EnvelopeError::KeyInvalid {
            level: Self::LEVEL,
            reason,
        }
    }
}

impl Level for IntermediateLevel<'_> {
    type Key = IntermediateKey;
    const LEVEL: KeyLevel = KeyLevel::Intermediate;

    async fn open(
        &self,
        id: String,
        record: EnvelopeKeyRecord,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        let parent = record
            .parent
            .ok_or(Self::invalid("it names no parent key"))?;
        if !self.loader.service.accepts_system_key_id(&parent.id) {
            return Err(Self::invalid(
                "its parent is not a system key of this service",
            ));
        }
        let suffix = self.partition.check_key_id(&id)?.map(str::to_owned);
        let meta = KeyMeta {
            id,
            created: record.created,
        };
        let system_key = self.loader.system_key(&parent).await;
        let system_key =
            system_key.inspect_err(|_error| self.loader.absences.note_child(&parent, &meta))?;
        let context = self.partition.derivation_context(suffix.as_deref());
        let secret = system_key.secret.with(|parent| {
            IntermediateSecret::protect(&self.loader.memory, &context, |key| {
                gcm::open_into(parent.expose(), &record.encrypted_key, key)
                    .map_err(|_forged| Self::invalid("it does not decrypt under its parent"))
            })
        })??;
        let same_version = self
            .previous
            .as_ref()
            .filter(|key| key.created() == record.created);
        let facts = KeyFacts {
            wraps: same_version
                .map(|key| Arc::clone(key.wraps()))
                .unwrap_or_default(),
            is_revoked: record.is_revoked,
            is_parent_revoked: system_key.is_revoked,
            vouched_at: system_key.unwrapped_at,
            randomness: self.loader.randomness,
            meta,
            suffix,
            context,
            parent,
        };
        Ok(Arc::new(IntermediateKey::new(secret, facts)))
    }

    async fn create(
        &self,
        id: &str,
        created: Timestamp,
    ) -> Result<(EnvelopeKeyRecord, Arc<IntermediateKey>), EnvelopeError> {
        let system_key = self.loader.writing_system_key().await?;
        let suffix = self.partition.service().suffix();
        let context = self.partition.derivation_context(suffix);
        let secret = IntermediateSecret::protect(&self.loader.memory, &context, |key| {
            rand::fill(key).map_err(|_unspecified| EnvelopeError::RandomUnavailable)
        })?;
        let record = EnvelopeKeyRecord {
            created,
            encrypted_key: system_key
                .secret
                .with(|parent| secret.wrapped_under(parent))??,
            parent: Some(system_key.meta.clone()),
            is_revoked: false,
        };
        let facts = KeyFacts {
            meta: KeyMeta {
                id: id.to_owned(),
                created,
            },
            suffix: suffix.map(str::to_owned),
            context,
            parent: system_key.meta.clone(),
            is_revoked: false,
            is_parent_revoked: false,
            vouched_at: system_key.unwrapped_at,
            randomness: self.loader.randomness,
            wraps: Arc::default(),
        };
        Ok((record, Arc::new(IntermediateKey::new(secret, facts))))
    }

    fn may_write(&self, key: &IntermediateKey) -> bool {
        key.may_write(&self.loader.freshness.policy, self.loader.now())
    }
}
