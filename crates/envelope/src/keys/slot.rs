//! One cached key and its freshness: who may use it, when it is read again, and by whom.
//!
//! A key is believed for `revokeCheckInterval`, and for `refreshGrace` more while nobody can be
//! asked. Before the interval ends one caller starts a refresh in the background. However many
//! callers miss at once, one load runs, driven by its waiters and ended with the last of them.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::clock::Clock;
use crate::error::{EnvelopeError, KeyLevel};
use crate::policy::CryptoPolicy;
use crate::spawner::Spawner;
use crate::stats::{Member, SlotCounters};

/// How long after a failed refresh the next one starts: short beside the grace, long beside the
/// time that a metastore under stress needs.
const REFRESH_RETRY: Duration = Duration::from_secs(5);

/// How soon after a load that relied on older word the next refresh may start: that word is asked
/// for again no sooner.
const VOUCHER_RETRY: Duration = Duration::from_secs(60);

/// A load under way.
pub(super) type Load<K> = BoxFuture<'static, Result<Arc<K>, EnvelopeError>>;

/// Makes a load; it is told the key that it will replace.
pub(super) type Loader<'a, K> = dyn Fn(Option<Arc<K>>) -> Load<K> + Send + Sync + 'a;

/// What a slot can hold.
pub(crate) trait CachedKey: Send + Sync + 'static {
    /// What it counts as.
    const LEVEL: KeyLevel;

    /// Monotonic time of the oldest word that the key relies on besides its own row, if any: the
    /// key is believed no longer than that.
    fn vouched_at(&self) -> Option<Duration> {
        None
    }
}

/// What all slots of a factory share.
pub(crate) struct Freshness {
    pub(crate) policy: CryptoPolicy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawner: Arc<dyn Spawner>,
    pub(crate) counters: SlotCounters,
    /// Set before the caches are cleared: a load that ends later must leave no key behind.
    pub(crate) is_closed: AtomicBool,
}

impl Freshness {
    fn count<K: CachedKey>(&self) -> Member {
        match K::LEVEL {
            KeyLevel::System => self.counters.system_keys.join(),
            KeyLevel::Intermediate => self.counters.intermediate_keys.join(),
        }
    }
}

/// A key with the monotonic time from which its age counts: when reading its row began, or when
/// what it relies on was checked.
pub(super) struct Cached<K> {
    pub(super) key: Arc<K>,
    pub(super) checked_at: Duration,
    _counted: Member,
}

/// The place of one key in the cache.
pub(crate) struct Slot<K> {
    current: ArcSwapOption<Cached<K>>,
    /// Monotonic time, in milliseconds, at which the next refresh may start.
    refresh_due_ms: AtomicU64,
    /// The same for a refresh before its time.
    early_refresh_due_ms: AtomicU64,
    running: Mutex<Option<WeakShared<Load<K>>>>,
}

enum Joined<K> {
    Ready(Arc<K>),
    Loading(Shared<Load<K>>),
}

impl<K: CachedKey> Slot<K> {
    pub(super) fn new() -> Self {
        Self {
            current: ArcSwapOption::empty(),
            refresh_due_ms: AtomicU64::new(0),
            early_refresh_due_ms: AtomicU64::new(0),
            running: Mutex::new(None),
        }
    }

    /// The key, if it is cached, believed and accepted. Never waits; starts a due refresh.
    pub(super) fn cached(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        accept: impl Fn(&Cached<K>) -> bool,
        loader: &Loader<'_, K>,
    ) -> Option<Arc<K>> {
        let now = freshness.clock.monotonic();
        let key = self.believed(freshness, now, accept)?;
        if claim(&self.refresh_due_ms, now) {
            self.load_in_background(freshness, loader);
        }
        Some(key)
    }

    /// The key, cached or loaded.
    ///
    /// # Errors
    /// Those of the load, the same for all who waited for it.
    pub(super) async fn get(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        accept: impl Fn(&Cached<K>) -> bool,
        loader: &Loader<'_, K>,
    ) -> Result<Arc<K>, EnvelopeError> {
        if let Some(key) = self.cached(freshness, &accept, loader) {
            return Ok(key);
        }
        self.load(freshness, accept, loader).await
    }

    /// The key, loaded: for a caller that has looked.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn load(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        accept: impl Fn(&Cached<K>) -> bool,
        loader: &Loader<'_, K>,
    ) -> Result<Arc<K>, EnvelopeError> {
        match self.join(freshness, accept, loader) {
            Joined::Ready(key) => Ok(key),
            Joined::Loading(load) => load.await,
        }
    }

    /// Starts a refresh of a key that still serves but has to be replaced: often enough to catch
    /// the end of an outage, however many callers ask for it.
    pub(super) fn refresh_early(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        loader: &Loader<'_, K>,
    ) {
        if claim(&self.early_refresh_due_ms, freshness.clock.monotonic()) {
            self.load_in_background(freshness, loader);
        }
    }

    /// Starts a load that nobody waits for, unless one is under way.
    pub(super) fn load_in_background(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        loader: &Loader<'_, K>,
    ) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way(&running).is_none() {
            let load = self.start(freshness, loader, &mut running);
            freshness.spawner.spawn(load.map(drop).boxed());
        }
    }

    /// The key, if it is accepted and no refresh of it is due.
    pub(super) fn peek_fresh(
        &self,
        freshness: &Freshness,
        accept: impl Fn(&Cached<K>) -> bool,
    ) -> Option<Arc<K>> {
        let now = freshness.clock.monotonic();
        self.believed(freshness, now, accept)
            .filter(|_key| millis(now) < self.refresh_due_ms.load(Ordering::Relaxed))
    }

    /// Takes over what `other` knows of the same key, if it is newer; due for refresh.
    pub(super) fn adopt(&self, other: &Self, is_same: impl Fn(&K) -> bool) {
        let known = other.current.load_full();
        let Some(known) = known.filter(|cached| is_same(&cached.key)) else {
            return;
        };
        let current = self.current.load();
        let is_older = |own: &Arc<Cached<K>>| own.checked_at < known.checked_at;
        if current.as_ref().is_none_or(is_older) {
            self.current.compare_and_swap(&current, Some(known));
        }
    }

    /// Forgets the key.
    pub(super) fn clear(&self) {
        self.current.store(None);
    }

    /// Forgets the key if it is the one meant.
    pub(super) fn clear_if(&self, is_meant: impl Fn(&K) -> bool) {
        let current = self.current.load();
        if current.as_ref().is_some_and(|cached| is_meant(&cached.key)) {
            self.current.compare_and_swap(&current, None);
        }
    }

    /// The key as it is, whatever its age.
    pub(super) fn peek(&self) -> Option<Arc<K>> {
        self.current
            .load()
            .as_ref()
            .map(|cached| Arc::clone(&cached.key))
    }

    fn believed(
        &self,
        freshness: &Freshness,
        now: Duration,
        accept: impl Fn(&Cached<K>) -> bool,
    ) -> Option<Arc<K>> {
        let current = self.current.load();
        let cached = current.as_ref()?;
        let is_believed =
            now.saturating_sub(cached.checked_at) < freshness.policy.serves_for() && accept(cached);
        is_believed.then(|| Arc::clone(&cached.key))
    }

    /// Joins the load under way or starts one. Looks at the cache once more under the lock: a
    /// load that ended since the caller looked has filled it.
    fn join(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        accept: impl Fn(&Cached<K>) -> bool,
        loader: &Loader<'_, K>,
    ) -> Joined<K> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(load) = under_way(&running) {
            return Joined::Loading(load);
        }
        match self.believed(freshness, freshness.clock.monotonic(), accept) {
            Some(key) => Joined::Ready(key),
            None => Joined::Loading(self.start(freshness, loader, &mut running)),
        }
    }

    fn start(
        self: &Arc<Self>,
        freshness: &Arc<Freshness>,
        loader: &Loader<'_, K>,
        running: &mut Option<WeakShared<Load<K>>>,
    ) -> Shared<Load<K>> {
        let previous = self.peek();
        let counters = &freshness.counters;
        match previous {
            Some(_) => counters.refreshes.increment(),
            None => counters.loads.increment(),
        }
        // Caught, for a panic would leave the other waiters of the load asleep for ever.
        let load = AssertUnwindSafe(loader(previous)).catch_unwind();
        let (slot, freshness) = (Arc::clone(self), Arc::clone(freshness));
        let load = async move {
            let started_at = freshness.clock.monotonic();
            let outcome = load.await.unwrap_or(Err(EnvelopeError::Internal));
            slot.settle(&freshness, started_at, &outcome);
            outcome
        };
        let load = load.boxed().shared();
        *running = load.downgrade();
        load
    }

    /// Puts the outcome of a load in place. An outage leaves the old key for the grace; a denial,
    /// an absent or an invalid row ends it at once.
    fn settle(
        &self,
        freshness: &Freshness,
        started_at: Duration,
        outcome: &Result<Arc<K>, EnvelopeError>,
    ) {
        match outcome {
            Ok(key) => self.fill(freshness, started_at, Arc::clone(key)),
            Err(error) => {
                if self.current.load().is_some() {
                    freshness.counters.refresh_failures.increment();
                    tracing::warn!(
                        error = error.as_field(),
                        outage = error.is_outage(),
                        "a cached key could not be refreshed"
                    );
                }
                if !error.is_outage() {
                    self.current.store(None);
                }
            }
        }
    }

    fn fill(&self, freshness: &Freshness, started_at: Duration, key: Arc<K>) {
        let vouched_at = key.vouched_at().unwrap_or(started_at);
        let checked_at = started_at.min(vouched_at);
        let refresh_after = freshness.policy.refresh_after(jitter());
        let due = checked_at
            .saturating_add(refresh_after)
            .max(started_at.saturating_add(refresh_after.min(VOUCHER_RETRY)));
        self.refresh_due_ms.store(millis(due), Ordering::Relaxed);
        self.current.store(Some(Arc::new(Cached {
            key,
            checked_at,
            _counted: freshness.count::<K>(),
        })));
        if freshness.is_closed.load(Ordering::SeqCst) {
            self.clear();
        }
    }
}

impl<K> fmt::Debug for Slot<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("filled", &self.current.load().is_some())
            .finish()
    }
}

/// The load that has waiters and no outcome yet.
fn under_way<K>(running: &Option<WeakShared<Load<K>>>) -> Option<Shared<Load<K>>> {
    running
        .as_ref()
        .and_then(WeakShared::upgrade)
        .filter(|load| load.peek().is_none())
}

/// True for one caller each time that `due_ms` has come; then it comes again after a while.
fn claim(due_ms: &AtomicU64, now: Duration) -> bool {
    let now_ms = millis(now);
    let due = due_ms.load(Ordering::Relaxed);
    let retry = now_ms.saturating_add(millis(REFRESH_RETRY));
    now_ms >= due
        && due_ms
            .compare_exchange(due, retry, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

/// A random byte; where the generator fails, every refresh is simply due at the same age.
pub(super) fn jitter() -> u8 {
    let mut byte = [0];
    aws_lc_rs::rand::fill(&mut byte).map_or(0, |()| byte[0])
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
