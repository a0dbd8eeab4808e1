//! The exports behind `delta` and `applyDelta` of `Differ`: any bytes, nothing is kept.
//!
//! Copies of inputs come back to the thread that made them and are freed there: of what another
//! thread frees, mimalloc makes no use before a hundred more allocations, here of megabytes each.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_diff::{ApplyDeltaOptions, CancelFlag, DeltaOptions};

use crate::bytes::{buffer_of, view, with_room};
use crate::cpu::FOR_DIFFS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::promise;

/// The delta from the old to the new bytes.
#[napi(catch_unwind)]
pub(crate) fn make_delta<'env>(
    env: &'env Env,
    old_bytes: Unknown<'env>,
    new_bytes: Unknown<'env>,
    level: Option<u8>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let old = view(env, &old_bytes, "oldBytes")?;
        let new = view(env, &new_bytes, "newBytes")?;
        let delta = sealdiff_diff::delta(old, new, &delta_options(level), &CancelFlag::new())?;
        buffer_of(env, delta)
    });
    finish(env, outcome)
}

/// The delta from the old to the new bytes, made on another thread; a promise of it.
#[napi(catch_unwind)]
pub(crate) fn make_delta_async<'env>(
    env: &'env Env,
    old_bytes: Unknown<'env>,
    new_bytes: Unknown<'env>,
    level: Option<u8>,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let old = owned(view(env, &old_bytes, "oldBytes")?)?;
        let new = owned(view(env, &new_bytes, "newBytes")?)?;
        promise(
            env,
            cancel_id,
            |cancellation| {
                FOR_DIFFS.run(move || {
                    let (options, cancel) = (delta_options(level), &cancellation.flag);
                    let delta = sealdiff_diff::delta(&old, &new, &options, cancel)?;
                    Ok((delta, (old, new)))
                })
            },
            |env, (delta, _inputs)| buffer_of(env, delta),
        )
    });
    finish(env, outcome)
}

/// The bytes that a delta leads to.
#[napi(catch_unwind)]
pub(crate) fn apply_delta<'env>(
    env: &'env Env,
    old_bytes: Unknown<'env>,
    delta: Unknown<'env>,
    max_output_bytes: Option<f64>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let old = view(env, &old_bytes, "oldBytes")?;
        let delta = view(env, &delta, "delta")?;
        let options = apply_options(max_output_bytes);
        buffer_of(env, sealdiff_diff::apply_delta(old, delta, &options)?)
    });
    finish(env, outcome)
}

/// The bytes that a delta leads to, made on another thread; a promise of them.
#[napi(catch_unwind)]
pub(crate) fn apply_delta_async<'env>(
    env: &'env Env,
    old_bytes: Unknown<'env>,
    delta: Unknown<'env>,
    max_output_bytes: Option<f64>,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let old = owned(view(env, &old_bytes, "oldBytes")?)?;
        let delta = owned(view(env, &delta, "delta")?)?;
        let options = apply_options(max_output_bytes);
        promise(
            env,
            cancel_id,
            |_cancellation| {
                FOR_DIFFS.run(move || {
                    let new = sealdiff_diff::apply_delta(&old, &delta, &options)?;
                    Ok((new, (old, delta)))
                })
            },
            |env, (new, _inputs)| buffer_of(env, new),
        )
    });
    finish(env, outcome)
}

fn delta_options(level: Option<u8>) -> DeltaOptions {
    level.map_or_else(DeltaOptions::default, |level| DeltaOptions { level })
}

fn apply_options(max_output_bytes: Option<f64>) -> ApplyDeltaOptions {
    max_output_bytes.map_or_else(ApplyDeltaOptions::default, |bytes| ApplyDeltaOptions {
        max_output_bytes: bytes as u64,
    })
}

/// A copy to take to another thread: the caller may change its Buffer right after the call.
fn owned(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut copy = with_room(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
