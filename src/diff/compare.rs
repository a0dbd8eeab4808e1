//! The exports behind `lines`, `words` and their like of `Differ`.
//!
//! What a `TextDiff` is made of goes into memory of V8. A native object would have to wait for its
//! finalizer, and Node runs those between turns of the event loop only: a loop that compares
//! thousands of texts at a stretch would run out of memory.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Uint32ArraySlice, Unknown};
use napi_derive::napi;
use sealdiff_diff::{CancelFlag, Stats, TextDiff};

use super::settings::Comparison;
use super::text::Text;
use super::texts::Texts;
use crate::bytes::buffer;
use crate::cpu::FOR_DIFFS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::{promise, unknown};

/// What a `TextDiff` keeps of a comparison.
#[napi(object, object_from_js = false)]
pub(crate) struct ComparedFields<'a> {
    /// A copy of the old text, unless it is a string, which nobody can change.
    #[napi(ts_type = "Buffer | undefined")]
    pub old_bytes: Option<Unknown<'a>>,
    #[napi(ts_type = "Buffer | undefined")]
    pub new_bytes: Option<Unknown<'a>>,
    /// The edit script, five numbers an operation.
    #[napi(ts_type = "Uint32Array")]
    pub ops: Uint32ArraySlice<'a>,
    pub is_exact: bool,
    pub stats: DiffStatsNumbers,
}

/// What a diff amounts to, as `TextDiff.stats` gives it.
#[napi(object, object_from_js = false)]
pub(crate) struct DiffStatsNumbers {
    pub added: u32,
    pub removed: u32,
    pub unchanged: u32,
    pub hunks: u32,
    pub similarity: f64,
}

/// Compares two texts; what `TextDiff` keeps.
#[napi(catch_unwind, ts_return_type = "ComparedFields")]
pub(crate) fn compare<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    comparison: Comparison,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let compared = Compared::compute(&texts, &comparison, &CancelFlag::new())?;
        compared.into_js(env, &texts)
    });
    finish(env, outcome)
}

/// Compares two texts on another thread; a promise of what `TextDiff` keeps.
#[napi(catch_unwind, ts_return_type = "Promise<ComparedFields>")]
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
                FOR_DIFFS.run(move || {
                    let compared = Compared::compute(&texts, &comparison, &cancellation.flag)?;
                    Ok((compared, texts))
                })
            },
            |env, (compared, texts)| compared.into_js(env, &texts),
        )
    });
    finish(env, outcome)
}

struct Compared {
    ops: Vec<u32>,
    is_exact: bool,
    stats: Stats,
}

impl Compared {
    fn compute(
        texts: &Texts<'_>,
        comparison: &Comparison,
        cancel: &CancelFlag,
    ) -> Result<Self, Failure> {
        let granularity = comparison.granularity()?;
        let (old, new) = (&texts.old.bytes, &texts.new.bytes);
        let diff = TextDiff::compute(old, new, granularity, &comparison.start()?, cancel)?;
        Ok(Self {
            ops: diff.script().flat().collect(),
            is_exact: diff.script().is_exact(),
            stats: diff.stats(comparison.context_radius()),
        })
    }

    fn into_js<'env>(self, env: &'env Env, texts: &Texts<'_>) -> Result<Unknown<'env>, Failure> {
        let kept = |text: &Text<'_>| {
            let bytes = (!text.is_string).then_some(&text.bytes);
            bytes.map(|bytes| buffer(env, bytes)).transpose()
        };
        unknown(
            env,
            ComparedFields {
                old_bytes: kept(&texts.old)?,
                new_bytes: kept(&texts.new)?,
                ops: Uint32ArraySlice::copy_from(env, &self.ops)?,
                is_exact: self.is_exact,
                stats: self.stats.into(),
            },
        )
    }
}

impl From<Stats> for DiffStatsNumbers {
    fn from(stats: Stats) -> Self {
        Self {
            added: stats.added,
            removed: stats.removed,
            unchanged: stats.unchanged,
            hunks: stats.hunks,
            similarity: stats.similarity,
        }
    }
}
