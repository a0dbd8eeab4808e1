//! Session: one partition. Gives the keys that write and read its records; the records themselves
//! are the keys' business.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::gate::{Gate, Operation};
use crate::keys::{IntermediateKey, KeyHierarchy, RecordKey, Slot};
use crate::partition::Partition;

/// A light object over shared state; dropping it disturbs no other session.
#[derive(Clone)]
pub struct Session {
    partition: Arc<Partition>,
    hierarchy: Arc<KeyHierarchy>,
    gate: Arc<Gate>,
    latest: Arc<Slot<IntermediateKey>>,
}

impl Session {
    pub(crate) fn new(partition: Partition, hierarchy: Arc<KeyHierarchy>, gate: Arc<Gate>) -> Self {
        let latest = hierarchy.latest_slot(&partition);
        Self {
            partition: Arc::new(partition),
            hierarchy,
            gate,
            latest,
        }
    }

    /// The partition's id, as the caller gave it.
    #[must_use]
    pub fn partition_id(&self) -> &str {
        self.partition.id()
    }

    /// The factory's wall-clock time: what a new data row key is dated with.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.hierarchy.now()
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
        self.hierarchy
            .cached_writing_key(&self.partition, &self.latest)
    }

    /// The key that writes: cached, loaded, or made where there is no valid one.
    ///
    /// # Errors
    /// [`EnvelopeError::MetastoreUnavailable`], [`EnvelopeError::KmsUnavailable`],
    /// [`EnvelopeError::KmsRefused`], [`EnvelopeError::KeyInvalid`], [`EnvelopeError::ClockSkew`],
    /// [`EnvelopeError::StoreConflict`], [`EnvelopeError::KeyNotFound`] for a missing parent.
    pub async fn writing_key(&self) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        self.hierarchy
            .writing_key(&self.partition, &self.latest)
            .await
    }

    /// The key that a record names, without waiting; a missing one is loaded in the background.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`], [`EnvelopeError::KeyNotCached`],
    /// [`EnvelopeError::Closed`].
    pub fn cached_reading_key(
        &self,
        named: RecordKey<'_>,
    ) -> Result<Arc<IntermediateKey>, EnvelopeError> {
        self.gate.check_open()?;
        self.hierarchy
            .cached_reading_key(&self.partition, &self.latest, named)
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
        self.hierarchy
            .reading_key(&self.partition, &self.latest, named)
            .await
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(redacted)")
    }
}
