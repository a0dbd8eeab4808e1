//! The exports behind `unified` of `Differ`: from texts to text, nothing is kept.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_diff::{CancelFlag, unified};

use super::settings::{Comparison, Layout};
use super::text::to_js;
use super::texts::Texts;
use crate::cpu::FOR_DIFFS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::promise;

/// The unified diff of two texts.
#[napi(catch_unwind)]
pub(crate) fn unified_diff<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    comparison: Comparison,
    layout: Layout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let patch = render(&texts, &comparison, &layout, &CancelFlag::new())?;
        to_js(env, &patch, texts.are_strings())
    });
    finish(env, outcome)
}

/// The unified diff of two texts, made on another thread; a promise of it.
#[napi(catch_unwind)]
pub(crate) fn unified_diff_async<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    comparison: Comparison,
    layout: Layout,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?.into_owned();
        let are_strings = texts.are_strings();
        promise(
            env,
            cancel_id,
            |cancellation| {
                FOR_DIFFS.run(move || {
                    let patch = render(&texts, &comparison, &layout, &cancellation.flag)?;
                    // Freed where they were allocated (see `delta`).
                    Ok((patch, texts))
                })
            },
            move |env, (patch, _texts)| to_js(env, &patch, are_strings),
        )
    });
    finish(env, outcome)
}

fn render(
    texts: &Texts<'_>,
    comparison: &Comparison,
    layout: &Layout,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, Failure> {
    let options = comparison.start()?;
    Ok(unified(
        &texts.old.bytes,
        &texts.new.bytes,
        &options,
        &layout.options(),
        cancel,
    )?)
}
