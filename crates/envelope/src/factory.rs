//! SessionFactory: one service and product, its keys, its metastore and its KMS.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use sealdiff_secure_memory::MemoryMode;

use crate::clock::{Clock, Timestamp};
use crate::error::EnvelopeError;
use crate::gate::Gate;
use crate::keys::{Backends, Freshness, KeyHierarchy, KeyLoader, KeyMemory};
use crate::kms::KeyManagementService;
use crate::metastore::Metastore;
use crate::partition::{Partition, Service};
use crate::policy::CryptoPolicy;
use crate::random::Randomness;
use crate::record::SealedHeader;
use crate::session::Session;
use crate::spawner::Spawner;
use crate::stats::{FactoryStats, SlotCounters};

/// Default of [`FactoryOptions::intermediate_keys`].
const INTERMEDIATE_KEYS: usize = 10_000;
/// Default of [`FactoryOptions::timeout`].
const TIMEOUT: Duration = Duration::from_secs(30);

/// Rules and sizes of a factory.
#[derive(Debug, Clone, Copy)]
pub struct FactoryOptions {
    /// When keys end and how long a cached one is believed.
    pub policy: CryptoPolicy,
    /// Intermediate keys kept in memory, newest and older versions counted apart. Default 10 000.
    pub intermediate_keys: usize,
    /// The longest that any metastore or KMS operation may take. Default 30 s.
    pub timeout: Duration,
    /// What to do where the keys' memory can't be locked. Default: prefer locked memory.
    pub memory_mode: MemoryMode,
    /// The most memory to lock for keys, in bytes. Keys past it are kept sealed under one in it.
    /// Default: half of what the process may lock, at most 4 MiB: some 13 000 keys.
    pub locked_bytes: Option<usize>,
    /// Where the random bytes of records come from. Default: buffered.
    pub randomness: Randomness,
}

impl Default for FactoryOptions {
    fn default() -> Self {
        Self {
            policy: CryptoPolicy::default(),
            intermediate_keys: INTERMEDIATE_KEYS,
            timeout: TIMEOUT,
            memory_mode: MemoryMode::default(),
            locked_bytes: None,
            randomness: Randomness::default(),
        }
    }
}

/// What a factory gets from its host.
pub struct Dependencies {
    /// Where key records live.
    pub metastore: Arc<dyn Metastore>,
    /// Who wraps the system keys.
    pub kms: Arc<dyn KeyManagementService>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Background work and timers.
    pub spawner: Arc<dyn Spawner>,
}

/// Makes sessions over the keys of one service and product.
pub struct SessionFactory {
    service: Arc<Service>,
    hierarchy: Arc<KeyHierarchy>,
    gate: Arc<Gate>,
    closing: OnceLock<Shared<BoxFuture<'static, ()>>>,
}

impl SessionFactory {
    /// Checks ids and options, and locks memory. Creates no key and asks nobody anything.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`]; [`EnvelopeError::SecureMemoryUnavailable`] if locked
    /// memory is required and denied; [`EnvelopeError::RandomUnavailable`].
    pub fn new(
        service_id: &str,
        product_id: &str,
        options: FactoryOptions,
        dependencies: Dependencies,
    ) -> Result<Self, EnvelopeError> {
        options.policy.validate()?;
        let Dependencies {
            metastore,
            kms,
            clock,
            spawner,
        } = dependencies;
        let service = Arc::new(Service::new(
            service_id,
            product_id,
            metastore.region_suffix(),
        )?);
        let freshness = Freshness {
            policy: options.policy,
            clock,
            spawner,
            counters: SlotCounters::default(),
            is_closed: AtomicBool::new(false),
        };
        let backends = Backends::new(metastore, kms, &freshness, options.timeout);
        let memory = KeyMemory::new(options.memory_mode, options.locked_bytes)?;
        let loader = KeyLoader::new(Arc::clone(&service), backends, freshness, memory)
            .with_randomness(options.randomness);
        let hierarchy = KeyHierarchy::new(loader, options.intermediate_keys);
        Ok(Self {
            service,
            hierarchy: Arc::new(hierarchy),
            gate: Arc::default(),
            closing: OnceLock::new(),
        })
    }

    /// A session of one partition, over the state that all sessions share.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`], [`EnvelopeError::Closed`].
    pub fn session(&self, partition_id: &str) -> Result<Session, EnvelopeError> {
        self.gate.check_open()?;
        let partition = Partition::new(Arc::clone(&self.service), partition_id)?;
        Ok(Session::new(
            partition,
            Arc::clone(&self.hierarchy),
            Arc::clone(&self.gate),
        ))
    }

    /// What a sealed record of this service is longer than its plaintext, in bytes.
    #[must_use]
    pub fn sealed_overhead(&self) -> usize {
        SealedHeader {
            suffix: self.service.suffix(),
            created: Timestamp::from_unix_seconds(0),
        }
        .record_len(0)
    }

    /// Whether the factory still takes calls.
    ///
    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub fn check_open(&self) -> Result<(), EnvelopeError> {
        self.gate.check_open()
    }

    /// Asks the metastore and the KMS for a sign of life.
    ///
    /// # Errors
    /// [`EnvelopeError::MetastoreUnavailable`], [`EnvelopeError::KmsUnavailable`],
    /// [`EnvelopeError::KmsRefused`], [`EnvelopeError::Closed`].
    pub async fn ping(&self) -> Result<(), EnvelopeError> {
        let _operation = self.gate.enter()?;
        self.hierarchy.backends().ping().await
    }

    /// What the factory did so far.
    #[must_use]
    pub fn stats(&self) -> FactoryStats {
        self.hierarchy.stats()
    }

    /// Refuses new operations at once, waits for those under way, then erases the keys and gives
    /// the metastore's resources back. Any further call waits for the same end.
    pub async fn close(&self) {
        self.gate.close();
        let closing = self.closing.get_or_init(|| {
            let (gate, hierarchy) = (Arc::clone(&self.gate), Arc::clone(&self.hierarchy));
            async move {
                gate.drained().await;
                hierarchy.clear();
                hierarchy.backends().close().await;
            }
            .boxed()
            .shared()
        });
        closing.clone().await;
    }
}

impl std::fmt::Debug for SessionFactory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionFactory(redacted)")
    }
}
