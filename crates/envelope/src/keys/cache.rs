//! Bounded, sharded caches of key slots.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};

use super::slot::{CachedKey, Slot};
use crate::clock::Timestamp;
use crate::stats::Counter;

/// Which version of a key a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Version {
    /// The newest one, which writes.
    Latest,
    /// Exactly the one that a record or another key names.
    Created(Timestamp),
}

type SlotKey = (String, Version);
type Slots<K> = Cache<SlotKey, Arc<Slot<K>>, UnitWeighter, DefaultHashBuilder, Evicted<K>>;

/// Slots by key id and version. An evicted slot lives on with whoever still holds it.
pub(super) struct KeyCache<K> {
    slots: Slots<K>,
    evicted: Evicted<K>,
}

impl<K: CachedKey> KeyCache<K> {
    /// A cache of at most `capacity` keys.
    pub(super) fn new(capacity: usize) -> Self {
        let evicted = Evicted::default();
        let weight = u64::try_from(capacity).unwrap_or(u64::MAX);
        let hasher = DefaultHashBuilder::default();
        Self {
            slots: Cache::with(capacity, weight, UnitWeighter, hasher, evicted.clone()),
            evicted,
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

    /// The key, if it is cached, whatever its age.
    pub(super) fn peek(&self, id: &str, version: Version) -> Option<Arc<K>> {
        self.slots.peek(&(id.to_owned(), version))?.peek()
    }

    /// Takes a slot away whose load failed, so that names of keys that don't exist push out no
    /// key that does. A slot with a key in it stays, unless the failure ends the key.
    pub(super) fn forget(&self, id: &str, created: Timestamp, ends_key: bool) {
        let key = (id.to_owned(), Version::Created(created));
        self.slots
            .remove_if(&key, |slot| ends_key || slot.peek().is_none());
    }

    /// Keys that made room for others.
    pub(super) fn evictions(&self) -> u64 {
        self.evicted.keys.value()
    }

    /// Forgets every key, also where a session still holds the slot.
    pub(super) fn clear(&self) {
        self.slots.drain().for_each(|(_, slot)| slot.clear());
        self.evicted.held().for_each(|slot| slot.clear());
    }
}

/// Slots that were evicted while somebody held them: closing must reach them too.
struct Evicted<K> {
    still_held: Arc<Mutex<Vec<Weak<Slot<K>>>>>,
    keys: Arc<Counter>,
}

impl<K> Evicted<K> {
    /// Those that are still held, and no longer known here.
    fn held(&self) -> impl Iterator<Item = Arc<Slot<K>>> + use<K> {
        let slots = std::mem::take(
            &mut *self
                .still_held
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        slots.into_iter().filter_map(|slot| slot.upgrade())
    }
}

impl<K> Default for Evicted<K> {
    fn default() -> Self {
        Self {
            still_held: Arc::default(),
            keys: Arc::default(),
        }
    }
}

impl<K> Clone for Evicted<K> {
    fn clone(&self) -> Self {
        Self {
            still_held: Arc::clone(&self.still_held),
            keys: Arc::clone(&self.keys),
        }
    }
}

impl<K: CachedKey> Lifecycle<SlotKey, Arc<Slot<K>>> for Evicted<K> {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _key: SlotKey, slot: Arc<Slot<K>>) {
        if slot.peek().is_some() {
            self.keys.increment();
        }
        if Arc::strong_count(&slot) == 1 {
            return;
        }
        let mut slots = self
            .still_held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Before it would grow: the cost of dropping dead ones is spread over as many evictions.
        if slots.len() == slots.capacity() {
            slots.retain(|slot| slot.strong_count() > 0);
        }
        slots.push(Arc::downgrade(&slot));
    }
}
