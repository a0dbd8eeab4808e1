//! Finds the place of a hunk in a text: where it says, else nearest first among the places of its
//! rarest line.
//!
//! Source: `locate_hunk` of GNU patch, for the order of places and the meaning of fuzz.

use std::collections::HashMap;
use std::ops::Range;

use super::{ApplyOptions, LineKind, PatchHunk, PatchLine};
use crate::DiffError;
use crate::tokens::Tokens;

/// Line comparisons that searching may cost for a whole patch: a fraction of a second, and some
/// thousand times what the worst honest patches need.
const MAX_COMPARISONS: u64 = 1 << 26;

/// What it costs to try a hunk again with more fuzz, for each of its lines.
const COMPARISONS_PER_TARGET_LINE: u64 = 16;

/// Where a hunk goes: the first line of the text that it replaces, and which of its lines are
/// written: without those that fuzz leaves out, and up to the last change, since the next hunk may
/// share the context behind it.
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) lines: Range<usize>,
}

impl Place {
    /// Lines of the text that are used up.
    fn old_len(&self, hunk: &PatchHunk<'_>) -> u32 {
        let lines = hunk.lines[self.lines.clone()].iter();
        lines.filter(|line| line.kind.is_old()).count() as u32
    }
}

/// The search became too expensive.
pub(super) struct Exhausted;

impl Exhausted {
    pub(super) fn error(self, hunk: usize, patch_hunk: &PatchHunk<'_>) -> DiffError {
        let header = patch_hunk.header();
        DiffError::PatchSearchLimit {
            hunk,
            header,
            limit: MAX_COMPARISONS,
        }
    }
}

/// Looks for one hunk after the other.
pub(super) struct Locator<'t, 'o> {
    text: &'t [u8],
    lines: &'t Tokens,
    options: &'o ApplyOptions,
    index: Option<LineIndex<'t>>,
    comparisons_left: u64,
    /// Lines above were used up by earlier hunks.
    first_free: u32,
    /// How far the hunk before was from its place.
    offset: i64,
}

/// The lines of a hunk that must be found, and where they may be.
struct Target<'h> {
    lines: Range<usize>,
    old: Vec<&'h [u8]>,
    /// Leading lines that fuzz leaves out; they must have room, too.
    skipped: i64,
    guess: i64,
    at_start: bool,
    at_end: bool,
}

impl<'t, 'o> Locator<'t, 'o> {
    pub(super) fn new(text: &'t [u8], lines: &'t Tokens, options: &'o ApplyOptions) -> Self {
        Self {
            text,
            lines,
            options,
            index: None,
            comparisons_left: MAX_COMPARISONS,
            first_free: 0,
            offset: 0,
        }
    }

    /// The place of the next hunk; `None` if it doesn't fit.
    pub(super) fn locate(&mut self, hunk: &PatchHunk<'_>) -> Result<Option<Place>, Exhausted> {
        let context = Context::of(hunk);
        for fuzz in 0..=self.options.fuzz.min(context.longest()) {
            if fuzz > 0 {
                let cost = COMPARISONS_PER_TARGET_LINE * hunk.lines.len() as u64;
                spend(&mut self.comparisons_left, cost)?;
            }
            let target = Target::new(hunk, &context, fuzz, self.offset);
            if let Some(line) = self.find(&target)? {
                self.offset += i64::from(line) - target.guess;
                let place = target.place(hunk, line);
                self.first_free = line + place.old_len(hunk);
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn find(&mut self, target: &Target<'_>) -> Result<Option<u32>, Exhausted> {
        let Some((low, high)) = self.bounds(target) else {
            return Ok(None);
        };
        if (low..=high).contains(&target.guess) && self.fits(target, target.guess as u32) {
            return Ok(Some(target.guess as u32));
        }
        // Without old lines every place fits, so none but the right one means anything.
        if target.old.is_empty() && !target.at_end {
            return Ok(None);
        }
        self.find_nearest(target, low, high)
    }

    /// The first and the last place that are allowed.
    fn bounds(&self, target: &Target<'_>) -> Option<(i64, i64)> {
        let reach = i64::from(self.options.max_offset);
        let last = i64::from(self.lines.len()) - target.old.len() as i64;
        let low = (i64::from(self.first_free) + target.skipped).max(target.guess - reach);
        let low = if target.at_end { low.max(last) } else { low };
        let high = last.min(target.guess + reach);
        let high = if target.at_start { high.min(0) } else { high };
        (low <= high).then_some((low, high))
    }

    fn fits(&self, target: &Target<'_>, at: u32) -> bool {
        let lines = (at..).map(|line| self.lines.get(self.text, line));
        target.old.iter().zip(lines).all(|(old, line)| *old == line)
    }

    /// Tries the places of the target's rarest line, nearest first, below before above.
    fn find_nearest(
        &mut self,
        target: &Target<'_>,
        low: i64,
        high: i64,
    ) -> Result<Option<u32>, Exhausted> {
        let index = self
            .index
            .get_or_insert_with(|| LineIndex::new(self.text, self.lines));
        let mut budget = self.comparisons_left;
        let found = index.nearest(&target.old, target.guess, (low, high), &mut budget);
        self.comparisons_left = budget;
        found
    }
}

/// Unchanged lines at the ends of a hunk.
struct Context {
    before: u32,
    after: u32,
}

impl Context {
    fn of(hunk: &PatchHunk<'_>) -> Self {
        let is_context = |line: &&PatchLine<'_>| line.kind == LineKind::Context;
        let before = hunk.lines.iter().take_while(is_context).count() as u32;
        let after = hunk.lines.iter().rev().take_while(is_context).count() as u32;
        Self { before, after }
    }

    fn longest(&self) -> u32 {
        self.before.max(self.after)
    }
}

impl<'h> Target<'h> {
    /// The hunk without the context that `fuzz` leaves out: first where there is more of it.
    fn new(hunk: &'h PatchHunk<'_>, context: &Context, fuzz: u32, offset: i64) -> Self {
        let skipped = |own: u32| i64::from(fuzz) + i64::from(own) - i64::from(context.longest());
        let (before, after) = (skipped(context.before), skipped(context.after));
        let start = before.max(0) as usize;
        let end = hunk
            .lines
            .len()
            .saturating_sub(after.max(0) as usize)
            .max(start);
        let lines = &hunk.lines[start..end];
        let old = lines.iter().filter(|line| line.kind.is_old());
        let last_new = lines.iter().rev().find(|line| line.kind.is_new());
        let ends_text = last_new.is_some_and(|line| line.text.last() != Some(&b'\n'));
        let first = i64::from(hunk.old_start) - i64::from(hunk.old_len > 0);
        Self {
            lines: start..end,
            old: old.map(|line| &*line.text).collect(),
            skipped: start as i64,
            guess: first.max(0) + start as i64 + offset,
            at_start: before < 0 && hunk.old_start <= 1,
            at_end: after < 0 || ends_text,
        }
    }

    /// The place at `line`, where the target fits.
    fn place(&self, hunk: &PatchHunk<'_>, line: u32) -> Place {
        let is_change = |line: &PatchLine<'_>| line.kind != LineKind::Context;
        let changes = hunk.lines[self.lines.clone()].iter().rposition(is_change);
        let written = changes.map_or(0, |last| last + 1);
        Place {
            line,
            lines: self.lines.start..self.lines.start + written,
        }
    }
}

/// Where each line of a text occurs.
struct LineIndex<'t> {
    numbers: HashMap<&'t [u8], u32>,
    /// The number of each line.
    ids: Vec<u32>,
    /// The places of number n are `places[starts[n]..starts[n + 1]]`, in order.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl<'t> LineIndex<'t> {
    fn new(text: &'t [u8], lines: &Tokens) -> Self {
        let mut numbers = HashMap::new();
        let mut ids = Vec::with_capacity(lines.len() as usize);
        for line in 0..lines.len() {
            let next = numbers.len() as u32;
            ids.push(*numbers.entry(lines.get(text, line)).or_insert(next));
        }
        let mut starts = vec![0; numbers.len() + 1];
        for &id in &ids {
            starts[id as usize + 1] += 1;
        }
        for id in 1..starts.len() {
            starts[id] += starts[id - 1];
        }
        let mut next = starts.clone();
        let mut places = vec![0; ids.len()];
        for (line, &id) in (0u32..).zip(&ids) {
            places[next[id as usize] as usize] = line;
            next[id as usize] += 1;
        }
        Self {
            numbers,
            ids,
            starts,
            places,
        }
    }

    fn places(&self, id: u32) -> &[u32] {
        &self.places[self.starts[id as usize] as usize..self.starts[id as usize + 1] as usize]
    }

    /// The place nearest to `guess` where `wanted` stands, within `bounds`.
    fn nearest(
        &self,
        wanted: &[&[u8]],
        guess: i64,
        bounds: (i64, i64),
        budget: &mut u64,
    ) -> Result<Option<u32>, Exhausted> {
        spend(budget, wanted.len() as u64)?;
        let ids: Option<Vec<u32>> = wanted
            .iter()
            .map(|line| self.numbers.get(line).copied())
            .collect();
        let Some(ids) = ids else { return Ok(None) };
        let rarest = (0..ids.len()).min_by_key(|&n| self.places(ids[n]).len());
        let Some(rarest) = rarest else {
            return Ok(None);
        };
        let shift = rarest as i64;
        let places = self.places(ids[rarest]);
        let from = places.partition_point(|&place| i64::from(place) - shift < bounds.0);
        let to = places.partition_point(|&place| i64::from(place) - shift <= bounds.1);
        for start in nearest_first(&places[from..to], guess + shift) {
            let line = start as usize - rarest;
            let same = self.ids[line..]
                .iter()
                .zip(&ids)
                .take_while(|(a, b)| a == b)
                .count();
            spend(budget, same as u64 + 1)?;
            if same == ids.len() {
                return Ok(Some(line as u32));
            }
        }
        Ok(None)
    }
}

/// The sorted `places` by their distance from `centre`, of two as near the greater one first.
fn nearest_first(places: &[u32], centre: i64) -> impl Iterator<Item = u32> + '_ {
    let (mut above, mut below) =
        places.split_at(places.partition_point(|&p| i64::from(p) < centre));
    std::iter::from_fn(move || {
        let (before, after) = (above.split_last(), below.split_first());
        let takes_after = match (before, after) {
            (Some((&before, _)), Some((&after, _))) => {
                i64::from(after) - centre <= centre - i64::from(before)
            }
            (before, _) => before.is_none(),
        };
        if takes_after {
            let (&place, rest) = after?;
            below = rest;
            Some(place)
        } else {
            let (&place, rest) = before?;
            above = rest;
            Some(place)
        }
    })
}

fn spend(budget: &mut u64, comparisons: u64) -> Result<(), Exhausted> {
    *budget = budget.checked_sub(comparisons).ok_or(Exhausted)?;
    Ok(())
}
