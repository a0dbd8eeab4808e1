//! One stretch of lines that replaced another: which of their words differ.

use std::ops::Range;

use super::{Part, Side};
use crate::search::Limits;
use crate::{DiffError, DiffOptions, EditTag, Granularity, TextDiff};

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
    for gap in gaps(&diff) {
        for Gap { old, new } in gap.refine(old, new, options, limits)? {
            old_parts.add(old);
            new_parts.add(new);
        }
    }
    Ok([old_parts.ranges, new_parts.ranges])
}

/// What stands on each side between two common stretches; one of the two may be empty.
struct Gap {
    old: Range<usize>,
    new: Range<usize>,
}

fn gaps(diff: &TextDiff) -> Vec<Gap> {
    let (mut gaps, mut is_open) = (Vec::<Gap>::new(), false);
    for op in diff.script().ops() {
        let (old, new) = (
            diff.old_tokens().bytes(op.old_start, op.old_len),
            diff.new_tokens().bytes(op.new_start, op.new_len),
        );
        match gaps.last_mut() {
            _ if op.tag == EditTag::Equal => {}
            Some(last) if is_open => (last.old.end, last.new.end) = (old.end, new.end),
            _ => gaps.push(Gap { old, new }),
        }
        is_open = op.tag != EditTag::Equal;
    }
    gaps
}

impl Gap {
    /// What differs of words that are much alike, by grapheme clusters; else all of the gap.
    fn refine(
        self,
        old: &[u8],
        new: &[u8],
        options: &DiffOptions,
        limits: &mut Limits<'_>,
    ) -> Result<Vec<Self>, DiffError> {
        let (old, new) = (&old[self.old.clone()], &new[self.new.clone()]);
        if !are_short(old, new) {
            return Ok(vec![self]);
        }
        let diff = TextDiff::compute_within(old, new, Granularity::Graphemes, options, limits)?;
        if !are_alike(&diff) {
            return Ok(vec![self]);
        }
        let shift = |range: Range<usize>, by: usize| range.start + by..range.end + by;
        let within = |gap: Self| Self {
            old: shift(gap.old, self.old.start),
            new: shift(gap.new, self.new.start),
        };
        Ok(gaps(&diff).into_iter().map(within).collect())
    }
}

fn are_short(old: &[u8], new: &[u8]) -> bool {
    let is_short = |text: &[u8]| !text.is_empty() && text.len() <= MAX_REPLACED_BYTES;
    is_short(old) && is_short(new)
}

/// Says whether half of the longer side, or more, is in common, in few stretches.
fn are_alike(diff: &TextDiff) -> bool {
    let equal = diff
        .script()
        .ops()
        .iter()
        .filter(|op| op.tag == EditTag::Equal);
    let common: u32 = equal.clone().map(|op| op.old_len).sum();
    let longer = diff.old_tokens().len().max(diff.new_tokens().len());
    equal.count() <= MAX_COMMON_STRETCHES && 2 * common >= longer
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
