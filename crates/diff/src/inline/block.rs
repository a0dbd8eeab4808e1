//! One stretch of lines that replaced another: which of their words differ.

use std::ops::Range;

use super::{Part, Side};
use crate::search::Limits;
use crate::{DiffError, DiffOptions, EditOp, EditTag, Granularity, TextDiff, Tokens};

/// Longer stretches are hardly an edit of one another, and would take long to compare.
const MAX_BLOCK_BYTES: usize = 64 << 10;
/// Longer replacements of words are not searched for common grapheme clusters.
const MAX_REPLACED_BYTES: usize = 256;
/// More common stretches than that are letters that two words have by chance.
const MAX_COMMON_STRETCHES: usize = 3;

/// Byte ranges of a block, in order and apart.
type Ranges = Vec<Range<usize>>;

/// Lines of one side.
pub(super) struct Block<'t> {
    side: Side<'t>,
    lines: Range<u32>,
}

impl<'t> Block<'t> {
    pub(super) fn new(side: Side<'t>, lines: Range<u32>) -> Self {
        Self { side, lines }
    }

    pub(super) fn is_small(&self) -> bool {
        self.bytes().len() <= MAX_BLOCK_BYTES
    }

    fn range(&self) -> Range<usize> {
        let Range { start, end } = self.lines;
        self.side.tokens.bytes(start, end - start)
    }

    fn bytes(&self) -> &'t [u8] {
        &self.side.text[self.range()]
    }

    /// Adds what of `changed` lies in each line to `parts`; nothing of a line that changed mostly.
    pub(super) fn add_parts(&self, changed: &Ranges, parts: &mut Vec<Part>) {
        let (block, mut next) = (self.range().start, 0);
        for line in self.lines.clone() {
            let range = self.side.tokens.bytes(line, 1);
            let text = &self.side.text[range.clone()];
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let (start, end) = (range.start - block, range.start - block + text.len());
            while changed.get(next).is_some_and(|range| range.end <= start) {
                next += 1;
            }
            let of_line = changed[next..].iter().take_while(|range| range.start < end);
            let cut =
                of_line.map(|range| range.start.max(start) - start..range.end.min(end) - start);
            let cut: Ranges = cut.filter(|range| !range.is_empty()).collect();
            if is_readable(text, &cut) {
                parts.extend(cut.into_iter().map(|range| Part { line, range }));
            }
        }
    }
}

/// Says whether at least a third of a line, but for white space, is unchanged.
fn is_readable(line: &[u8], changed: &Ranges) -> bool {
    let ink = |text: &[u8]| text.iter().filter(|b| !b.is_ascii_whitespace()).count();
    let all_changed: usize = changed.iter().map(|range| ink(&line[range.clone()])).sum();
    let all = ink(line);
    3 * (all - all_changed) >= all
}

/// What differs between the old and the new block, as ranges of each.
///
/// # Errors
///
/// [`DiffError::Cancelled`].
pub(super) fn compare(
    [old, new]: &[Block<'_>; 2],
    options: &DiffOptions,
    limits: &mut Limits<'_>,
) -> Result<[Ranges; 2], DiffError> {
    let (old, new) = (old.bytes(), new.bytes());
    let diff = TextDiff::compute_within(old, new, Granularity::Words, options, limits)?;
    let (mut old_parts, mut new_parts) = (Parts::of(old), Parts::of(new));
    let mut ops = diff.script().ops().iter().peekable();
    while let Some(op) = ops.next() {
        if op.tag == EditTag::Equal {
            continue;
        }
        let inserted = ops.next_if(|next| op.tag == EditTag::Delete && next.tag == EditTag::Insert);
        let gap = Gap {
            old: bytes(diff.old_tokens(), op.old_start, op.old_len),
            new: inserted.map_or_else(
                || bytes(diff.new_tokens(), op.new_start, op.new_len),
                |op| bytes(diff.new_tokens(), op.new_start, op.new_len),
            ),
        };
        gap.refine(old, new, options, limits, &mut |old, new| {
            old_parts.add(old);
            new_parts.add(new);
        })?;
    }
    Ok([old_parts.ranges, new_parts.ranges])
}

fn bytes(tokens: &Tokens, start: u32, len: u32) -> Range<usize> {
    tokens.bytes(start, len)
}

/// The changed ranges of a block. Two with only blanks between them become one.
struct Parts<'t> {
    text: &'t [u8],
    ranges: Ranges,
}

impl<'t> Parts<'t> {
    fn of(text: &'t [u8]) -> Self {
        let ranges = Vec::new();
        Self { text, ranges }
    }

    fn add(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let are_blank = |text: &[u8]| text.iter().all(|b| matches!(b, b' ' | b'\t'));
        match self.ranges.last_mut() {
            Some(last) if are_blank(&self.text[last.end..range.start]) => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }
}

/// Words that replaced others.
struct Gap {
    old: Range<usize>,
    new: Range<usize>,
}

impl Gap {
    /// Tells `add` what differs: grapheme clusters of words that are much alike, else all of them.
    fn refine(
        self,
        old: &[u8],
        new: &[u8],
        options: &DiffOptions,
        limits: &mut Limits<'_>,
        add: &mut dyn FnMut(Range<usize>, Range<usize>),
    ) -> Result<(), DiffError> {
        let (old_words, new_words) = (&old[self.old.clone()], &new[self.new.clone()]);
        if !may_be_alike(old_words, new_words) {
            add(self.old, self.new);
            return Ok(());
        }
        let unit = Granularity::Graphemes;
        let diff = TextDiff::compute_within(old_words, new_words, unit, options, limits)?;
        if !are_alike(&diff) {
            add(self.old, self.new);
            return Ok(());
        }
        let shift = |range: Range<usize>, by: usize| range.start + by..range.end + by;
        for op in diff
            .script()
            .ops()
            .iter()
            .filter(|op| op.tag != EditTag::Equal)
        {
            let old = bytes(diff.old_tokens(), op.old_start, op.old_len);
            let new = bytes(diff.new_tokens(), op.new_start, op.new_len);
            add(shift(old, self.old.start), shift(new, self.new.start));
        }
        Ok(())
    }
}

fn may_be_alike(old: &[u8], new: &[u8]) -> bool {
    let is_word = |text: &[u8]| !text.is_empty() && text.len() <= MAX_REPLACED_BYTES;
    is_word(old) && is_word(new)
}

/// Says whether half of the longer side, or more, is in common, in few stretches.
fn are_alike(diff: &TextDiff) -> bool {
    let equal = diff
        .script()
        .ops()
        .iter()
        .filter(|op| op.tag == EditTag::Equal);
    let common: u32 = equal.clone().map(|op: &EditOp| op.old_len).sum();
    let longer = diff.old_tokens().len().max(diff.new_tokens().len());
    equal.count() <= MAX_COMMON_STRETCHES && 2 * common >= longer
}
