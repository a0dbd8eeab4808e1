//! The exports behind `parsePatch`, `applyPatch`, `reversePatch` and `formatPatch`.

mod check;
mod fields;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_diff::{ApplyOptions, LineEndings, Patch};

use self::fields::PatchFields;
use super::text::{Text, to_js};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::unknown;

/// The options of `applyPatch`, checked by `lib/`.
#[napi(object, object_to_js = false)]
pub(crate) struct ApplyFields {
    pub fuzz: Option<u32>,
    pub max_offset: Option<u32>,
    pub line_endings: Option<String>,
}

/// Parses the text of patches.
#[napi(catch_unwind, ts_return_type = "PatchFields[]")]
pub(crate) fn parse_patch<'env>(
    env: &'env Env,
    text: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        // Owned: making the array below can run a setter of the caller's on `Array.prototype`,
        // which may detach the buffer.
        let text = Text::of(env, &text, "text")?.into_owned();
        let patches = sealdiff_diff::parse_patch(&text.bytes)?;
        let fields = patches
            .into_iter()
            .map(|patch| PatchFields::of(patch, text.is_string));
        unknown(env, fields.collect::<Vec<_>>())
    });
    finish(env, outcome)
}

/// Applies a patch object.
#[napi(catch_unwind)]
pub(crate) fn apply_patch<'env>(
    env: &'env Env,
    text: Unknown<'env>,
    patch: PatchFields<'env>,
    options: ApplyFields,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let text = Text::of(env, &text, "text")?;
        let are_strings = text.is_string && patch.is_string();
        let patched = apply(&text, &patch.checked()?, &options)?;
        to_js(env, &patched, are_strings)
    });
    finish(env, outcome)
}

/// Applies the text of a patch of one file.
#[napi(catch_unwind)]
pub(crate) fn apply_patch_text<'env>(
    env: &'env Env,
    text: Unknown<'env>,
    patch: Unknown<'env>,
    options: ApplyFields,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let text = Text::of(env, &text, "text")?;
        let patch = Text::of(env, &patch, "patch")?;
        let are_strings = text.is_string && patch.is_string;
        match &sealdiff_diff::parse_patch(&patch.bytes)?[..] {
            [one] => to_js(env, &apply(&text, one, &options)?, are_strings),
            // The difference of equal texts.
            [] if patch.bytes.trim_ascii().is_empty() => to_js(env, &text.bytes, are_strings),
            patches => Err(Failure::PatchCount {
                found: patches.len(),
            }),
        }
    });
    finish(env, outcome)
}

/// The patch that undoes another one.
#[napi(catch_unwind, ts_return_type = "PatchFields")]
pub(crate) fn reverse_patch<'env>(
    env: &'env Env,
    patch: PatchFields<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let reversed = sealdiff_diff::reverse_patch(&patch.checked()?);
        unknown(env, PatchFields::of(reversed, patch.is_string()))
    });
    finish(env, outcome)
}

/// Patches as one text.
#[napi(catch_unwind)]
pub(crate) fn format_patch<'env>(
    env: &'env Env,
    patches: Vec<PatchFields<'env>>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let are_strings = patches.iter().all(PatchFields::is_string);
        let checked: Result<Vec<_>, _> = patches.iter().map(PatchFields::checked).collect();
        to_js(env, &sealdiff_diff::format_patch(&checked?), are_strings)
    });
    finish(env, outcome)
}

fn apply(text: &Text<'_>, patch: &Patch<'_>, fields: &ApplyFields) -> Result<Vec<u8>, Failure> {
    let defaults = ApplyOptions::default();
    let options = ApplyOptions {
        fuzz: fields.fuzz.unwrap_or(defaults.fuzz),
        max_offset: fields.max_offset.unwrap_or(defaults.max_offset),
        line_endings: match fields.line_endings.as_deref() {
            None => defaults.line_endings,
            Some("exact") => LineEndings::Exact,
            Some("follow-text") => LineEndings::FollowText,
            Some(_) => return Err(Failure::Internal),
        },
    };
    Ok(sealdiff_diff::apply_patch(&text.bytes, patch, &options)?)
}
