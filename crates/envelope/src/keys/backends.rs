//! The metastore and the KMS as the loader sees them: every call timed, counted, and its failure
//! told as ours.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::slot::Freshness;
use crate::clock::{Clock, Timestamp};
use crate::error::{EnvelopeError, KeyLevel, SharedCause, TimedOut};
use crate::kms::{KeyManagementService, KmsError};
use crate::metastore::{Metastore, MetastoreError};
use crate::record::EnvelopeKeyRecord;
use crate::secret::SecretKey;
use crate::spawner::Spawner;
use crate::stats::{Counter, FactoryStats};

/// What is asked of a backend: the method's name, for events, and words for errors.
struct Request {
    name: &'static str,
    words: &'static str,
}

const LOAD: Request = Request {
    name: "load",
    words: "load a key",
};
const LOAD_LATEST: Request = Request {
    name: "loadLatest",
    words: "load the newest key",
};
const STORE: Request = Request {
    name: "store",
    words: "store a key",
};
const ENCRYPT_KEY: Request = Request {
    name: "encryptKey",
    words: "encrypt a system key",
};
const DECRYPT_KEY: Request = Request {
    name: "decryptKey",
    words: "decrypt a system key",
};
const PING: Request = Request {
    name: "ping",
    words: "answer a ping",
};

/// Both backends of a factory.
pub(crate) struct Backends {
    metastore: Arc<dyn Metastore>,
    kms: Arc<dyn KeyManagementService>,
    clock: Arc<dyn Clock>,
    spawner: Arc<dyn Spawner>,
    timeout: Duration,
    loads: Counter,
    stores: Counter,
    metastore_failures: Counter,
    encrypts: Counter,
    decrypts: Counter,
    kms_failures: Counter,
}

impl Backends {
    /// Over the clock and the timers that cached keys are kept by.
    pub(crate) fn new(
        metastore: Arc<dyn Metastore>,
        kms: Arc<dyn KeyManagementService>,
        freshness: &Freshness,
        timeout: Duration,
    ) -> Self {
        let zero = Counter::default;
        Self {
            metastore,
            kms,
            clock: Arc::clone(&freshness.clock),
            spawner: Arc::clone(&freshness.spawner),
            timeout,
            loads: zero(),
            stores: zero(),
            metastore_failures: zero(),
            encrypts: zero(),
            decrypts: zero(),
            kms_failures: zero(),
        }
    }

    pub(super) async fn load(
        &self,
        level: KeyLevel,
        id: &str,
        created: Timestamp,
    ) -> Result<Option<EnvelopeKeyRecord>, EnvelopeError> {
        self.loads.increment();
        self.ask_metastore(LOAD, Some(level), self.metastore.load(id, created))
            .await
    }

    pub(super) async fn load_latest(
        &self,
        level: KeyLevel,
        id: &str,
    ) -> Result<Option<EnvelopeKeyRecord>, EnvelopeError> {
        self.loads.increment();
        self.ask_metastore(LOAD_LATEST, Some(level), self.metastore.load_latest(id))
            .await
    }

    pub(super) async fn store(
        &self,
        level: KeyLevel,
        id: &str,
        record: &EnvelopeKeyRecord,
    ) -> Result<bool, EnvelopeError> {
        self.stores.increment();
        let store = self.metastore.store(id, record.created, record);
        self.ask_metastore(STORE, Some(level), store).await
    }

    pub(super) async fn encrypt_key(&self, key: &SecretKey) -> Result<Vec<u8>, EnvelopeError> {
        self.encrypts.increment();
        self.ask_kms(ENCRYPT_KEY, self.kms.encrypt_key(key)).await
    }

    pub(super) async fn decrypt_key(&self, encrypted: &[u8]) -> Result<SecretKey, EnvelopeError> {
        self.decrypts.increment();
        self.ask_kms(DECRYPT_KEY, self.kms.decrypt_key(encrypted))
            .await
    }

    pub(crate) async fn ping(&self) -> Result<(), EnvelopeError> {
        self.ask_metastore(PING, None, self.metastore.ping())
            .await?;
        self.ask_kms(PING, self.kms.ping()).await
    }

    pub(crate) async fn close(&self) {
        let deadline = self.spawner.sleep(self.timeout);
        select(self.metastore.close(), deadline).await;
    }

    pub(crate) fn write_stats(&self, stats: &mut FactoryStats) {
        stats.metastore_loads = self.loads.value();
        stats.metastore_stores = self.stores.value();
        stats.metastore_failures = self.metastore_failures.value();
        stats.kms_encrypts = self.encrypts.value();
        stats.kms_decrypts = self.decrypts.value();
        stats.kms_failures = self.kms_failures.value();
    }

    async fn ask_metastore<T>(
        &self,
        request: Request,
        level: Option<KeyLevel>,
        call: impl Future<Output = Result<T, MetastoreError>> + Unpin,
    ) -> Result<T, EnvelopeError> {
        let started_at = self.clock.monotonic();
        let outcome = match self.within_timeout(call).await {
            Ok(answer) => answer.map_err(|error| metastore_failure(request.words, level, error)),
            Err(timed_out) => Err(EnvelopeError::MetastoreUnavailable {
                operation: request.words,
                retryable: true,
                source: timed_out,
            }),
        };
        if outcome.is_err() {
            self.metastore_failures.increment();
        }
        tracing::info!(
            target: "sealdiff::metastore",
            operation = request.name,
            level = level.map(tracing::field::display),
            duration_ms = self.milliseconds_since(started_at),
            error = outcome.as_ref().err().map(EnvelopeError::as_field),
        );
        outcome
    }

    async fn ask_kms<T>(
        &self,
        request: Request,
        call: impl Future<Output = Result<T, KmsError>> + Unpin,
    ) -> Result<T, EnvelopeError> {
        let operation = request.words;
        let started_at = self.clock.monotonic();
        let unavailable = |source| EnvelopeError::KmsUnavailable { operation, source };
        let outcome = match self.within_timeout(call).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(KmsError::Refused(cause))) => Err(EnvelopeError::KmsRefused {
                operation,
                source: cause.into(),
            }),
            Ok(Err(KmsError::Unavailable(cause))) => Err(unavailable(cause.into())),
            Err(timed_out) => Err(unavailable(timed_out)),
        };
        if outcome.is_err() {
            self.kms_failures.increment();
        }
        tracing::info!(
            target: "sealdiff::kms",
            operation = request.name,
            duration_ms = self.milliseconds_since(started_at),
            error = outcome.as_ref().err().map(EnvelopeError::as_field),
        );
        outcome
    }

    fn milliseconds_since(&self, started_at: Duration) -> f64 {
        let elapsed = self.clock.monotonic().saturating_sub(started_at);
        elapsed.as_secs_f64() * 1_000.0
    }

    async fn within_timeout<T>(
        &self,
        call: impl Future<Output = T> + Unpin,
    ) -> Result<T, SharedCause> {
        match select(call, self.spawner.sleep(self.timeout)).await {
            Either::Left((answer, _)) => Ok(answer),
            Either::Right(((), _)) => Err(Arc::new(TimedOut {
                limit: self.timeout,
            })),
        }
    }
}

fn metastore_failure(
    operation: &'static str,
    level: Option<KeyLevel>,
    error: MetastoreError,
) -> EnvelopeError {
    match (error, level) {
        (MetastoreError::InvalidRow { reason }, Some(level)) => {
            EnvelopeError::KeyInvalid { level, reason }
        }
        (MetastoreError::Collation, _) => EnvelopeError::MetastoreCollation,
        (MetastoreError::Unavailable { retryable, source }, _) => {
            EnvelopeError::MetastoreUnavailable {
                operation,
                retryable,
                source: source.into(),
            }
        }
        (error @ MetastoreError::InvalidRow { .. }, None) => {
            let source: Arc<dyn StdError + Send + Sync> = Arc::new(error);
            EnvelopeError::MetastoreUnavailable {
                operation,
                retryable: false,
                source,
            }
        }
    }
}
