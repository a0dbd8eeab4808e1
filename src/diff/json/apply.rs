//! The exports behind `applyJsonPatch` and `applyMergePatch`.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_diff::{CancelFlag, DiffError};

use crate::diff::text::{Text, to_js};
use crate::error::{Failure, finish};
use crate::guard::guard;

/// Applies a JSON Patch, given as JSON text, to a document.
#[napi(catch_unwind, ts_return_type = "string | Buffer")]
pub(crate) fn apply_json_patch<'env>(
    env: &'env Env,
    doc: Unknown<'env>,
    patch: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| apply(env, &doc, &patch, sealdiff_diff::apply_json_patch));
    finish(env, outcome)
}

/// Applies a merge patch, given as JSON text, to a document.
#[napi(catch_unwind, ts_return_type = "string | Buffer")]
pub(crate) fn apply_merge_patch<'env>(
    env: &'env Env,
    doc: Unknown<'env>,
    patch: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| apply(env, &doc, &patch, sealdiff_diff::apply_merge_patch));
    finish(env, outcome)
}

type Apply = fn(&[u8], &[u8], &CancelFlag) -> Result<Vec<u8>, DiffError>;

fn apply<'env, 'a>(
    env: &'env Env,
    doc: &'a Unknown<'a>,
    patch: &'a Unknown<'a>,
    apply: Apply,
) -> Result<Unknown<'env>, Failure>
where
    'env: 'a,
{
    let doc = Text::of(env, doc, "doc")?;
    let patch = Text::of(env, patch, "patch")?;
    let patched = apply(&doc.bytes, &patch.bytes, &CancelFlag::new())?;
    to_js(env, &patched, doc.is_string)
}
