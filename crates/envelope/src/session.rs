//! Session: one partition. Gives the keys that write and read its records; the records themselves
//! are the keys' business.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;

use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::gate::{Gate, Operation};
use crate::keys::{IntermediateKey, KeyHierarchy, PartitionKeys, RecordKey, ResealKeys};
use crate::partition::Partition;
use crate::record::NamedKey;

/// Keys that [`Session::warm`] loads at once: enough to hide the way to the metastore, few beside
/// the connections that its pool has.
const WARMED_AT_ONCE: usize = 8;

/// A light object over shared state; dropping it disturbs no other session.
#[derive(Clone)]
pub struct Session {
    own: PartitionKeys,
    hierarchy: Arc<KeyHierarchy>,
    gate: Arc<Gate>,
}

impl Session {
    pub(crate) fn new(partition: Partition, hierarchy: Arc<KeyHierarchy>, gate: Arc<Gate>) -> Self {
        Self {
            own: hierarchy.keys_of(partition),
            hierarchy,
            gate,
        }
    }

    /// The partition's id, as the caller gave it.
    #[must_use]
    pub fn partition_id(&self) -> &str {
        self.own.partition.id()
    }

    /// The factory's wall-clock time: what a new data row key is dated with.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.hierarchy.now()
    }

    /// Whether the factory still takes calls.
    ///
    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub fn check_open(&self) -> Result<(), EnvelopeError> {
        self.gate.check_open()
    }

    /// Begins an operation that may wait: closing the factory waits until the guard is dropped.
    ///
    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub fn begin(&self) -> Result<Operation, EnvelopeError> {
        self.gate.enter()
    }

    /// The key that writes, without waiting; a missing one is loaded in the background. A key
    /// that expired by age serves for the grace, while its successor is made.
    ///
    /// # Errors
    /// [`EnvelopeError::KeyNotCached`], [`EnvelopeError::Closed`].
    pub fn cached_writing_key(&self) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        self.gate.check_open()?;
        self.hierarchy.cached_writing_key(&self.own)
    }

    /// [`Self::cached_writing_key`] for a caller that goes on to [`Self::writing_key`] where there
    /// is none: starts no load of its own and counts no miss.
    ///
    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub fn writing_key_in_memory(&self) -> Result<Option<Arc<IntermediateKey>>, EnvelopeError> {
        self.gate.check_open()?;
        Ok(self.hierarchy.writing_key_in_memory(&self.own))
    }

    /// The key that writes: cached, loaded, or made where there is no valid one.
    ///
    /// # Errors
    /// [`EnvelopeError::MetastoreUnavailable`], [`EnvelopeError::KmsUnavailable`],
    /// [`EnvelopeError::KmsRefused`], [`EnvelopeError::KeyInvalid`], [`EnvelopeError::ClockSkew`],
    /// [`EnvelopeError::StoreConflict`], [`EnvelopeError::KeyNotFound`] for a missing parent.
    pub async fn writing_key(&self) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        self.hierarchy.writing_key(&self.own).await
    }

    /// The key that a record names, without waiting; a missing one is loaded in the background.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`], [`EnvelopeError::KeyNotCached`],
    /// [`EnvelopeError::KeyNotFound`] if the metastore lacked it in the last second or two,
    /// [`EnvelopeError::Closed`].
    pub fn cached_reading_key(
        &self,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        self.gate.check_open()?;
        self.hierarchy.cached_reading_key(&self.own, named)
    }

    /// [`Self::cached_reading_key`] for a caller that goes on to [`Self::reading_key`] where there
    /// is none: starts no load of its own and counts no miss.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`], [`EnvelopeError::KeyNotFound`],
    /// [`EnvelopeError::Closed`].
    pub fn reading_key_in_memory(
        &self,
        named: RecordKey<'_>,
    ) -> Result<Option<Arc<IntermediateKey>>, EnvelopeError> {
        self.gate.check_open()?;
        self.hierarchy.reading_key_in_memory(&self.own, named)
    }

    /// The key that a record names, expired, revoked or not. Never writes to the metastore.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`], [`EnvelopeError::KeyNotFound`],
    /// [`EnvelopeError::KeyInvalid`], [`EnvelopeError::MetastoreUnavailable`],
    /// [`EnvelopeError::KmsUnavailable`], [`EnvelopeError::KmsRefused`].
    pub async fn reading_key(
        &self,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        self.hierarchy.reading_key(&self.own, named).await
    }

    /// The keys that many records name, in the order of `named`: each is loaded once, several at a
    /// time. What is no name stays the error that it is. After an outage nothing more is loaded: the
    /// others would wait in vain.
    pub async fn reading_keys(
        &self,
        named: Vec<Result<NamedKey, EnvelopeError>>,
    ) -> Vec<Result<Arc<IntermediateKey>, EnvelopeError>> {
        let mut seen = HashSet::new();
        let names = named.iter().filter_map(|named| named.as_ref().ok());
        let distinct: Vec<_> = names.filter(|name| seen.insert(*name)).collect();
        let mut keys = HashMap::with_capacity(distinct.len());
        let mut outage = None;
        for some in distinct.chunks(WARMED_AT_ONCE) {
            let loads = some
                .iter()
                .map(|name| self.key_named(name, outage.as_ref()));
            let loaded = join_all(loads).await;
            let mut errors = loaded.iter().filter_map(|key| key.as_ref().err());
            outage = outage.or(errors.find(|error| error.is_outage()).cloned());
            keys.extend(some.iter().copied().zip(loaded));
        }
        let key_of = |name: &NamedKey| keys.get(name).expect("every name was looked up").clone();
        let named = named.iter();
        named
            .map(|named| key_of(named.as_ref().map_err(EnvelopeError::clone)?))
            .collect()
    }

    async fn key_named(
        &self,
        name: &NamedKey,
        outage: Option<&EnvelopeError>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        match outage {
            None => self.reading_key(name.into()).await,
            Some(outage) => self
                .reading_key_in_memory(name.into())?
                .ok_or_else(|| outage.clone()),
        }
    }

    /// [`Self::is_current`] without waiting, if that can be told.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`], [`EnvelopeError::Closed`].
    pub fn is_current_in_memory(
        &self,
        named: RecordKey<'_>,
    ) -> Result<Option<bool>, EnvelopeError> {
        self.gate.check_open()?;
        self.hierarchy.is_current_in_memory(&self.own, named)
    }

    /// Whether a record that is written now would name the very key that this one names. A key
    /// that is older than the newest is not loaded for it.
    ///
    /// # Errors
    /// Those of [`Self::reading_key`] and [`Self::writing_key`].
    pub async fn is_current(&self, named: RecordKey<'_>) -> Result<bool, EnvelopeError> {
        self.hierarchy.is_current(&self.own, named).await
    }

    /// [`Self::reseal_keys`] without waiting, if both are there.
    ///
    /// # Errors
    /// Those of [`Self::reading_key_in_memory`].
    pub fn reseal_keys_in_memory(
        &self,
        named: RecordKey<'_>,
    ) -> Result<Option<ResealKeys>, EnvelopeError> {
        self.gate.check_open()?;
        self.hierarchy.reseal_keys_in_memory(&self.own, named)
    }

    /// The keys that put a record under the newest key: the one that it names, and that one.
    ///
    /// # Errors
    /// Those of [`Self::reading_key`] and [`Self::writing_key`].
    pub async fn reseal_keys(&self, named: RecordKey<'_>) -> Result<ResealKeys, EnvelopeError> {
        self.hierarchy.reseal_keys(&self.own, named).await
    }

    /// Loads the key that writes, then those that records name, each once and several at a time.
    /// Nothing is loaded if a record belongs elsewhere.
    ///
    /// # Errors
    /// Those of [`Self::writing_key`]; else those of [`Self::reading_key`], of the first key in
    /// order that failed, when all others have been loaded; an outage ends it at once.
    pub async fn warm(&self, named: &[NamedKey]) -> Result<(), EnvelopeError> {
        for key in named {
            self.hierarchy.check_names_own(&self.own, key.into())?;
        }
        self.writing_key().await?;
        let mut seen = HashSet::new();
        let each: Vec<_> = named.iter().filter(|key| seen.insert(*key)).collect();
        let mut first_error = None;
        for some in each.chunks(WARMED_AT_ONCE) {
            let loads = join_all(some.iter().map(|key| self.reading_key((*key).into())));
            for error in loads.await.into_iter().filter_map(Result::err) {
                // The others would wait in vain, and closing the factory for all of them.
                if error.is_outage() {
                    return Err(error);
                }
                first_error = first_error.or(Some(error));
            }
        }
        first_error.map_or(Ok(()), Err)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(redacted)")
    }
}
