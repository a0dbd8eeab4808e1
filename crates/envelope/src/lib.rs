//! Envelope encryption: master key → system key → intermediate key per partition → a fresh key per
//! record. Sessions, caches, rotation rules and record formats.
//!
//! Must not know: any network, database, async runtime or host language. Time, background work,
//! the metastore and the KMS come in by trait.
//!
//! An operation has two halves: a [`Session`] gives the key, cached or loaded; the
//! [`IntermediateKey`] then works on the record with no I/O, on whatever thread the host likes.

#![forbid(unsafe_code)]

pub mod aead;
mod clock;
mod error;
mod factory;
mod gate;
mod keys;
mod kms;
mod metastore;
mod partition;
mod policy;
mod random;
pub mod record;
mod secret;
mod session;
mod spawner;
mod stats;
pub mod stream;

pub use clock::{CREATED_PRECISION_SECONDS, Clock, SystemClock, Timestamp};
pub use error::{EnvelopeError, KeyLevel, SharedCause, TimedOut};
pub use factory::{Dependencies, FactoryOptions, SessionFactory};
pub use gate::Operation;
pub use keys::{IntermediateKey, RecordKey, ResealKeys};
pub use kms::{KeyManagementService, KmsError};
pub use metastore::{Metastore, MetastoreError};
pub use partition::{MAX_KEY_ID_CHARS, MAX_SUFFIX_LEN_BYTES, Partition, Service};
pub use policy::CryptoPolicy;
pub use random::Randomness;
pub use secret::{KEY_LEN_BYTES, SecretKey};
pub use session::Session;
pub use spawner::Spawner;
pub use stats::FactoryStats;

pub use sealdiff_secure_memory::{MemoryMode, MemoryProtection, WipedVec, wipe};

/// A boxed future, as the traits of this crate return it.
pub use futures_util::future::BoxFuture;
