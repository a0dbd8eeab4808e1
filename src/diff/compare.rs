//! The exports behind `lines`, `words` and `chars` of `Differ`.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_diff::CancelFlag;

use super::compared::{Compared, Texts};
use super::settings::Comparison;
use crate::cpu::on_processor;
use crate::error::finish;
use crate::guard::guard;
use crate::promise::promise;

/// Compares two texts; what `TextDiff` holds.
#[napi(catch_unwind)]
pub(crate) fn compare<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    comparison: Comparison,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        Compared::compute(texts, &comparison, &CancelFlag::new())?.into_js(env)
    });
    finish(env, outcome)
}

/// Compares two texts on another thread; a promise of what `TextDiff` holds.
#[napi(catch_unwind)]
pub(crate) fn compare_async<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    comparison: Comparison,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?.into_owned();
        promise(
            env,
            cancel_id,
            |cancellation| {
                on_processor(move || Compared::compute(texts, &comparison, &cancellation.flag))
            },
            |env, compared| compared.into_js(env),
        )
    });
    finish(env, outcome)
}
