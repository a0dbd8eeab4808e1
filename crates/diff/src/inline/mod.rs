//! What changed inside of changed lines: words, and within words grapheme clusters. It knows edit
//! scripts and texts; nothing of how the result is shown.

mod block;

use std::ops::Range;

use crate::search::Limits;
use crate::{Algorithm, CancelFlag, DiffError, DiffOptions, EditTag, TextDiff, Tokens};
use block::Block;

/// The changed parts of lines, of both sides of a diff by lines.
///
/// A line without any is unchanged, or changed as a whole: it has no counterpart, or shares too
/// little with it for the difference to be readable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InlineChanges {
    /// Parts of the old lines that are not in the new ones.
    pub old: ChangedParts,
    /// Parts of the new lines that are not in the old ones.
    pub new: ChangedParts,
}

/// The changed parts of the lines of one text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedParts(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    line: u32,
    range: Range<usize>,
}

impl ChangedParts {
    /// The changed parts of a line, counted from 0: byte ranges in the line, in order, not empty,
    /// with something unchanged between them. The line end is never among them.
    pub fn of_line(&self, line: u32) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = self.0.partition_point(|part| part.line < line);
        let parts = self.0[first..].iter();
        parts
            .take_while(move |part| part.line == line)
            .map(|part| part.range.clone())
    }
}

/// A text and its lines.
#[derive(Clone, Copy)]
struct Side<'t> {
    text: &'t [u8],
    tokens: &'t Tokens,
}

/// Finds the changed parts of the lines that `diff` says were replaced by others.
///
/// Of `options`, the deadline and the step limit are for all lines together; lines that are not
/// looked at before either ends are changed as a whole, and so are replaced stretches of over 64 KiB.
///
/// # Errors
///
/// [`DiffError::LinesOnly`] unless lines were compared; [`DiffError::Cancelled`].
pub(crate) fn inline_changes(
    diff: &TextDiff,
    old: &[u8],
    new: &[u8],
    options: &DiffOptions,
    cancel: &CancelFlag,
) -> Result<InlineChanges, DiffError> {
    // Marks on a line are worth no exhaustive search.
    let options = &DiffOptions {
        algorithm: Algorithm::Auto,
        ..*options
    };
    let mut limits = Limits::of(options, cancel);
    let old = Side {
        text: old,
        tokens: diff.old_tokens(),
    };
    let new = Side {
        text: new,
        tokens: diff.new_tokens(),
    };
    let mut found = InlineChanges::default();
    for pair in diff.script().ops().windows(2) {
        let [deleted, inserted] = pair else { continue };
        if (deleted.tag, inserted.tag) != (EditTag::Delete, EditTag::Insert) {
            continue;
        }
        limits.poll()?;
        if limits.must_stop() {
            break;
        }
        let old_lines = deleted.old_start..deleted.old_start + deleted.old_len;
        let new_lines = inserted.new_start..inserted.new_start + inserted.new_len;
        let blocks = [Block::new(old, old_lines), Block::new(new, new_lines)];
        if blocks.iter().all(Block::is_small) {
            let [old_parts, new_parts] = block::compare(&blocks, options, &mut limits)?;
            blocks[0].add_parts(&old_parts, &mut found.old.0);
            blocks[1].add_parts(&new_parts, &mut found.new.0);
        }
    }
    Ok(found)
}
