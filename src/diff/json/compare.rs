//! The exports behind `json` of `Differ`, and behind what a `JsonDiff` makes when it is asked.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_diff::{CancelFlag, JsonDiff, json_diff, json_merge_patch, json_unified};

use super::settings::DocumentComparison;
use crate::bytes::buffer;
use crate::cpu::FOR_DIFFS;
use crate::diff::settings::{Comparison, Layout};
use crate::diff::text::Text;
use crate::diff::texts::Texts;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::{promise, undefined, unknown};
use crate::text::string;

/// What a `JsonDiff` keeps of a comparison.
#[napi(object, object_from_js = false)]
pub(crate) struct JsonDiffFields<'a> {
    /// A copy of the old document, unless it is a string, which nobody can change.
    #[napi(ts_type = "Buffer | undefined")]
    pub old_bytes: Option<Unknown<'a>>,
    #[napi(ts_type = "Buffer | undefined")]
    pub new_bytes: Option<Unknown<'a>>,
    /// JSON text.
    #[napi(ts_type = "string")]
    pub patch: Unknown<'a>,
    /// JSON text.
    #[napi(ts_type = "string")]
    pub paths: Unknown<'a>,
    pub is_exact: bool,
    pub added: f64,
    pub removed: f64,
    pub replaced: f64,
}

/// Compares two documents; what `JsonDiff` keeps.
#[napi(catch_unwind, js_name = "jsonDiff", ts_return_type = "JsonDiffFields")]
pub(crate) fn diff_documents<'env>(
    env: &'env Env,
    old_doc: Unknown<'env>,
    new_doc: Unknown<'env>,
    comparison: DocumentComparison,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = texts(env, &old_doc, &new_doc)?;
        let diff = diff(&texts, &comparison, &CancelFlag::new())?;
        into_js(env, &diff, &texts)
    });
    finish(env, outcome)
}

/// Compares two documents on another thread; a promise of what `JsonDiff` keeps.
#[napi(
    catch_unwind,
    js_name = "jsonDiffAsync",
    ts_return_type = "Promise<JsonDiffFields>"
)]
pub(crate) fn diff_documents_async<'env>(
    env: &'env Env,
    old_doc: Unknown<'env>,
    new_doc: Unknown<'env>,
    comparison: DocumentComparison,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let texts = texts(env, &old_doc, &new_doc)?.into_owned();
        promise(
            env,
            cancel_id,
            |cancellation| {
                FOR_DIFFS.run(move || {
                    let diff = diff(&texts, &comparison, &cancellation.flag)?;
                    Ok((diff, texts))
                })
            },
            |env, (diff, texts)| into_js(env, &diff, &texts),
        )
    });
    finish(env, outcome)
}

/// The merge patch of two documents as JSON text; undefined if there is none.
#[napi(
    catch_unwind,
    js_name = "jsonMergePatch",
    ts_return_type = "string | undefined"
)]
pub(crate) fn merge_patch_of_documents<'env>(
    env: &'env Env,
    old_doc: Unknown<'env>,
    new_doc: Unknown<'env>,
    comparison: DocumentComparison,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = texts(env, &old_doc, &new_doc)?;
        let (old, new) = comparison.documents(&texts)?;
        match json_merge_patch(old, new, &comparison.start()?, &CancelFlag::new())? {
            Some(patch) => string(env, &patch),
            None => undefined(env, ()),
        }
    });
    finish(env, outcome)
}

/// The unified diff of two documents' normalised texts.
#[napi(catch_unwind, js_name = "jsonUnified", ts_return_type = "string")]
pub(crate) fn unified_diff_of_documents<'env>(
    env: &'env Env,
    old_doc: Unknown<'env>,
    new_doc: Unknown<'env>,
    comparison: DocumentComparison,
    lines: Comparison,
    layout: Layout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = texts(env, &old_doc, &new_doc)?;
        let (old, new) = comparison.documents(&texts)?;
        let options = (comparison.start()?, lines.start()?, layout.options());
        let cancel = CancelFlag::new();
        let patch = json_unified(old, new, &options.0, &options.1, &options.2, &cancel)?;
        string(env, &patch)
    });
    finish(env, outcome)
}

fn texts<'a>(
    env: &'a Env,
    old: &'a Unknown<'a>,
    new: &'a Unknown<'a>,
) -> Result<Texts<'a>, Failure> {
    Ok(Texts {
        old: Text::of(env, old, "oldDoc")?,
        new: Text::of(env, new, "newDoc")?,
    })
}

fn diff(
    texts: &Texts<'_>,
    comparison: &DocumentComparison,
    cancel: &CancelFlag,
) -> Result<JsonDiff, Failure> {
    let (old, new) = comparison.documents(texts)?;
    Ok(json_diff(old, new, &comparison.start()?, cancel)?)
}

fn into_js<'env>(
    env: &'env Env,
    diff: &JsonDiff,
    texts: &Texts<'_>,
) -> Result<Unknown<'env>, Failure> {
    let kept = |text: &Text<'_>| {
        let bytes = (!text.is_string).then_some(&text.bytes);
        bytes.map(|bytes| buffer(env, bytes)).transpose()
    };
    unknown(
        env,
        JsonDiffFields {
            old_bytes: kept(&texts.old)?,
            new_bytes: kept(&texts.new)?,
            patch: string(env, &diff.patch)?,
            paths: string(env, &diff.paths)?,
            is_exact: diff.is_exact,
            added: diff.summary.added as f64,
            removed: diff.summary.removed as f64,
            replaced: diff.summary.replaced as f64,
        },
    )
}
