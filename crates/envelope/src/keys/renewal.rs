//! Which records a write would put under another key, and the keys that do it. Decides by what the
//! hierarchy gives; loads nothing itself.

use std::cmp::Ordering;
use std::sync::Arc;

use super::hierarchy::{KeyHierarchy, PartitionKeys, RecordKey, resolve};
use super::intermediate_key::IntermediateKey;
use crate::error::EnvelopeError;
use crate::record::KeyMeta;

/// The keys that put a record under the newest key.
#[derive(Debug)]
pub struct ResealKeys {
    /// The key that the record names.
    pub reading: Arc<IntermediateKey>,
    /// The newest key, perhaps the same.
    pub writing: Arc<IntermediateKey>,
}

impl KeyHierarchy {
    /// [`Self::is_current`] if it can be told from what is in memory.
    ///
    /// # Errors
    /// [`EnvelopeError::PartitionMismatch`].
    pub(crate) fn is_current_in_memory(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<Option<bool>, EnvelopeError> {
        let meta = resolve(&own.partition, named)?;
        if !self.could_write(own, &meta) {
            return Ok(Some(false));
        }
        let (freshness, now) = (&self.loader.freshness, self.now());
        // One that is due for a refresh is asked for, which starts it.
        let newest = own.latest.peek_fresh(freshness, |cached| {
            cached.key.may_write(&freshness.policy, now)
        });
        Ok(
            newest.and_then(|newest| match newest.created().cmp(&meta.created) {
                Ordering::Greater => Some(false),
                Ordering::Equal => Some(true),
                // Another process may have made that key: only its row can tell.
                Ordering::Less => None,
            }),
        )
    }

    /// Whether a write would use the very key that a record names.
    ///
    /// # Errors
    /// Those of [`Self::reading_key`] and [`Self::writing_key`].
    pub(crate) async fn is_current(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<bool, EnvelopeError> {
        if let Some(answer) = self.is_current_in_memory(own, named)? {
            return Ok(answer);
        }
        // First: where it is there and valid, asking for the newest key hardly ever makes one.
        let key = self.reading_key(own, named).await?;
        if !key.may_write(&self.loader.freshness.policy, self.now()) {
            return Ok(false);
        }
        let newest = self.writing_key(own).await?;
        Ok(newest.created() <= key.created())
    }

    /// [`Self::reseal_keys`] if both are in memory.
    ///
    /// # Errors
    /// Those of [`Self::reading_key_in_memory`].
    pub(crate) fn reseal_keys_in_memory(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<Option<ResealKeys>, EnvelopeError> {
        let Some(reading) = self.reading_key_in_memory(own, named)? else {
            return Ok(None);
        };
        let writing = self.writing_key_in_memory(own);
        Ok(writing.map(|writing| self.newer(reading, writing)))
    }

    /// The key that a record names, and the newest one.
    ///
    /// # Errors
    /// Those of [`Self::reading_key`] and [`Self::writing_key`].
    pub(crate) async fn reseal_keys(
        &self,
        own: &PartitionKeys,
        named: RecordKey<'_>,
    ) -> Result<ResealKeys, EnvelopeError> {
        let reading = self.reading_key(own, named).await?;
        let writing = self.writing_key(own).await?;
        Ok(self.newer(reading, writing))
    }

    /// A record under a key that another process made since we asked for the newest stays under it.
    fn newer(&self, reading: Arc<IntermediateKey>, writing: Arc<IntermediateKey>) -> ResealKeys {
        let is_newer = reading.created() > writing.created() && reading.has_id_of(&writing);
        let may_write = reading.may_write(&self.loader.freshness.policy, self.now());
        let writing = if is_newer && may_write {
            Arc::clone(&reading)
        } else {
            writing
        };
        ResealKeys { reading, writing }
    }

    /// What the reference alone says: another region's key, or one past its age, writes nothing.
    fn could_write(&self, own: &PartitionKeys, meta: &KeyMeta) -> bool {
        meta.id == own.partition.intermediate_key_id()
            && !self
                .loader
                .freshness
                .policy
                .is_expired(meta.created, self.now())
    }
}
