//! The rows of a diff by lines. The same rows serve both views; the style lays them out.

use std::ops::Range;

use super::page::Page;
use super::{Folding, HtmlOptions};
use crate::inline::ChangedParts;
use crate::render::{Shown, Tokenized};
use crate::{CancelFlag, DiffError, EditOp, EditTag};

/// Writes the rows of all operations.
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
    let mut rows = Rows { page, shown };
    let ops = shown.script.ops();
    let mut at = 0;
    while at < ops.len() && !rows.page.is_full() {
        if cancel.is_cancelled() {
            return Err(DiffError::Cancelled);
        }
        let (op, is_first) = (ops[at], at == 0);
        at += 1;
        if op.tag == EditTag::Equal {
            let is_last = at == ops.len();
            let [before, after] =
                [is_first, is_last].map(|is_end| if is_end { 0 } else { options.context_radius });
            rows.unchanged(op, [before, after], folding);
        } else {
            let inserted = ops
                .get(at)
                .filter(|next| op.tag == EditTag::Delete && next.tag == EditTag::Insert);
            at += usize::from(inserted.is_some());
            rows.change(op, inserted.copied());
        }
    }
    Ok(())
}

struct Rows<'p, 't> {
    page: &'p mut Page,
    shown: &'p Shown<'t>,
}

impl Rows<'_, '_> {
    /// Shows the first and last lines of an equal stretch, and folds what is between.
    fn unchanged(&mut self, op: EditOp, [first, last]: [u32; 2], folding: Folding) {
        let len = op.old_len;
        let first = first.min(len);
        let last = last.min(len - first);
        self.equal_rows(op, 0..first);
        let folded = first..len - last;
        if !folded.is_empty() {
            self.fold(op, folded, folding);
        }
        self.equal_rows(op, len - last..len);
    }

    fn fold(&mut self, op: EditOp, lines: Range<u32>, folding: Folding) {
        let (tag, inner) = match folding {
            Folding::Fold => ("details", "summary"),
            Folding::LeaveOut => ("div class=\"left-out\"", "span"),
        };
        self.page.raw(&format!(
            "<{tag}><{inner}>{}",
            fold_title(lines.end - lines.start, "line")
        ));
        match folding {
            Folding::Fold => {
                self.page.raw("</summary>\n");
                self.equal_rows(op, lines);
                self.page.raw("</details>\n");
            }
            Folding::LeaveOut => self.page.raw(" left out</span></div>\n"),
        }
    }

    fn equal_rows(&mut self, op: EditOp, lines: Range<u32>) {
        for line in lines {
            if self.page.is_full() {
                return;
            }
            let (old, new) = (op.old_start + line, op.new_start + line);
            let (old_text, new_text) = (self.shown.old.get(old), self.shown.new.get(new));
            self.page.raw("<div class=\"row\">");
            self.line(old, old_text, &ChangedParts::default(), "");
            // What is the same is read out once.
            let attributes = if old_text == new_text {
                " aria-hidden=\"true\""
            } else {
                ""
            };
            self.line(new, new_text, &ChangedParts::default(), attributes);
            self.page.raw("</div>\n");
        }
    }

    /// Shows lines that were removed, added, or replaced by others.
    fn change(&mut self, op: EditOp, inserted: Option<EditOp>) {
        let added = inserted.unwrap_or(op);
        let shown = self.shown;
        self.page.raw("<div class=\"change\">\n");
        self.lines(
            "del",
            shown.old,
            op.old_start..op.old_start + op.old_len,
            &shown.inline.old,
        );
        self.lines(
            "ins",
            shown.new,
            added.new_start..added.new_start + added.new_len,
            &shown.inline.new,
        );
        self.page.raw("</div>\n");
    }

    fn lines(&mut self, tag: &str, from: Tokenized<'_>, lines: Range<u32>, parts: &ChangedParts) {
        for line in lines {
            if self.page.is_full() {
                return;
            }
            self.page.raw(&format!("<{tag}>"));
            self.line(line, from.get(line), parts, "");
            self.page.raw(&format!("</{tag}>\n"));
        }
    }

    /// The number of a line, and its text.
    fn line(&mut self, line: u32, text: &[u8], parts: &ChangedParts, attributes: &str) {
        self.page
            .raw(&format!("<i>{}</i><code{attributes}>", u64::from(line) + 1));
        let without_end = text.strip_suffix(b"\n");
        self.page
            .marked(without_end.unwrap_or(text), parts.of_line(line));
        if without_end.is_none() {
            self.page.raw("<em> no newline at end of file</em>");
        }
        self.page.raw("</code>");
    }
}

/// What a fold says: how much of which unit it holds.
pub(super) fn fold_title(count: u32, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} unchanged {unit}{plural}")
}
