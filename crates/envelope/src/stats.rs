//! Counters of what the core did, cheap enough to be always on.

use std::sync::atomic::{AtomicU64, Ordering};

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

/// What a factory did since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FactoryStats {
    /// Intermediate keys in the cache, newest and older versions counted apart.
    pub intermediate_keys: usize,
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
    /// Refreshes of a cached key that failed.
    pub refresh_failures: u64,
}
