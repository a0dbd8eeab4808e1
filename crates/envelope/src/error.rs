//! Every way in which the envelope core can fail, and whose move it is.
//! No message holds a key, plaintext, an identifier or a connection string.

use std::error::Error as StdError;
use std::sync::Arc;

use crate::clock::Timestamp;

/// A cause that several waiters of one load can share.
pub type SharedCause = Arc<dyn StdError + Send + Sync>;

/// A failure of the envelope core.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// An identifier or option is unusable: the caller's move.
    #[error("{name} {requirement}")]
    InvalidArgument {
        /// The argument, as the caller knows it.
        name: &'static str,
        /// What it must be.
        requirement: &'static str,
    },
    /// The bytes or text are no record that this version reads.
    #[error("the record is malformed: {reason}")]
    RecordInvalid {
        /// What is wrong with its shape.
        reason: &'static str,
    },
    /// The record names another partition, service, product or region.
    #[error("the record belongs to another partition, service, product or region")]
    PartitionMismatch,
    /// The metastore has no row for a key that a record or another key names.
    #[error("the metastore has no {level} key created at {created}")]
    KeyNotFound {
        /// Which level of the hierarchy.
        level: KeyLevel,
        /// The version that was asked for.
        created: Timestamp,
    },
    /// A call that must not wait met a key that isn't in the cache; its load has been started.
    #[error("the key is not in the cache and this call never waits")]
    KeyNotCached,
    /// The record doesn't authenticate. One message, whatever was altered.
    #[error("the record could not be decrypted")]
    DecryptFailed,
    /// A row of the metastore can't be trusted: unparseable, foreign, or its tag fails.
    #[error("the {level} key row is invalid: {reason}")]
    KeyInvalid {
        /// Which level of the hierarchy.
        level: KeyLevel,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The newest key row is far in the future: this clock or the writer's is wrong.
    #[error("the newest {level} key was created at {created}, over 24 hours after this clock")]
    ClockSkew {
        /// Which level of the hierarchy.
        level: KeyLevel,
        /// When that row says it was created.
        created: Timestamp,
    },
    /// Other processes kept storing unusable keys in the very minutes this one tried.
    #[error("lost the race to store a new {level} key {attempts} times")]
    StoreConflict {
        /// Which level of the hierarchy.
        level: KeyLevel,
        /// How often it was tried.
        attempts: u32,
    },
    /// The metastore gave no answer.
    #[error("the metastore failed to {operation}")]
    MetastoreUnavailable {
        /// What was asked of it.
        operation: &'static str,
        /// Whether the same call may succeed later without a change of configuration.
        retryable: bool,
        /// What it said.
        source: SharedCause,
    },
    /// The metastore takes different key ids for one: two partitions would share a key.
    #[error("the metastore takes different key ids for one")]
    MetastoreCollation,
    /// The key management service gave no answer.
    #[error("the key management service failed to {operation}")]
    KmsUnavailable {
        /// What was asked of it.
        operation: &'static str,
        /// What it said.
        source: SharedCause,
    },
    /// The key management service answered no: denied, disabled, or not its ciphertext.
    #[error("the key management service refused to {operation}")]
    KmsRefused {
        /// What was asked of it.
        operation: &'static str,
        /// What it said.
        source: SharedCause,
    },
    /// The factory or session has been closed.
    #[error("the session or its factory is closed")]
    Closed,
    /// The plaintext is longer than AES-GCM can seal under one key and nonce.
    #[error("the data is longer than {limit} bytes")]
    DataTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Locked memory is required, and the system denies it.
    #[error("memory for keys could not be locked")]
    SecureMemoryUnavailable {
        /// What the system said.
        source: SharedCause,
    },
    /// The system's random generator failed.
    #[error("the system's random generator failed")]
    RandomUnavailable,
    /// A panic ended the load of a key, or a key was altered in memory: a defect of this library,
    /// of a backend, or of other code of the process.
    #[error("an internal error ended the load or the use of a key")]
    Internal,
}

impl EnvelopeError {
    /// Whether the same call may succeed later with nothing changed by the caller.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::MetastoreUnavailable { retryable, .. } => *retryable,
            Self::KeyNotCached | Self::KmsUnavailable { .. } | Self::StoreConflict { .. } => true,
            _ => false,
        }
    }

    /// As a field of an event. Whoever receives it takes the error's kind and message, never its
    /// causes: those are a driver's or a user's words.
    pub(crate) fn as_field(&self) -> &(dyn StdError + 'static) {
        self
    }

    /// Whether this says nothing about the key, only that nobody could be asked.
    /// A cached key outlives such a failure for the grace; any other one ends it at once.
    #[must_use]
    pub(crate) fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::MetastoreUnavailable { .. }
                | Self::KmsUnavailable { .. }
                | Self::StoreConflict { .. }
                | Self::RandomUnavailable
                | Self::Internal
        )
    }
}

/// A level of the key hierarchy, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLevel {
    /// One key per service and product.
    System,
    /// One key per partition.
    Intermediate,
}

impl std::fmt::Display for KeyLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::System => "system",
            Self::Intermediate => "intermediate",
        })
    }
}

/// An operation did not end within the factory's timeout.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no answer within {} ms", .limit.as_millis())]
pub struct TimedOut {
    /// The factory's timeout.
    pub limit: std::time::Duration,
}
