//! The exports behind the methods of `TextDiff` that show a diff: marked hunks, ansi, html.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use sealdiff_diff::{
    AnsiOptions, CancelFlag, Granularity, HtmlOptions, HtmlView, InlineChanges, TextDiff,
};

use super::marks::MarkedHunkFields;
use super::settings::{Comparison, context_radius};
use super::text::to_js;
use super::text_diff::ScriptFields;
use super::texts::Texts;
use crate::cpu::FOR_DIFFS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::{promise, unknown};

/// How a diff is shown. Checked by `lib/`.
#[napi(object, object_to_js = false)]
pub(crate) struct ShowLayout {
    pub context: Option<u32>,
    /// Both names, or none.
    pub old_name: Option<String>,
    pub new_name: Option<String>,
    pub title: Option<String>,
    pub is_inline: bool,
    pub max_bytes: Option<u32>,
}

/// The hunks of a diff by lines, with the changed parts of each line.
#[napi(catch_unwind, ts_return_type = "MarkedHunkFields[]")]
pub(crate) fn text_diff_marked_hunks<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
    comparison: Comparison,
    context: Option<u32>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let diff = script.lines(&texts)?;
        let inline = inline_changes(&texts, &diff, &comparison, &CancelFlag::new())?;
        let hunks = diff.hunks(context_radius(context));
        let hunks = hunks.map(|hunk| MarkedHunkFields::of_diff(&texts, &diff, &hunk, &inline));
        unknown(env, hunks.collect::<Vec<_>>())
    });
    finish(env, outcome)
}

/// The diff for a terminal.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn text_diff_ansi<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
    comparison: Comparison,
    layout: ShowLayout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let diff = script.diff(&texts)?;
        let inline = inline_changes(&texts, &diff, &comparison, &CancelFlag::new())?;
        let options = AnsiOptions {
            context_radius: context_radius(layout.context),
            names: layout.names(),
        };
        let shown = diff.ansi(&texts.old.bytes, &texts.new.bytes, &inline, &options);
        to_js(env, shown.as_bytes(), true)
    });
    finish(env, outcome)
}

/// The diff as a page.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn text_diff_html<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
    comparison: Comparison,
    layout: ShowLayout,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?;
        let diff = script.diff(&texts)?;
        let page = page(&texts, &diff, &comparison, &layout, &CancelFlag::new())?;
        to_js(env, page.as_bytes(), true)
    });
    finish(env, outcome)
}

/// The diff as a page, made on another thread; a promise of it.
#[napi(catch_unwind, ts_return_type = "Promise<string>")]
pub(crate) fn text_diff_html_async<'env>(
    env: &'env Env,
    old_text: Unknown<'env>,
    new_text: Unknown<'env>,
    script: ScriptFields<'env>,
    comparison: Comparison,
    layout: ShowLayout,
    cancel_id: u32,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let outcome = guard(|| {
        let texts = Texts::of(env, &old_text, &new_text)?.into_owned();
        let diff = script.diff(&texts)?;
        promise(
            env,
            cancel_id,
            |cancellation| {
                let work = move || page(&texts, &diff, &comparison, &layout, &cancellation.flag);
                FOR_DIFFS.run(work)
            },
            |env, page| to_js(env, page.as_bytes(), true),
        )
    });
    finish(env, outcome)
}

fn page(
    texts: &Texts<'_>,
    diff: &TextDiff,
    comparison: &Comparison,
    layout: &ShowLayout,
    cancel: &CancelFlag,
) -> Result<String, Failure> {
    let inline = inline_changes(texts, diff, comparison, cancel)?;
    let (old, new) = (&texts.old.bytes, &texts.new.bytes);
    Ok(diff.html(old, new, &inline, &layout.html_options(), cancel)?)
}

/// The changed parts of lines; none of a diff by smaller units.
fn inline_changes(
    texts: &Texts<'_>,
    diff: &TextDiff,
    comparison: &Comparison,
    cancel: &CancelFlag,
) -> Result<InlineChanges, Failure> {
    if diff.granularity() != Granularity::Lines {
        return Ok(InlineChanges::default());
    }
    let options = comparison.start()?;
    Ok(diff.inline_changes(&texts.old.bytes, &texts.new.bytes, &options, cancel)?)
}

impl ShowLayout {
    fn names(&self) -> Option<[&[u8]; 2]> {
        let (old, new) = (self.old_name.as_deref()?, self.new_name.as_deref()?);
        Some([old.as_bytes(), new.as_bytes()])
    }

    fn html_options(&self) -> HtmlOptions<'_> {
        let defaults = HtmlOptions::default();
        HtmlOptions {
            title: self.title.as_deref().map_or(defaults.title, str::as_bytes),
            names: self.names(),
            context_radius: context_radius(self.context),
            view: if self.is_inline {
                HtmlView::Inline
            } else {
                defaults.view
            },
            max_bytes: self
                .max_bytes
                .map_or(defaults.max_bytes, |max| max as usize),
        }
    }
}
