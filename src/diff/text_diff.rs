//! The exports behind `TextDiff`.

use napi::Env;
use napi::bindgen_prelude::{External, Uint32Array, Unknown};
use napi_derive::napi;
use sealdiff_diff::{DiffError, Granularity, Side, Stats};

use super::compared::Compared;
use super::hunk::HunkFields;
use super::settings::{Layout, context_radius};
use super::text::{Text, to_js};
use crate::error::finish;
use crate::guard::guard;
use crate::promise::unknown;

/// What a diff amounts to, as `TextDiff.stats` gives it.
#[napi(object, object_from_js = false)]
pub(crate) struct DiffStatsNumbers {
    pub added: u32,
    pub removed: u32,
    pub unchanged: u32,
    pub hunks: u32,
    pub similarity: f64,
}

/// A stretch of a diff, in the shape of jsdiff.
#[napi(object, object_from_js = false)]
pub(crate) struct ChangeFields<'a> {
    #[napi(ts_type = "string | Buffer")]
    pub value: Text<'a>,
    pub count: u32,
    pub added: bool,
    pub removed: bool,
}

/// Counts what changed.
#[napi(catch_unwind)]
pub(crate) fn text_diff_stats(
    env: &Env,
    #[napi(ts_arg_type = "unknown")] compared: &External<Compared>,
    context: Option<u32>,
) -> napi::Result<DiffStatsNumbers> {
    finish(
        env,
        guard(|| {
            Ok(DiffStatsNumbers::from(
                compared.diff.stats(context_radius(context)),
            ))
        }),
    )
}

/// Whether the search was finished.
#[napi(catch_unwind)]
pub(crate) fn text_diff_is_exact(
    env: &Env,
    #[napi(ts_arg_type = "unknown")] compared: &External<Compared>,
) -> napi::Result<bool> {
    finish(env, guard(|| Ok(compared.diff.script().is_exact())))
}

/// The edit script, five numbers an operation.
#[napi(catch_unwind)]
pub(crate) fn text_diff_ops(
    env: &Env,
    #[napi(ts_arg_type = "unknown")] compared: &External<Compared>,
) -> napi::Result<Uint32Array> {
    let outcome = guard(|| {
        let numbers: Vec<u32> = compared.diff.script().flat().collect();
        Ok(Uint32Array::new(numbers))
    });
    finish(env, outcome)
}

/// The stretches of the diff.
#[napi(catch_unwind, ts_return_type = "ChangeFields[]")]
pub(crate) fn text_diff_changes<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "unknown")] compared: &'env External<Compared>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let changes = compared.diff.changes().map(|change| {
            let text = match change.side {
                Side::Old => &compared.old,
                Side::New => &compared.new,
            };
            ChangeFields {
                value: Text {
                    bytes: text[change.range].into(),
                    is_string: compared.are_strings,
                },
                count: change.count,
                added: change.added,
                removed: change.removed,
            }
        });
        unknown(env, changes.collect::<Vec<_>>())
    });
    finish(env, outcome)
}

/// The hunks of a diff by lines.
#[napi(catch_unwind, ts_return_type = "HunkFields[]")]
pub(crate) fn text_diff_hunks<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "unknown")] compared: &'env External<Compared>,
    context: Option<u32>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        if compared.diff.granularity() != Granularity::Lines {
            return Err(DiffError::LinesOnly.into());
        }
        let hunks = compared.diff.hunks(context_radius(context));
        let hunks = hunks.map(|hunk| HunkFields::of_diff(compared, &hunk));
        unknown(env, hunks.collect::<Vec<_>>())
    });
    finish(env, outcome)
}

/// The unified diff of a diff by lines.
#[napi(catch_unwind)]
pub(crate) fn text_diff_unified<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "unknown")] compared: &'env External<Compared>,
    layout: Layout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let options = layout.options();
        let patch = compared
            .diff
            .unified(&compared.old, &compared.new, &options)?;
        to_js(env, &patch, compared.are_strings)
    });
    finish(env, outcome)
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
