//! The exports behind `merge` of `Differ`.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_diff::{
    CancelFlag, Conflict, ConflictStyle, Labels, Merge, MergeOptions, Versions, merge,
};

use super::hunk::first_line;
use super::settings::Comparison;
use super::text::{Text, to_js};
use crate::cpu::FOR_DIFFS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::{promise, unknown};

/// How conflicts are written. Checked by `lib/`.
#[napi(object, object_to_js = false)]
pub(crate) struct MergeLayout {
    #[napi(ts_type = "'merge' | 'diff3' | 'zdiff3' | undefined")]
    pub style: Option<String>,
    pub base_label: Option<String>,
    pub our_label: Option<String>,
    pub their_label: Option<String>,
}

/// A merged text.
#[napi(object, object_from_js = false)]
pub(crate) struct MergeFields<'a> {
    #[napi(ts_type = "string | Buffer")]
    pub text: Unknown<'a>,
    pub conflicts: Vec<ConflictFields>,
    pub is_exact: bool,
}

/// Where a conflict is. Lines count from 1; an empty range names the line before it.
#[napi(object, object_from_js = false)]
pub(crate) struct ConflictFields {
    pub start: f64,
    pub lines: f64,
    pub base_start: u32,
    pub base_lines: u32,
    pub ours_start: u32,
    pub ours_lines: u32,
    pub theirs_start: u32,
    pub theirs_lines: u32,
}

/// Merges two changed versions of a text.
#[napi(catch_unwind, ts_return_type = "MergeFields")]
pub(crate) fn merge_texts<'env>(
    env: &'env Env,
    base: Unknown<'env>,
    ours: Unknown<'env>,
    theirs: Unknown<'env>,
    comparison: Comparison,
    layout: MergeLayout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = ThreeTexts::of(env, [&base, &ours, &theirs])?;
        let merged = texts.merge(&comparison, &layout, &CancelFlag::new())?;
        into_js(env, merged, texts.are_strings())
    });
    finish(env, outcome)
}

/// Merges two changed versions of a text on another thread; a promise of the result.
#[napi(catch_unwind, ts_return_type = "Promise<MergeFields>")]
pub(crate) fn merge_texts_async<'env>(
    env: &'env Env,
    base: Unknown<'env>,
    ours: Unknown<'env>,
    theirs: Unknown<'env>,
    comparison: Comparison,
    layout: MergeLayout,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let texts = ThreeTexts::of(env, [&base, &ours, &theirs])?.into_owned();
        let are_strings = texts.are_strings();
        promise(
            env,
            cancel_id,
            |cancellation| {
                FOR_DIFFS.run(move || {
                    let merged = texts.merge(&comparison, &layout, &cancellation.flag)?;
                    // Freed where they were allocated (see `delta`).
                    Ok((merged, texts))
                })
            },
            move |env, (merged, _texts)| into_js(env, merged, are_strings),
        )
    });
    finish(env, outcome)
}

/// The texts of a merge.
struct ThreeTexts<'a> {
    base: Text<'a>,
    ours: Text<'a>,
    theirs: Text<'a>,
}

impl<'a> ThreeTexts<'a> {
    fn of(env: &'a Env, [base, ours, theirs]: [&'a Unknown<'a>; 3]) -> Result<Self, Failure> {
        Ok(Self {
            base: Text::of(env, base, "base")?,
            ours: Text::of(env, ours, "ours")?,
            theirs: Text::of(env, theirs, "theirs")?,
        })
    }

    /// Copies what is borrowed: the caller may change its Buffers right after the call.
    fn into_owned(self) -> ThreeTexts<'static> {
        ThreeTexts {
            base: self.base.into_owned(),
            ours: self.ours.into_owned(),
            theirs: self.theirs.into_owned(),
        }
    }

    /// All are strings in JavaScript, so that the result is, too.
    fn are_strings(&self) -> bool {
        self.base.is_string && self.ours.is_string && self.theirs.is_string
    }

    fn merge(
        &self,
        comparison: &Comparison,
        layout: &MergeLayout,
        cancel: &CancelFlag,
    ) -> Result<Merge, Failure> {
        let versions = Versions {
            base: &self.base.bytes,
            ours: &self.ours.bytes,
            theirs: &self.theirs.bytes,
        };
        Ok(merge(
            versions,
            &comparison.start()?,
            &layout.options()?,
            cancel,
        )?)
    }
}

impl MergeLayout {
    fn options(&self) -> Result<MergeOptions<'_>, Failure> {
        let defaults = MergeOptions::default();
        let style = match self.style.as_deref() {
            None => defaults.style,
            Some("merge") => ConflictStyle::Merge,
            Some("diff3") => ConflictStyle::Diff3,
            Some("zdiff3") => ConflictStyle::Zdiff3,
            Some(_) => return Err(Failure::Internal),
        };
        let Labels { base, ours, theirs } = defaults.labels;
        let labels = Labels {
            base: self.base_label.as_deref().map_or(base, str::as_bytes),
            ours: self.our_label.as_deref().map_or(ours, str::as_bytes),
            theirs: self.their_label.as_deref().map_or(theirs, str::as_bytes),
        };
        Ok(MergeOptions { style, labels })
    }
}

fn into_js(env: &Env, merged: Merge, are_strings: bool) -> Result<Unknown<'_>, Failure> {
    let fields = MergeFields {
        text: to_js(env, &merged.text, are_strings)?,
        conflicts: merged.conflicts.iter().map(ConflictFields::from).collect(),
        is_exact: merged.is_exact,
    };
    unknown(env, fields)
}

impl From<&Conflict> for ConflictFields {
    fn from(conflict: &Conflict) -> Self {
        let Conflict {
            base,
            ours,
            theirs,
            merged,
        } = conflict;
        let (base_lines, ours_lines, theirs_lines) = (
            base.end - base.start,
            ours.end - ours.start,
            theirs.end - theirs.start,
        );
        Self {
            start: merged.start as f64 + 1.0,
            lines: (merged.end - merged.start) as f64,
            base_start: first_line(base.start, base_lines),
            base_lines,
            ours_start: first_line(ours.start, ours_lines),
            ours_lines,
            theirs_start: first_line(theirs.start, theirs_lines),
            theirs_lines,
        }
    }
}
