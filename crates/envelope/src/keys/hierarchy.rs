//! The hierarchy as sessions use it: the key that writes and the key that a record names, cached
//! or loaded.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt;

use super::backends::Backends;
use super::cache::{KeyCache, Version};
use super::intermediate_key::IntermediateKey;
use super::loader::KeyLoader;
use super::slot::{Freshness, Load, Slot};
use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::partition::{Partition, Service};
use crate::record::{KeyMeta, SealedRecordHeader};
use crate::stats::FactoryStats;

/// How a record names its intermediate key.
#[derive(Debug, Clone, Copy)]
pub enum RecordKey<'a> {
    /// A sealed record: creation time and suffix; the rest of the id is the session's.
    Sealed(SealedRecordHeader<'a>),
    /// A DataRowRecord: the whole id.
    DataRow(&'a KeyMeta),
}

/// All keys of one service.
pub(crate) struct KeyHierarchy {
    loader: Arc<KeyLoader>,
    intermediate_keys: Arc<KeyCache<IntermediateKey>>,
}

impl KeyHierarchy {
    pub(crate) fn new(
        service: Arc<Service>,
        backends: Backends,
        freshness: Freshness,
        intermediate_keys: usize,
    ) -> Self {
        Self {
            loader: Arc::new(KeyLoader::new(service, backends, freshness)),
            intermediate_keys: Arc::new(KeyCache::new(intermediate_keys)),
        }
    }

    /// The slot of the key that writes for `partition`: a session keeps it at hand.
    pub(crate) fn latest_slot(&self, partition: &Partition) -> Arc<Slot<IntermediateKey>> {
        self.intermediate_keys
            .slot(&partition.intermediate_key_id(), Version::Latest)
    }

    /// The key that writes, if it is cached; else starts its load.
    ///
    /// # Errors
    /// [`EnvelopeError::KeyNotCached`].
    pub(crate) fn cached_writing_key(
        &self,
        partition: &Arc<Partition>,
        latest: &Arc<Slot<IntermediateKey>>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        let freshness = &self.loader.freshness;
        let load = self.writing_key_loader(partition);
        let now = freshness.clock.now();
        if let Some(key) = latest.cached(
            freshness,
            |cached| cached.key.may_write_in_grace(&freshness.policy, now),
            &load,
        ) {
            if !key.may_write(&freshness.policy, now) {
                latest.refresh_early(freshness, &load);
            }
            return Ok(key);
        }
        latest.load_in_background(freshness, &load);
        Err(EnvelopeError::KeyNotCached)
    }

    /// The key that writes: the newest valid one, or a new one.
    ///
    /// # Errors
    /// See [`KeyLoader::writing_intermediate_key`].
    pub(crate) async fn writing_key(
        &self,
        partition: &Arc<Partition>,
        latest: &Arc<Slot<IntermediateKey>>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        let freshness = &self.loader.freshness;
        let load = self.writing_key_loader(partition);
        let now = freshness.clock.now();
        latest
            .get(
                freshness,
                |cached| cached.key.may_write(&freshness.policy, now),
                &load,
            )
            .await
    }

    /// The key that a record names, if it is cached; else starts its load.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`], [`EnvelopeError::KeyNotCached`].
    pub(crate) fn cached_reading_key(
        &self,
        partition: &Arc<Partition>,
        latest: &Arc<Slot<IntermediateKey>>,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        if let Some(key) = self.latest_if_named(latest, named) {
            return Ok(key);
        }
        let freshness = &self.loader.freshness;
        let meta = resolve(partition, named)?;
        let slot = self.exact_slot(&meta, latest);
        let load = self.reading_key_loader(partition, latest, meta);
        slot.cached(freshness, |_any_state_reads| true, &load)
            .ok_or_else(|| {
                slot.load_in_background(freshness, &load);
                EnvelopeError::KeyNotCached
            })
    }

    /// The key that a record names, whatever its state.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`] and those of [`KeyLoader::intermediate_key`].
    pub(crate) async fn reading_key(
        &self,
        partition: &Arc<Partition>,
        latest: &Arc<Slot<IntermediateKey>>,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        if let Some(key) = self.latest_if_named(latest, named) {
            return Ok(key);
        }
        let meta = resolve(partition, named)?;
        let slot = self.exact_slot(&meta, latest);
        let load = self.reading_key_loader(partition, latest, meta);
        slot.get(&self.loader.freshness, |_any_state_reads| true, &load)
            .await
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
        let mut stats = FactoryStats {
            intermediate_keys: self.intermediate_keys.len(),
            refresh_failures: self.loader.freshness.refresh_failures.value(),
            ..FactoryStats::default()
        };
        self.loader.backends.write_stats(&mut stats);
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
        partition: &Arc<Partition>,
    ) -> impl Fn(Option<Arc<IntermediateKey>>) -> Load<IntermediateKey> + Send + Sync {
        move |previous| {
            Arc::clone(&self.loader)
                .writing_intermediate_key(Arc::clone(partition), previous)
                .boxed()
        }
    }

    /// Loads one version. A failure that ends the key ends it as the writing one too: what is
    /// written under a key whose row is gone could never be read.
    fn reading_key_loader(
        &self,
        partition: &Arc<Partition>,
        latest: &Arc<Slot<IntermediateKey>>,
        meta: KeyMeta,
    ) -> impl Fn(Option<Arc<IntermediateKey>>) -> Load<IntermediateKey> + Send + Sync {
        move |previous| {
            let (keys, latest) = (Arc::clone(&self.intermediate_keys), Arc::clone(latest));
            let (loader, partition) = (Arc::clone(&self.loader), Arc::clone(partition));
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

/// The whole reference of the key that a record names, if this partition may read it.
fn resolve(partition: &Partition, named: RecordKey<'_>) -> Result<KeyMeta, EnvelopeError> {
    match named {
        RecordKey::DataRow(meta) => partition.check_key_id(&meta.id).map(|_suffix| meta.clone()),
        RecordKey::Sealed(header) => Ok(KeyMeta {
            id: partition.key_id_of_suffix(header.suffix)?,
            created: header.created,
        }),
    }
}
