//! The exports behind the methods of `TextDiff`: from the texts and the numbers of the edit script
//! to views of the diff.

use napi::Env;
use napi::bindgen_prelude::{Uint32ArraySlice, Unknown};
use napi_derive::napi;
use sealdiff_diff::{DiffError, Granularity, Side, TextDiff};

use super::hunk::HunkFields;
use super::settings::{Layout, context_radius, granularity};
use super::text::{Text, to_js};
use super::texts::Texts;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::unknown;

/// The edit script as `compare` gave it. `lib/` shows it to nobody, so nobody changes it.
#[napi(object, object_to_js = false)]
pub(crate) struct ScriptFields<'a> {
    #[napi(ts_type = "'lines' | 'words' | 'chars' | 'graphemes' | 'sentences'")]
    pub unit: String,
    #[napi(ts_type = "Uint32Array")]
    pub ops: Uint32ArraySlice<'a>,
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

/// The stretches of the diff.
#[napi(catch_unwind, ts_return_type = "ChangeFields[]")]
pub(crate) fn text_diff_changes<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let diff = script.diff(&texts)?;
        let changes = diff.changes().map(|change| {
            let text = match change.side {
                Side::Old => &texts.old,
                Side::New => &texts.new,
            };
            ChangeFields {
                value: texts.part(text, change.range),
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
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
    context: Option<u32>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let diff = script.lines(&texts)?;
        let hunks = diff.hunks(context_radius(context));
        let hunks = hunks.map(|hunk| HunkFields::of_diff(&texts, &diff, &hunk));
        unknown(env, hunks.collect::<Vec<_>>())
    });
    finish(env, outcome)
}

/// The unified diff of a diff by lines.
#[napi(catch_unwind)]
pub(crate) fn text_diff_unified<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
    layout: Layout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let diff = script.diff(&texts)?;
        let patch = diff.unified(&texts.old.bytes, &texts.new.bytes, &layout.options())?;
        to_js(env, &patch, texts.are_strings())
    });
    finish(env, outcome)
}

impl ScriptFields<'_> {
    /// The diff by lines that the script was taken from.
    pub(super) fn lines(&self, texts: &Texts<'_>) -> Result<TextDiff, Failure> {
        if granularity(&self.unit)? != Granularity::Lines {
            return Err(DiffError::LinesOnly.into());
        }
        self.diff(texts)
    }

    /// The diff that the script was taken from.
    pub(super) fn diff(&self, texts: &Texts<'_>) -> Result<TextDiff, Failure> {
        // No rendering asks whether the search was finished.
        const IS_EXACT: bool = true;
        let (old, new) = (&texts.old.bytes, &texts.new.bytes);
        TextDiff::from_flat(old, new, granularity(&self.unit)?, &self.ops, IS_EXACT)?
            .ok_or(Failure::Internal)
    }
}
