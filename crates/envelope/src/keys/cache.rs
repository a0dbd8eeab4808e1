//! Bounded, sharded caches of key slots.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::slot::Slot;
use crate::clock::Timestamp;

/// Which version of a key a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Version {
    /// The newest one, which writes.
    Latest,
    /// Exactly the one that a record or another key names.
    Created(Timestamp),
}

/// Slots by key id and version. An evicted slot lives on with whoever still holds it.
#[derive(Debug)]
pub(super) struct KeyCache<K> {
    slots: Cache<(String, Version), Arc<Slot<K>>>,
}

impl<K: Send + Sync + 'static> KeyCache<K> {
    /// A cache of at most `capacity` keys.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            slots: Cache::new(capacity),
        }
    }

    /// The slot of that key, made empty if there is none.
    pub(super) fn slot(&self, id: &str, version: Version) -> Arc<Slot<K>> {
        let key = (id.to_owned(), version);
        let made: Result<_, std::convert::Infallible> = self
            .slots
            .get_or_insert_with(&key, || Ok(Arc::new(Slot::new())));
        match made {
            Ok(slot) => slot,
            Err(never) => match never {},
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn clear(&self) {
        self.slots.clear();
    }
}
