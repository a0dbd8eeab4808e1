//! The candidates, each as a registry: what holds a value by its handle. Knows nothing of threads or time.
//! All hash with the standard library's SipHash, as the adapter does: whoever calls `attach` chooses the key.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use arc_swap::ArcSwap;
use dashmap::DashMap;

/// What a handle names. The registry holds it weakly, as the adapter's does.
pub type Factory = u64;

/// A registry of factories by handle.
pub trait Registry: Sync {
    /// The factory that a handle names, if it is still there.
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>>;
    /// Makes a factory known.
    fn publish(&self, handle: &str, factory: &Arc<Factory>);
    /// Forgets a factory.
    fn unpublish(&self, handle: &str);
}

/// Every candidate by name, empty. `capacity` is for the one that is bounded.
pub fn candidates(capacity: usize) -> Vec<(&'static str, Box<dyn Registry>)> {
    vec![
        ("Mutex<HashMap>", Box::new(Mutex::new(Weaks::new()))),
        ("RwLock<HashMap>", Box::new(RwLock::new(Weaks::new()))),
        (
            "ArcSwap<HashMap>",
            Box::new(ArcSwap::from_pointee(Weaks::new())),
        ),
        ("dashmap", Box::new(DashMap::<String, Weak<Factory>>::new())),
        (
            "papaya",
            Box::new(papaya::HashMap::<String, Weak<Factory>>::new()),
        ),
        (
            "scc",
            Box::new(scc::HashMap::<String, Weak<Factory>>::new()),
        ),
        ("quick_cache", Box::new(bounded(capacity))),
    ]
}

type Weaks = HashMap<String, Weak<Factory>>;
type Bounded =
    quick_cache::sync::Cache<String, Weak<Factory>, quick_cache::UnitWeighter, RandomState>;

fn bounded(capacity: usize) -> Bounded {
    Bounded::with(
        capacity,
        capacity as u64,
        quick_cache::UnitWeighter,
        RandomState::new(),
        quick_cache::sync::DefaultLifecycle::default(),
    )
}

impl Registry for Mutex<Weaks> {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        let map = self.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(handle)?.upgrade()
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        let mut map = self.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(handle.to_owned(), Arc::downgrade(factory));
    }

    fn unpublish(&self, handle: &str) {
        self.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(handle);
    }
}

impl Registry for RwLock<Weaks> {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        let map = self.read().unwrap_or_else(PoisonError::into_inner);
        map.get(handle)?.upgrade()
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        let mut map = self.write().unwrap_or_else(PoisonError::into_inner);
        map.insert(handle.to_owned(), Arc::downgrade(factory));
    }

    fn unpublish(&self, handle: &str) {
        self.write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(handle);
    }
}

impl Registry for ArcSwap<Weaks> {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        self.load().get(handle)?.upgrade()
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        self.rcu(|map| {
            let mut copy = Weaks::clone(map);
            copy.insert(handle.to_owned(), Arc::downgrade(factory));
            copy
        });
    }

    fn unpublish(&self, handle: &str) {
        self.rcu(|map| {
            let mut copy = Weaks::clone(map);
            copy.remove(handle);
            copy
        });
    }
}

impl Registry for DashMap<String, Weak<Factory>> {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        self.get(handle)?.upgrade()
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        self.insert(handle.to_owned(), Arc::downgrade(factory));
    }

    fn unpublish(&self, handle: &str) {
        self.remove(handle);
    }
}

impl Registry for papaya::HashMap<String, Weak<Factory>> {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        self.pin().get(handle)?.upgrade()
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        self.pin()
            .insert(handle.to_owned(), Arc::downgrade(factory));
    }

    fn unpublish(&self, handle: &str) {
        self.pin().remove(handle);
    }
}

impl Registry for scc::HashMap<String, Weak<Factory>> {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        self.read_sync(handle, |_, factory| factory.upgrade())?
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        self.upsert_sync(handle.to_owned(), Arc::downgrade(factory));
    }

    fn unpublish(&self, handle: &str) {
        self.remove_sync(handle);
    }
}

impl Registry for Bounded {
    fn by_handle(&self, handle: &str) -> Option<Arc<Factory>> {
        self.get(handle)?.upgrade()
    }

    fn publish(&self, handle: &str, factory: &Arc<Factory>) {
        self.insert(handle.to_owned(), Arc::downgrade(factory));
    }

    fn unpublish(&self, handle: &str) {
        self.remove(handle);
    }
}
