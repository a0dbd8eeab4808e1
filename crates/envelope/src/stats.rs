//! Counters of what the core did, cheap enough to be always on.

use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sealdiff_secure_memory::MemoryProtection;

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many of a kind there are now.
#[derive(Debug, Default)]
pub(crate) struct Population(Arc<AtomicUsize>);

/// One of a [`Population`], until it is dropped.
#[derive(Debug)]
pub(crate) struct Member(Arc<AtomicUsize>);

impl Population {
    pub(crate) fn join(&self) -> Member {
        self.0.fetch_add(1, Ordering::Relaxed);
        Member(Arc::clone(&self.0))
    }

    pub(crate) fn size(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the slots of a factory's keys count.
#[derive(Debug, Default)]
pub(crate) struct SlotCounters {
    pub(crate) loads: Counter,
    pub(crate) refreshes: Counter,
    pub(crate) refresh_failures: Counter,
    pub(crate) intermediate_keys: Population,
    pub(crate) system_keys: Population,
}

/// Shards of [`Lookups`]: more than the threads that seal at once on most machines.
const SHARDS: usize = 64;

/// How often a key was asked for, counted apart by threads: with one counter for all, two threads
/// would take its cache line from each other with every record.
#[derive(Debug)]
pub(crate) struct Lookups([Arc<LookupShard>; SHARDS]);

/// The count of one thread, or of a few. Aligned to two cache lines, which processors fetch
/// together.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct LookupShard {
    hits: Counter,
    misses: Counter,
}

impl Lookups {
    pub(crate) fn new() -> Self {
        Self(array::from_fn(|_| Arc::default()))
    }

    /// The shard for what is made on this thread, and mostly used there.
    pub(crate) fn of_this_thread(&self) -> Arc<LookupShard> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static ORDINAL: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        Arc::clone(&self.0[ORDINAL.with(|ordinal| ordinal % SHARDS)])
    }

    pub(crate) fn hits(&self) -> u64 {
        self.0.iter().map(|shard| shard.hits.value()).sum()
    }

    pub(crate) fn misses(&self) -> u64 {
        self.0.iter().map(|shard| shard.misses.value()).sum()
    }
}

impl LookupShard {
    pub(crate) fn hit(&self) {
        self.hits.increment();
    }

    pub(crate) fn miss(&self) {
        self.misses.increment();
    }
}

/// What a factory did since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FactoryStats {
    /// Intermediate keys in memory now, newest and older versions counted apart, also those that
    /// only a session still holds.
    pub intermediate_keys: usize,
    /// System keys in memory now.
    pub system_keys: usize,
    /// Keys of streams in memory now: of each that has begun and neither ended nor been dropped.
    pub stream_keys: usize,
    /// Intermediate keys asked for and found in memory.
    pub key_hits: u64,
    /// Intermediate keys asked for and not found: the call waited for a load, or gave up.
    pub key_misses: u64,
    /// Keys asked for and known to be absent from the metastore, so that no load was made.
    pub negative_hits: u64,
    /// Loads of keys of both levels that were not in memory, made ones included.
    pub key_loads: u64,
    /// Loads of keys of both levels that were, to see whether they are still valid.
    pub key_refreshes: u64,
    /// Refreshes that failed.
    pub refresh_failures: u64,
    /// Intermediate keys that made room for others.
    pub key_evictions: u64,
    /// Rows asked of the metastore.
    pub metastore_loads: u64,
    /// Rows offered to the metastore.
    pub metastore_stores: u64,
    /// Calls of the metastore that failed or took longer than the timeout.
    pub metastore_failures: u64,
    /// System keys wrapped by the KMS.
    pub kms_encrypts: u64,
    /// System keys unwrapped by the KMS.
    pub kms_decrypts: u64,
    /// Calls of the KMS that failed or took longer than the timeout.
    pub kms_failures: u64,
    /// What the keys' memory got.
    pub memory_protection: MemoryProtection,
    /// Memory locked for keys so far, in bytes.
    pub locked_bytes: usize,
    /// The most that will be, in bytes; 0 where nothing is locked.
    pub locked_bytes_limit: usize,
}
