//! The hierarchy as sessions use it: the key that writes and the key that a record names, cached
//! or loaded.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt;

use super::backends::Backends;
use super::cache::{KeyCache, Version};
use super::intermediate_key::IntermediateKey;
use super::loader::KeyLoader;
use super::slot::{Cached, Load, Slot};
use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::partition::Partition;
use crate::record::{KeyMeta, NamedKey, SealedHeader};
use crate::stats::{FactoryStats, LookupShard, Lookups};

/// How a record names its intermediate key.
#[derive(Debug, Clone, Copy)]
pub enum RecordKey<'a> {
    /// A sealed record: creation time and suffix; the rest of the id is the session's.
    Sealed(SealedHeader<'a>),
    /// A DataRowRecord: the whole id.
    DataRow(&'a KeyMeta),
}

impl<'a> From<&'a NamedKey> for RecordKey<'a> {
    fn from(named: &'a NamedKey) -> Self {
        match named {
            NamedKey::Sealed { suffix, created } => Self::Sealed(SealedHeader {
                suffix: suffix.as_deref(),
                created: *created,
            }),
            NamedKey::DataRow(meta) => Self::DataRow(meta),
        }
    }
}

/// All keys of one service.
pub(crate) struct KeyHierarchy {
    pub(super) loader: Arc<KeyLoader>,
    intermediate_keys: Arc<KeyCache<IntermediateKey>>,
    lookups: Lookups,
}

/// What a session keeps at hand of its partition's keys.
#[derive(Clone)]
pub(crate) struct PartitionKeys {
    pub(crate) partition: Arc<Partition>,
    pub(super) latest: Arc<Slot<IntermediateKey>>,
    lookups: Arc<LookupShard>,
}

/// Where the key is that a record names.
enum Found {
    InMemory(Arc<IntermediateKey>),
    /// Nowhere yet: its load fills this slot.
    Missing(Arc<Slot<IntermediateKey>>, KeyMeta),
}

impl KeyHierarchy {
    /// At most `intermediate_keys` of them are cached.
    pub(crate) fn new(loader: KeyLoader, intermediate_keys: usize) -> Self {
        Self {
            loader: Arc::new(loader),
            intermediate_keys: Arc::new(KeyCache::new(intermediate_keys)),
            lookups: Lookups::new(),
        }
    }

    /// What a session of `partition` keeps; it counts its look-ups with those of this thread.
    pub(crate) fn keys_of(&self, partition: Partition) -> PartitionKeys {
        let latest = self
            .intermediate_keys
            .slot(&partition.intermediate_key_id(), Version::Latest);
        PartitionKeys {
            partition: Arc::new(partition),
            latest,
            lookups: self.lookups.of_this_thread(),
        }
    }

    /// The key that writes, if it is in memory.
    pub(crate) fn writing_key_in_memory(
        &self,
        own: &PartitionKeys,
    ) -> Option<Arc<IntermediateKey>> {
        let (policy, now) = (&self.loader.freshness.policy, self.now());
        self.latest_that(own, |key| key.may_write(policy, now))
    }

    /// The key that writes, if it is in memory; else starts its load. For a call that can't wait,
    /// expiry by age has the grace.
    ///
    /// # Errors
    /// [`EnvelopeError::KeyNotCached`].
    pub(crate) fn cached_writing_key(
        &self,
        own: &PartitionKeys,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        let freshness = &self.loader.freshness;
        let (policy, now) = (&freshness.policy, self.now());
        let load = self.writing_key_loader(own);
        let Some(key) = self.latest_that(own, |key| key.may_write_in_grace(policy, now)) else {
            own.lookups.miss();
            own.latest.load_in_background(freshness, &load);
            return Err(EnvelopeError::KeyNotCached);
        };
        if !key.may_write(policy, now) {
            own.latest.refresh_early(freshness, &load);
        }
        Ok(key)
    }

    fn latest_that(
        &self,
        own: &PartitionKeys,
        accept: impl Fn(&IntermediateKey) -> bool,
    ) -> Option<Arc<IntermediateKey>> {
        let load = self.writing_key_loader(own);
        let accept = |cached: &Cached<IntermediateKey>| accept(&cached.key);
        let key = own.latest.cached(&self.loader.freshness, accept, &load)?;
        own.lookups.hit();
        Some(key)
    }

    /// The key that writes: the newest valid one, or a new one.
    ///
    /// # Errors
    /// See [`KeyLoader::writing_intermediate_key`].
    pub(crate) async fn writing_key(
        &self,
        own: &PartitionKeys,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        if let Some(key) = self.writing_key_in_memory(own) {
            return Ok(key);
        }
        own.lookups.miss();
        let freshness = &self.loader.freshness;
        let now = self.now();
        let accept =
            |cached: &Cached<IntermediateKey>| cached.key.may_write(&freshness.policy, now);
        let load = self.writing_key_loader(own);
        own.latest.load(freshness, accept, &load).await
    }

    /// The key that a record names, if it is in memory.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`]; [`EnvelopeError::KeyNotFound`] if the metastore
    /// lacked it a moment ago.
    pub(crate) fn reading_key_in_memory(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<Option<Arc<IntermediateKey>>, EnvelopeError> {
        Ok(match self.find(own, named)? {
            Found::InMemory(key) => Some(key),
            Found::Missing(..) => None,
        })
    }

    /// The key that a record names, if it is in memory; else starts its load.
    ///
    /// # Errors
    /// [`EnvelopeError::KeyNotCached`], and those of [`Self::reading_key_in_memory`].
    pub(crate) fn cached_reading_key(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        match self.find(own, named)? {
            Found::InMemory(key) => Ok(key),
            Found::Missing(slot, meta) => {
                own.lookups.miss();
                let load = self.reading_key_loader(own, &meta);
                slot.load_in_background(&self.loader.freshness, &load);
                Err(EnvelopeError::KeyNotCached)
            }
        }
    }

    /// The key that a record names, whatever its state.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`] and those of [`KeyLoader::intermediate_key`].
    pub(crate) async fn reading_key(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        match self.find(own, named)? {
            Found::InMemory(key) => Ok(key),
            Found::Missing(slot, meta) => {
                own.lookups.miss();
                let load = self.reading_key_loader(own, &meta);
                slot.load(&self.loader.freshness, any_state_reads, &load)
                    .await
            }
        }
    }

    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`] for a key that this partition doesn't read.
    pub(crate) fn check_names_own(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<(), EnvelopeError> {
        resolve(&own.partition, named).map(drop)
    }

    fn find(&self, own: &PartitionKeys, named: RecordKey<'_>) -> Result<Found, EnvelopeError> {
        if let Some(key) = self.latest_if_named(&own.latest, named) {
            own.lookups.hit();
            return Ok(Found::InMemory(key));
        }
        let meta = resolve(&own.partition, named)?;
        let slot = self.exact_slot(&meta, &own.latest);
        let cached = {
            let load = self.reading_key_loader(own, &meta);
            slot.cached(&self.loader.freshness, any_state_reads, &load)
        };
        if let Some(key) = cached {
            own.lookups.hit();
            return Ok(Found::InMemory(key));
        }
        if let Some(error) = self.loader.known_absence(&meta) {
            let ends_key = false;
            self.intermediate_keys
                .forget(&meta.id, meta.created, ends_key);
            return Err(error);
        }
        Ok(Found::Missing(slot, meta))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.loader.freshness.clock.now()
    }

    pub(crate) fn backends(&self) -> &Backends {
        &self.loader.backends
    }

    /// Forgets every key; those in use are erased when their last user drops them.
    pub(crate) fn clear(&self) {
        self.loader
            .freshness
            .is_closed
            .store(true, Ordering::SeqCst);
        self.intermediate_keys.clear();
        self.loader.clear();
    }

    pub(crate) fn stats(&self) -> FactoryStats {
        let counters = &self.loader.freshness.counters;
        let mut stats = FactoryStats {
            intermediate_keys: counters.intermediate_keys.size(),
            system_keys: counters.system_keys.size(),
            key_hits: self.lookups.hits(),
            key_misses: self.lookups.misses(),
            negative_hits: self.loader.absences.hits(),
            key_loads: counters.loads.value(),
            key_refreshes: counters.refreshes.value(),
            refresh_failures: counters.refresh_failures.value(),
            key_evictions: self.intermediate_keys.evictions(),
            ..FactoryStats::default()
        };
        self.loader.backends.write_stats(&mut stats);
        self.loader.memory.write_stats(&mut stats);
        stats
    }

    /// Most records are read under the key that still writes: it needs no second copy in the
    /// cache, and no key id is built to find it. Only until a refresh is due, which could write a
    /// new key: reading never writes, so that from then on the slot of the version takes over.
    fn latest_if_named(
        &self,
        latest: &Slot<IntermediateKey>,
        named: RecordKey<'_>,
    ) -> Option<Arc<IntermediateKey>> {
        latest.peek_fresh(&self.loader.freshness, |cached| {
            cached.key.is_named_by(named)
        })
    }

    /// The slot of one version; what the latest slot knows of that version serves there too.
    fn exact_slot(
        &self,
        meta: &KeyMeta,
        latest: &Slot<IntermediateKey>,
    ) -> Arc<Slot<IntermediateKey>> {
        let slot = self
            .intermediate_keys
            .slot(&meta.id, Version::Created(meta.created));
        slot.adopt(latest, |key| key.is_named_by(RecordKey::DataRow(meta)));
        slot
    }

    fn writing_key_loader(
        &self,
        own: &PartitionKeys,
    ) -> impl Fn(Option<Arc<IntermediateKey>>) -> Load<IntermediateKey> + Send + Sync {
        move |previous| {
            Arc::clone(&self.loader)
                .writing_intermediate_key(Arc::clone(&own.partition), previous)
                .boxed()
        }
    }

    /// Loads one version. A failure that ends the key ends it as the writing one too: what is
    /// written under a key whose row is gone could never be read.
    fn reading_key_loader(
        &self,
        own: &PartitionKeys,
        meta: &KeyMeta,
    ) -> impl Fn(Option<Arc<IntermediateKey>>) -> Load<IntermediateKey> + Send + Sync {
        move |previous| {
            let (keys, latest) = (Arc::clone(&self.intermediate_keys), Arc::clone(&own.latest));
            let (loader, partition) = (Arc::clone(&self.loader), Arc::clone(&own.partition));
            let meta = meta.clone();
            async move {
                let load = loader.intermediate_key(partition, meta.clone(), previous);
                let outcome = load.await;
                if let Err(error) = &outcome {
                    let ends_key = !error.is_outage();
                    if ends_key {
                        latest.clear_if(|key| key.is_named_by(RecordKey::DataRow(&meta)));
                    }
                    keys.forget(&meta.id, meta.created, ends_key);
                }
                outcome
            }
            .boxed()
        }
    }
}

/// What reads need of a key: that it is the one that the record names, whatever its state.
fn any_state_reads(_cached: &Cached<IntermediateKey>) -> bool {
    true
}

/// The whole reference of the key that a record names, if this partition may read it.
pub(super) fn resolve(
    partition: &Partition,
    named: RecordKey<'_>,
) -> Result<KeyMeta, EnvelopeError> {
    match named {
        RecordKey::DataRow(meta) => partition.check_key_id(&meta.id).map(|_suffix| meta.clone()),
        RecordKey::Sealed(header) => Ok(KeyMeta {
            id: partition.key_id_of_suffix(header.suffix)?,
            created: header.created,
        }),
    }
}
