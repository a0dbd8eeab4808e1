//! The exports by which `Differ.batch` learns how much memory a diff takes, before it is made.

use napi::Env;
use napi_derive::napi;
use sealdiff_diff::{DeltaOptions, delta_scratch_bytes, text_scratch_bytes};

use super::settings::granularity;
use crate::error::finish;
use crate::guard::guard;

/// Bytes that comparing texts of that many bytes together takes, beyond them.
#[napi(catch_unwind)]
pub(crate) fn text_scratch(
    env: &Env,
    #[napi(ts_arg_type = "'lines' | 'words' | 'chars' | 'graphemes' | 'sentences'")] unit: String,
    text_bytes: f64,
) -> napi::Result<f64> {
    let estimate = || Ok(text_scratch_bytes(granularity(&unit)?, text_bytes as u64) as f64);
    finish(env, guard(estimate))
}

/// Bytes that making a delta of inputs of these lengths takes, beyond them.
#[napi(catch_unwind)]
pub(crate) fn delta_scratch(
    env: &Env,
    old_len: f64,
    new_len: f64,
    level: Option<u8>,
) -> napi::Result<f64> {
    let estimate = || {
        let options = level.map_or_else(DeltaOptions::default, |level| DeltaOptions { level });
        Ok(delta_scratch_bytes(old_len as u64, new_len as u64, &options) as f64)
    };
    finish(env, guard(estimate))
}
