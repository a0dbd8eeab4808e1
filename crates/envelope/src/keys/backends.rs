//! The metastore and the KMS as the loader sees them: every call timed, counted, and its failure
//! told as ours.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::clock::Timestamp;
use crate::error::{EnvelopeError, KeyLevel, SharedCause, TimedOut};
use crate::kms::{KeyManagementService, KmsError};
use crate::metastore::{Metastore, MetastoreError};
use crate::record::EnvelopeKeyRecord;
use crate::secret::SecretKey;
use crate::spawner::Spawner;
use crate::stats::{Counter, FactoryStats};

/// Both backends of a factory.
pub(crate) struct Backends {
    metastore: Arc<dyn Metastore>,
    kms: Arc<dyn KeyManagementService>,
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
    pub(crate) fn new(
        metastore: Arc<dyn Metastore>,
        kms: Arc<dyn KeyManagementService>,
        spawner: Arc<dyn Spawner>,
        timeout: Duration,
    ) -> Self {
        let zero = Counter::default;
        Self {
            metastore,
            kms,
            spawner,
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
        self.ask_metastore("load a key", Some(level), self.metastore.load(id, created))
            .await
    }

    pub(super) async fn load_latest(
        &self,
        level: KeyLevel,
        id: &str,
    ) -> Result<Option<EnvelopeKeyRecord>, EnvelopeError> {
        self.loads.increment();
        self.ask_metastore(
            "load the newest key",
            Some(level),
            self.metastore.load_latest(id),
        )
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
        self.ask_metastore("store a key", Some(level), store).await
    }

    pub(super) async fn encrypt_key(&self, key: &SecretKey) -> Result<Vec<u8>, EnvelopeError> {
        self.encrypts.increment();
        self.ask_kms("encrypt a system key", self.kms.encrypt_key(key))
            .await
    }

    pub(super) async fn decrypt_key(&self, encrypted: &[u8]) -> Result<SecretKey, EnvelopeError> {
        self.decrypts.increment();
        self.ask_kms("decrypt a system key", self.kms.decrypt_key(encrypted))
            .await
    }

    pub(crate) async fn ping(&self) -> Result<(), EnvelopeError> {
        self.ask_metastore("answer a ping", None, self.metastore.ping())
            .await?;
        self.ask_kms("answer a ping", self.kms.ping()).await
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
        operation: &'static str,
        level: Option<KeyLevel>,
        call: impl Future<Output = Result<T, MetastoreError>> + Unpin,
    ) -> Result<T, EnvelopeError> {
        let outcome = self.within_timeout(call).await.map_err(|timed_out| {
            EnvelopeError::MetastoreUnavailable {
                operation,
                retryable: true,
                source: timed_out,
            }
        });
        let error = match outcome {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => metastore_failure(operation, level, error),
            Err(timed_out) => timed_out,
        };
        self.metastore_failures.increment();
        Err(error)
    }

    async fn ask_kms<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, KmsError>> + Unpin,
    ) -> Result<T, EnvelopeError> {
        let error = match self.within_timeout(call).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(KmsError::Refused(cause))) => EnvelopeError::KmsRefused {
                operation,
                source: cause.into(),
            },
            Ok(Err(KmsError::Unavailable(cause))) => EnvelopeError::KmsUnavailable {
                operation,
                source: cause.into(),
            },
            Err(timed_out) => EnvelopeError::KmsUnavailable {
                operation,
                source: timed_out,
            },
        };
        self.kms_failures.increment();
        Err(error)
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
