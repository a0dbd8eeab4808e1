//! From the options of `SessionFactory.open` to a factory of the core.

use std::sync::Arc;
use std::time::Duration;

use napi_derive::napi;
use sealdiff_envelope::{
    Clock, CryptoPolicy, Dependencies, FactoryOptions, KeyManagementService, KmsError, MemoryMode,
    Metastore, MetastoreError, Randomness, SecretKey, SessionFactory, SystemClock, TimedOut,
};
use sealdiff_metastores::{OpenError, OpenOptions, PoolOptions, TlsOptions};

use super::custom::MetastoreMethods;
use super::kms::OpeningKms;
use super::registry::OpenFactory;
use super::sessions::SharedCounts;
use super::test_clock;
use crate::error::Failure;
use crate::runtime::TokioSpawner;

/// Default of `cache.sessions`.
const SESSIONS: u32 = 1_000;

/// The options of `SessionFactory.open`, read and checked by `lib/`: durations in seconds.
#[napi(object, object_to_js = false)]
pub(crate) struct OpenArguments {
    pub service_id: String,
    pub product_id: String,
    /// A URL; else the metastore is the user's own.
    pub metastore: Option<String>,
    pub create_table: Option<bool>,
    pub table: Option<String>,
    pub pool: Option<PoolArguments>,
    pub tls: Option<TlsArguments>,
    pub expire_after: Option<f64>,
    pub revoke_check_interval: Option<f64>,
    pub refresh_grace: Option<f64>,
    pub timeout: Option<f64>,
    pub sessions: Option<u32>,
    pub intermediate_keys: Option<u32>,
    /// A clock of this thread that a test moves; else the system's.
    pub clock: Option<u32>,
    #[napi(ts_type = "'require' | 'prefer' | 'off'")]
    pub secure_memory: Option<String>,
    pub locked_bytes: Option<u32>,
    pub fresh_randomness: Option<bool>,
}

/// `metastore.pool`: limits of the connections to a server, durations in seconds.
#[napi(object, object_to_js = false)]
pub(crate) struct PoolArguments {
    pub max_connections: Option<u32>,
    pub acquire_timeout: Option<f64>,
    pub idle_timeout: Option<f64>,
}

/// `metastore.tls` and `kms.tls`: certificates as PEM text.
#[napi(object, object_to_js = false)]
pub(crate) struct TlsArguments {
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
}

impl OpenArguments {
    /// Opens the metastore, unless it is the user's own, and the KMS, each within the timeout, and
    /// makes the factory.
    pub(super) async fn open(
        self,
        own_metastore: Option<MetastoreMethods>,
        kms: OpeningKms,
        clock: Arc<dyn Clock>,
    ) -> Result<OpenFactory, Failure> {
        let options = self.factory_options()?;
        let metastore: Arc<dyn Metastore> = match own_metastore {
            Some(methods) => Arc::new(methods),
            None => self.open_metastore(options.timeout).await?,
        };
        let kms = open_kms(options.timeout, kms).await?;
        let dependencies = Dependencies {
            metastore,
            kms,
            clock,
            spawner: Arc::new(TokioSpawner),
        };
        let core = SessionFactory::new(&self.service_id, &self.product_id, options, dependencies)?;
        core.ping().await?;
        Ok(OpenFactory {
            core: Arc::new(core),
            handle: new_handle()?,
            sessions: self.sessions.unwrap_or(SESSIONS) as usize,
            session_counts: SharedCounts::default(),
        })
    }

    /// The clock that the factory goes by; it must be asked for on the thread that opens it.
    pub(super) fn clock(&self) -> Result<Arc<dyn Clock>, Failure> {
        Ok(match self.clock {
            Some(number) => test_clock::by_number(number)?,
            None => Arc::new(SystemClock::new()),
        })
    }

    async fn open_metastore(&self, timeout: Duration) -> Result<Arc<dyn Metastore>, Failure> {
        let url = self.metastore.as_deref().ok_or(Failure::ArgumentType {
            name: "metastore",
            requirement: "must be a URL or an object",
        })?;
        let options = OpenOptions {
            create_table: self.create_table,
            table: self.table.clone(),
            pool: self.pool_options()?,
            tls: self.tls_options(),
        };
        let opening = sealdiff_metastores::open(url, options);
        let opened = tokio::time::timeout(timeout, opening)
            .await
            .unwrap_or_else(|_elapsed| Err(timed_out(timeout)));
        Ok(opened?)
    }

    fn pool_options(&self) -> Result<PoolOptions, Failure> {
        let Some(pool) = &self.pool else {
            return Ok(PoolOptions::default());
        };
        Ok(PoolOptions {
            max_connections: pool.max_connections,
            acquire_timeout: seconds("metastore.pool.acquireTimeout", pool.acquire_timeout)?,
            idle_timeout: seconds("metastore.pool.idleTimeout", pool.idle_timeout)?,
        })
    }

    fn tls_options(&self) -> TlsOptions {
        let bytes = |pem: &Option<String>| pem.as_ref().map(|text| text.clone().into_bytes());
        self.tls
            .as_ref()
            .map(|tls| TlsOptions {
                ca: bytes(&tls.ca),
                cert: bytes(&tls.cert),
                key: bytes(&tls.key),
            })
            .unwrap_or_default()
    }

    fn factory_options(&self) -> Result<FactoryOptions, Failure> {
        let FactoryOptions {
            policy,
            intermediate_keys,
            timeout,
            memory_mode,
            locked_bytes,
            randomness,
        } = FactoryOptions::default();
        Ok(FactoryOptions {
            policy: CryptoPolicy {
                expire_after: seconds("policy.expireAfter", self.expire_after)?
                    .unwrap_or(policy.expire_after),
                revoke_check_interval: seconds(
                    "policy.revokeCheckInterval",
                    self.revoke_check_interval,
                )?
                .unwrap_or(policy.revoke_check_interval),
                refresh_grace: seconds("policy.refreshGrace", self.refresh_grace)?
                    .unwrap_or(policy.refresh_grace),
            },
            intermediate_keys: self
                .intermediate_keys
                .map_or(intermediate_keys, |n| n as usize),
            timeout: seconds("timeout", self.timeout)?.unwrap_or(timeout),
            memory_mode: self
                .secure_memory
                .as_deref()
                .map_or(Ok(memory_mode), read_memory_mode)?,
            locked_bytes: self
                .locked_bytes
                .map_or(locked_bytes, |bytes| Some(bytes as usize)),
            randomness: self.fresh_randomness.map_or(randomness, randomness_of),
        })
    }
}

fn randomness_of(is_fresh: bool) -> Randomness {
    match is_fresh {
        true => Randomness::Fresh,
        false => Randomness::Buffered,
    }
}

fn read_memory_mode(name: &str) -> Result<MemoryMode, Failure> {
    match name {
        "require" => Ok(MemoryMode::Require),
        "prefer" => Ok(MemoryMode::Prefer),
        "off" => Ok(MemoryMode::Off),
        _ => Err(Failure::ArgumentValue {
            name: "secureMemory",
            requirement: "must be 'require', 'prefer' or 'off'",
        }),
    }
}

fn seconds(name: &'static str, value: Option<f64>) -> Result<Option<Duration>, Failure> {
    let requirement = "must be a duration";
    value
        .map(Duration::try_from_secs_f64)
        .transpose()
        .map_err(|_negative_or_huge| Failure::ArgumentValue { name, requirement })
}

async fn open_kms(
    timeout: Duration,
    opening: OpeningKms,
) -> Result<Arc<dyn KeyManagementService>, Failure> {
    let opened = tokio::time::timeout(timeout, opening)
        .await
        .unwrap_or_else(|_elapsed| {
            let timed_out = TimedOut { limit: timeout };
            Err(KmsError::Unavailable(Box::new(timed_out)).into())
        });
    Ok(opened?)
}

/// 128 random bits: whoever holds them can decrypt every partition.
fn new_handle() -> Result<String, Failure> {
    let random = SecretKey::generate()?;
    let (handle, _rest) = random.expose().split_at(16);
    Ok(hex::encode(handle))
}

fn timed_out(limit: Duration) -> OpenError {
    let source = Box::new(TimedOut { limit });
    OpenError::Metastore(MetastoreError::Unavailable {
        retryable: true,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_randomness_is_not_buffered() {
        assert_eq!(randomness_of(true), Randomness::Fresh);
        assert_eq!(randomness_of(false), FactoryOptions::default().randomness);
    }
}
