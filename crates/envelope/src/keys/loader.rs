//! Loading keys from the metastore and making new ones: the rules of rotation. Caches only the
//! system keys, which every load of an intermediate key needs.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::absences::Absences;
use super::backends::Backends;
use super::cache::{KeyCache, Version};
use super::intermediate_key::IntermediateKey;
use super::level::{IntermediateLevel, Level, SystemLevel};
use super::protected_key::KeyMemory;
use super::slot::{Cached, Freshness, Load, Slot};
use super::system_key::SystemKey;
use crate::clock::{CREATED_PRECISION_SECONDS, Timestamp};
use crate::error::{EnvelopeError, KeyLevel};
use crate::partition::{Partition, Service};
use crate::random::Randomness;
use crate::record::{EnvelopeKeyRecord, KeyMeta};

/// How old the reading of a system key's row may be when an intermediate key relies on it.
const SYSTEM_ROW_MAX_AGE: Duration = Duration::from_secs(60);

/// A newest row further ahead than this means that a clock is wrong.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(24 * 60 * 60);

/// Attempts to store a new key while others win the race with keys that can't write.
const CREATE_ATTEMPTS: u32 = 4;

/// Versions of system keys in the cache: one service has a new one per rotation, so that this
/// covers a decade and the regions beside it.
const SYSTEM_KEYS: usize = 256;

/// Loads and makes the keys of one service.
pub(crate) struct KeyLoader {
    pub(super) freshness: Arc<Freshness>,
    pub(super) backends: Backends,
    pub(super) service: Arc<Service>,
    pub(super) memory: Arc<KeyMemory>,
    pub(super) randomness: Randomness,
    pub(super) system_keys: KeyCache<SystemKey>,
    pub(super) latest_system_key: Arc<Slot<SystemKey>>,
    pub(super) absences: Absences,
}

impl KeyLoader {
    pub(crate) fn new(
        service: Arc<Service>,
        backends: Backends,
        freshness: Freshness,
        memory: Arc<KeyMemory>,
    ) -> Self {
        Self {
            freshness: Arc::new(freshness),
            backends,
            service,
            memory,
            randomness: Randomness::default(),
            system_keys: KeyCache::new(SYSTEM_KEYS),
            latest_system_key: Arc::new(Slot::new()),
            absences: Absences::new(),
        }
    }

    /// With that source of the random bytes of records.
    pub(crate) fn with_randomness(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// The key that a record names, valid or not: reading never writes to the metastore.
    ///
    /// # Errors
    /// [`EnvelopeError::KeyNotFound`], [`EnvelopeError::KeyInvalid`] and those of the backends.
    pub(super) async fn intermediate_key(
        self: Arc<Self>,
        partition: Arc<Partition>,
        meta: KeyMeta,
        previous: Option<Arc<IntermediateKey>>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        const LEVEL: KeyLevel = KeyLevel::Intermediate;
        let record = self.load_exact(LEVEL, &meta).await?;
        let level = IntermediateLevel {
            loader: &self,
            partition: &partition,
            previous,
        };
        level.open(meta.id, record).await
    }

    /// The newest key if it may write, else a new one.
    ///
    /// # Errors
    /// [`EnvelopeError::KeyInvalid`], [`EnvelopeError::ClockSkew`],
    /// [`EnvelopeError::StoreConflict`] and those of the backends.
    pub(super) async fn writing_intermediate_key(
        self: Arc<Self>,
        partition: Arc<Partition>,
        previous: Option<Arc<IntermediateKey>>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        let id = partition.intermediate_key_id();
        let level = IntermediateLevel {
            loader: &self,
            partition: &partition,
            previous,
        };
        self.load_or_create(level, id).await
    }

    pub(super) fn clear(&self) {
        self.system_keys.clear();
        self.latest_system_key.clear();
    }

    /// The system key that an intermediate key's row names, its own row read a minute ago at most.
    pub(super) async fn system_key(
        self: &Arc<Self>,
        meta: &KeyMeta,
    ) -> Result<Arc<SystemKey>, EnvelopeError> {
        let slot = self
            .system_keys
            .slot(&meta.id, Version::Created(meta.created));
        let load = |_previous| -> Load<SystemKey> {
            Arc::clone(self).load_system_key(meta.clone()).boxed()
        };
        slot.get(&self.freshness, self.row_is_recent(), &load).await
    }

    /// The newest system key if it may write, else a new one.
    pub(super) async fn writing_system_key(
        self: &Arc<Self>,
    ) -> Result<Arc<SystemKey>, EnvelopeError> {
        let row_is_recent = self.row_is_recent();
        let accept = |cached: &Cached<SystemKey>| {
            row_is_recent(cached) && cached.key.may_write(&self.freshness.policy, self.now())
        };
        let load =
            |_previous| -> Load<SystemKey> { Arc::clone(self).load_or_create_system_key().boxed() };
        self.latest_system_key
            .get(&self.freshness, accept, &load)
            .await
    }

    fn row_is_recent(&self) -> impl Fn(&Cached<SystemKey>) -> bool + use<> {
        let now = self.freshness.clock.monotonic();
        move |cached| now.saturating_sub(cached.checked_at) <= SYSTEM_ROW_MAX_AGE
    }

    async fn load_system_key(
        self: Arc<Self>,
        meta: KeyMeta,
    ) -> Result<Arc<SystemKey>, EnvelopeError> {
        let record = self.load_exact(KeyLevel::System, &meta).await?;
        SystemLevel { loader: &self }.open(meta.id, record).await
    }

    async fn load_or_create_system_key(self: Arc<Self>) -> Result<Arc<SystemKey>, EnvelopeError> {
        let id = self.service.system_key_id();
        self.load_or_create(SystemLevel { loader: &self }, id).await
    }

    /// The error of reading a key that the metastore lacked a moment ago, and why it can't be read.
    pub(super) fn known_absence(&self, meta: &KeyMeta) -> Option<EnvelopeError> {
        self.absences.known(meta, self.freshness.clock.monotonic())
    }

    async fn load_exact(
        &self,
        level: KeyLevel,
        meta: &KeyMeta,
    ) -> Result<EnvelopeKeyRecord, EnvelopeError> {
        if let Some(error) = self.known_absence(meta) {
            return Err(error);
        }
        let began = self.absences.moment();
        let record = self.backends.load(level, &meta.id, meta.created).await?;
        let now = self.freshness.clock.monotonic();
        let record = record.ok_or_else(|| self.absences.note(level, meta, began, now))?;
        if record.created != meta.created {
            return Err(EnvelopeError::KeyInvalid {
                level,
                reason: "its creation time is not that of its row",
            });
        }
        Ok(record)
    }

    /// The rule of writing, the same on both levels: the newest key, unless it is revoked, too old
    /// or barred by its parent; else a new one. Who loses the race to store takes the winner's.
    async fn load_or_create<L: Level>(
        &self,
        level: L,
        id: String,
    ) -> Result<Arc<L::Key>, EnvelopeError> {
        for attempt in 0..=CREATE_ATTEMPTS {
            let newest = self.load_newest(L::LEVEL, &id).await?;
            let newest_created = newest.as_ref().map(|record| record.created);
            if let Some(record) = newest.filter(|record| self.row_may_write(record)) {
                let key = level.open(id.clone(), record).await?;
                if level.may_write(&key) {
                    return Ok(key);
                }
            }
            if attempt == CREATE_ATTEMPTS {
                break;
            }
            let (record, key) = level.create(&id, self.next_created(newest_created)).await?;
            let is_ours = self.backends.store(L::LEVEL, &id, &record).await?;
            let created = record.created;
            self.absences.forget(&KeyMeta {
                id: id.clone(),
                created,
            });
            if is_ours {
                let created = created.unix_seconds();
                tracing::info!(level = %L::LEVEL, created, "created a key");
                return Ok(key);
            }
        }
        Err(EnvelopeError::StoreConflict {
            level: L::LEVEL,
            attempts: CREATE_ATTEMPTS,
        })
    }

    async fn load_newest(
        &self,
        level: KeyLevel,
        id: &str,
    ) -> Result<Option<EnvelopeKeyRecord>, EnvelopeError> {
        let newest = self.backends.load_latest(level, id).await?;
        if let Some(record) = &newest
            && record.created > self.now().saturating_add(MAX_CLOCK_SKEW)
        {
            return Err(EnvelopeError::ClockSkew {
                level,
                created: record.created,
            });
        }
        Ok(newest)
    }

    /// What the row alone says: spares opening a key that can't write anyway.
    fn row_may_write(&self, record: &EnvelopeKeyRecord) -> bool {
        let parent_created = record.parent.as_ref().map(|parent| parent.created);
        let is_expired = |created| self.freshness.policy.is_expired(created, self.now());
        !record.is_revoked && !is_expired(record.created) && !parent_created.is_some_and(is_expired)
    }

    /// A full minute, later than the newest row: a key revoked in its own minute, or a clock set
    /// back, must not hide the new one.
    fn next_created(&self, newest: Option<Timestamp>) -> Timestamp {
        let minute = Duration::from_secs(CREATED_PRECISION_SECONDS.into());
        let this_minute = self.now().floor_to_minute();
        newest.map_or(this_minute, |newest| {
            this_minute.max(newest.saturating_add(minute))
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.freshness.clock.now()
    }
}
