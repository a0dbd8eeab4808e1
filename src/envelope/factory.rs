//! The exports behind `SessionFactory`. A factory is a number that this thread gave it.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_envelope::{FactoryStats as CoreStats, MemoryProtection};

use super::custom::MetastoreMethods;
use super::kms::KmsArguments;
use super::open::OpenArguments;
use super::sessions::SharedCounts;
use super::{registry, sessions};
use crate::diagnostics;
use crate::error::finish;
use crate::guard::guard;
use crate::promise::{promise, undefined, unknown};

/// What a factory did, as `SessionFactory.stats` gives it.
#[napi(object, object_from_js = false)]
pub(crate) struct StatsNumbers {
    pub sessions: f64,
    pub session_hits: f64,
    pub session_misses: f64,
    pub intermediate_keys: f64,
    pub system_keys: f64,
    pub stream_keys: f64,
    pub key_hits: f64,
    pub key_misses: f64,
    pub negative_hits: f64,
    pub key_loads: f64,
    pub key_refreshes: f64,
    pub refresh_failures: f64,
    pub key_evictions: f64,
    pub metastore_loads: f64,
    pub metastore_stores: f64,
    pub metastore_failures: f64,
    pub kms_encrypts: f64,
    pub kms_decrypts: f64,
    pub kms_failures: f64,
    pub dropped_events: f64,
    #[napi(ts_type = "'locked' | 'guarded' | 'heap'")]
    pub memory_protection: String,
    pub locked_bytes: f64,
    pub locked_bytes_limit: f64,
}

/// Opens a factory; a promise of its number on this thread.
#[napi(catch_unwind, ts_return_type = "Promise<number>")]
pub(crate) fn open_factory<'env>(
    env: &'env Env,
    options: OpenArguments,
    own_metastore: Option<MetastoreMethods>,
    kms: KmsArguments<'env>,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let kms = kms.opening(env)?;
        let clock = options.clock()?;
        promise(
            env,
            cancel_id,
            |_| options.open(own_metastore, kms, clock),
            |env, factory| unknown(env, registry::adopt(factory.publish())),
        )
    });
    finish(env, outcome)
}

/// Attaches this thread to a factory of the process; its number on this thread.
#[napi(catch_unwind)]
pub(crate) fn attach_factory(env: &Env, handle: String) -> napi::Result<u32> {
    finish(
        env,
        guard(|| registry::by_handle(&handle).map(registry::adopt)),
    )
}

/// The handle by which other threads attach.
#[napi(catch_unwind)]
pub(crate) fn factory_handle(env: &Env, factory: u32) -> napi::Result<String> {
    finish(
        env,
        guard(|| Ok(registry::by_number(factory)?.handle.clone())),
    )
}

/// What a sealed record of the factory is longer than its plaintext, in bytes.
#[napi(catch_unwind)]
pub(crate) fn sealed_overhead(env: &Env, factory: u32) -> napi::Result<u32> {
    let overhead = guard(|| Ok(registry::by_number(factory)?.core.sealed_overhead()));
    finish(env, overhead.map(|bytes| bytes as u32))
}

/// The number of the session of a partition on this thread.
#[napi(catch_unwind)]
pub(crate) fn open_session(env: &Env, factory: u32, partition_id: String) -> napi::Result<f64> {
    let outcome = guard(|| {
        let open = registry::by_number(factory)?;
        sessions::number_of(factory, &open, &partition_id)
    });
    finish(env, outcome.map(sessions::SessionNumber::to_js))
}

/// Asks metastore and KMS for a sign of life.
#[napi(catch_unwind)]
pub(crate) fn ping_factory(
    env: &Env,
    factory: u32,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> {
    let outcome = guard(|| {
        let core = Arc::clone(&registry::by_number(factory)?.core);
        promise(
            env,
            cancel_id,
            |_| async move { Ok(core.ping().await?) },
            undefined,
        )
    });
    finish(env, outcome)
}

/// What the factory did so far.
#[napi(catch_unwind)]
pub(crate) fn factory_stats(env: &Env, factory: u32) -> napi::Result<StatsNumbers> {
    finish(
        env,
        guard(|| {
            let open = registry::by_number(factory)?;
            Ok(StatsNumbers::new(&open.session_counts, open.core.stats()))
        }),
    )
}

/// This thread lets go of the factory. With `for_all` it is closed for every thread: a promise of
/// the end of all running calls.
#[napi(catch_unwind)]
pub(crate) fn close_factory(
    env: &Env,
    factory: u32,
    for_all: bool,
) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> {
    const NO_SIGNAL: u32 = 0;
    let outcome = guard(|| {
        let released = registry::release(factory);
        sessions::forget(factory);
        let closing = released
            .filter(|_| for_all)
            .inspect(|open| registry::unpublish(&open.handle));
        let close = async move {
            if let Some(open) = closing {
                open.core.close().await;
            }
            Ok(())
        };
        promise(env, NO_SIGNAL, |_| close, undefined)
    });
    finish(env, outcome)
}

impl StatsNumbers {
    #[expect(clippy::cast_precision_loss, reason = "counters stay far below 2⁵³")]
    fn new(sessions: &SharedCounts, stats: CoreStats) -> Self {
        Self {
            sessions: sessions.at_hand() as f64,
            session_hits: sessions.hits() as f64,
            session_misses: sessions.misses() as f64,
            intermediate_keys: stats.intermediate_keys as f64,
            system_keys: stats.system_keys as f64,
            stream_keys: stats.stream_keys as f64,
            key_hits: stats.key_hits as f64,
            key_misses: stats.key_misses as f64,
            negative_hits: stats.negative_hits as f64,
            key_loads: stats.key_loads as f64,
            key_refreshes: stats.key_refreshes as f64,
            refresh_failures: stats.refresh_failures as f64,
            key_evictions: stats.key_evictions as f64,
            metastore_loads: stats.metastore_loads as f64,
            metastore_stores: stats.metastore_stores as f64,
            metastore_failures: stats.metastore_failures as f64,
            kms_encrypts: stats.kms_encrypts as f64,
            kms_decrypts: stats.kms_decrypts as f64,
            kms_failures: stats.kms_failures as f64,
            dropped_events: diagnostics::dropped() as f64,
            memory_protection: protection_name(stats.memory_protection).to_owned(),
            locked_bytes: stats.locked_bytes as f64,
            locked_bytes_limit: stats.locked_bytes_limit as f64,
        }
    }
}

fn protection_name(protection: MemoryProtection) -> &'static str {
    match protection {
        MemoryProtection::Locked => "locked",
        MemoryProtection::Guarded => "guarded",
        MemoryProtection::Heap => "heap",
    }
}
