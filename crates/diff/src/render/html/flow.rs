//! A diff by smaller units than lines: the text, with what was removed and added in its place.

use super::page::Page;
use super::{Folding, HtmlOptions, lines::fold_title};
use crate::render::Shown;
use crate::{CancelFlag, DiffError, EditTag};

/// Writes the whole text.
///
/// # Errors
///
/// [`DiffError::Cancelled`].
pub(super) fn write(
    page: &mut Page,
    shown: &Shown<'_>,
    options: &HtmlOptions<'_>,
    folding: Folding,
    cancel: &CancelFlag,
) -> Result<(), DiffError> {
    page.raw("<div class=\"flow\">");
    let ops = shown.script.ops();
    for (at, op) in ops.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(DiffError::Cancelled);
        }
        if page.is_full() {
            break;
        }
        let (old, new) = (
            shown.old.slice(op.old_start, op.old_len),
            shown.new.slice(op.new_start, op.new_len),
        );
        match op.tag {
            EditTag::Equal => {
                let radius = options.context_radius as usize;
                let shown = [at > 0, at + 1 < ops.len()].map(|is_inner| is_inner.then_some(radius));
                unchanged(page, new, shown, folding);
            }
            EditTag::Delete => element(page, "del", old),
            EditTag::Insert => element(page, "ins", new),
        }
    }
    page.raw("</div>\n");
    Ok(())
}

fn element(page: &mut Page, tag: &str, text: &[u8]) {
    page.raw(&format!("<{tag}>"));
    page.text(text);
    page.raw(&format!("</{tag}>"));
}

/// Folds the whole lines of an equal stretch, but for those beside the changes before and after it:
/// the rest of the line of a change, and so many more; `None` where there is no change.
fn unchanged(page: &mut Page, text: &[u8], shown: [Option<usize>; 2], folding: Folding) {
    let start = shown[0].map_or(0, |lines| end_of_lines(text, lines + 1));
    let end = shown[1].map_or(text.len(), |lines| {
        start + start_of_lines(&text[start..], lines + 1)
    });
    page.text(&text[..start]);
    let folded = &text[start..end];
    let count = memchr::memchr_iter(b'\n', folded).count() as u32;
    match folding {
        _ if count == 0 => page.text(folded),
        Folding::Fold => {
            page.raw(&format!(
                "<details><summary>{}</summary>",
                fold_title(count, "line")
            ));
            page.text(folded);
            page.raw("</details>");
        }
        Folding::LeaveOut => {
            page.raw(&format!(
                "<div class=\"left-out\">{} left out</div>",
                fold_title(count, "line")
            ));
        }
    }
    page.text(&text[end..]);
}

/// Where the first `count` lines end.
fn end_of_lines(text: &[u8], count: usize) -> usize {
    let end = memchr::memchr_iter(b'\n', text).nth(count - 1);
    end.map_or(text.len(), |at| at + 1)
}

/// Where the last `count` lines begin; the last one may lack its end, or be empty.
fn start_of_lines(text: &[u8], count: usize) -> usize {
    let end = memchr::memrchr_iter(b'\n', text).nth(count - 1);
    end.map_or(0, |at| at + 1)
}
