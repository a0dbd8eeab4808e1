//! Chooses, among the places that do as well for an insertion or a deletion, the one that reads
//! best: where indentation begins and ends as blocks do.
//!
//! Linear: a change looks at [`MOST_PLACES`] places at most, and a place at few lines around it.
//!
//! Source: git's indent heuristic by Michael Haggerty, `xdl_change_compact` in `xdiffi.c`; the
//! weights are git's, fitted to changes that people had rated.

use crate::bytes::{count_lines, next_line, skip_lines_back};
use crate::script::Match;

/// Places that are weighed for one change; git's number.
const MOST_PLACES: usize = 100;

/// Blank lines that are looked past; git's number.
const MOST_BLANKS: i32 = 20;

/// Columns beyond which indentation isn't told apart, and bytes of a line that are looked at.
const MOST_COLUMNS: i32 = 200;
const MOST_BYTES: usize = 2_000;

/// Moves the gaps between `found`, which are as far down as they can be, up to where they read
/// best. A gap with lines of both sides stays, and gaps don't join.
pub(super) fn settle(found: &mut Vec<Match>, old: &[u8], new: &[u8]) {
    let end = Match {
        old: old.len() as u32,
        new: new.len() as u32,
        len: 0,
    };
    found.push(end);
    for index in 1..found.len() {
        let (before, next) = (found[index - 1], found[index]);
        let is_first = (before.old, before.new) == (0, 0);
        let shift = match (next.old - before.old_end(), next.new - before.new_end()) {
            (0, 0) => 0,
            (_, 0) => best_shift(old, (before.old, before.old_end(), next.old), is_first),
            (0, _) => best_shift(new, (before.new, before.new_end(), next.new), is_first),
            _ => 0,
        };
        found[index - 1].len -= shift;
        found[index] = Match {
            old: next.old - shift,
            new: next.new - shift,
            len: next.len + shift,
        };
    }
    found.retain(|stretch| stretch.len > 0);
}

/// How far up the lines between `start` and `end` go best, in bytes; `room` is where what is equal
/// before them begins; only the first gap may take all of that, others would meet.
fn best_shift(text: &[u8], (room, start, end): (u32, u32, u32), is_first: bool) -> u32 {
    let (start, end) = (start as usize, end as usize);
    let room = start - room as usize;
    let mut best = (0, Score::default());
    let most = MOST_PLACES.min(count_lines(&text[start..end]) as usize + 1);
    let mut shift = 0;
    for place in 0..=most {
        let score = Score::of(text, end - shift).and(Score::of(text, start - shift));
        if place == 0 || score.is_better_than(best.1) {
            best = (shift, score);
        }
        let line = skip_lines_back(text, end - shift, 1);
        let len = end - shift - line;
        let is_taken = shift + len > room || (shift + len == room && !is_first);
        if is_taken || last_line(&text[..start - shift]) != &text[line..line + len] {
            break;
        }
        shift += len;
    }
    best.0 as u32
}

fn last_line(text: &[u8]) -> &[u8] {
    &text[skip_lines_back(text, text.len(), 1)..]
}

/// How badly a change reads that begins or ends between two lines.
#[derive(Clone, Copy, Default)]
struct Score {
    indent: i32,
    penalty: i32,
}

impl Score {
    fn of(text: &[u8], at: usize) -> Self {
        let (above, blanks_above) = indent_above(text, at);
        let below = next_line(text, at);
        let here = indent(&text[at..below]);
        let (under, blanks_under) = indent_below(text, below);
        let blanks_from_here = if here.is_none() { 1 + blanks_under } else { 0 };
        let blanks = blanks_above + blanks_from_here;
        let mut penalty = 6 * blanks_from_here - 30 * blanks;
        if above.is_none() && blanks_above == 0 {
            penalty += 1;
        }
        if at == text.len() {
            penalty += 21;
        }
        let begins = here.or(under);
        if let (Some(begins), Some(above)) = (begins, above) {
            penalty += step_penalty(above, begins, under, blanks > 0);
        }
        Self {
            indent: begins.unwrap_or(-1),
            penalty,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            indent: self.indent + other.indent,
            penalty: self.penalty + other.penalty,
        }
    }

    fn is_better_than(self, other: Self) -> bool {
        let deeper = (self.indent - other.indent).signum();
        60 * deeper + self.penalty - other.penalty < 0
    }
}

/// What a step of indentation costs: in, out, or out for one line only.
fn step_penalty(above: i32, here: i32, under: Option<i32>, has_blanks: bool) -> i32 {
    let is_outdent = under.is_some_and(|under| under > here);
    match here - above {
        1.. if has_blanks => 10,
        1.. => -4,
        0 => 0,
        _ if has_blanks => 17,
        _ if is_outdent => 24,
        _ => 23,
    }
}

/// Indentation of the last line above that isn't blank, and the blank lines before it is met.
fn indent_above(text: &[u8], mut at: usize) -> (Option<i32>, i32) {
    for blanks in 0..MOST_BLANKS {
        if at == 0 {
            return (None, blanks);
        }
        let line = skip_lines_back(text, at, 1);
        if let Some(indent) = indent(&text[line..at]) {
            return (Some(indent), blanks);
        }
        at = line;
    }
    (Some(0), MOST_BLANKS)
}

/// As [`indent_above`], downwards from `at` on.
fn indent_below(text: &[u8], mut at: usize) -> (Option<i32>, i32) {
    for blanks in 0..MOST_BLANKS {
        if at == text.len() {
            return (None, blanks);
        }
        let next = next_line(text, at);
        if let Some(indent) = indent(&text[at..next]) {
            return (Some(indent), blanks);
        }
        at = next;
    }
    (Some(0), MOST_BLANKS)
}

/// The column where a line begins; `None` if it is blank.
fn indent(line: &[u8]) -> Option<i32> {
    let mut column = 0;
    for byte in line.iter().take(MOST_BYTES) {
        match byte {
            b' ' => column += 1,
            b'\t' => column += 8 - column % 8,
            b'\n' | b'\r' | 0x0B | 0x0C => {}
            _ => return Some(column),
        }
        if column >= MOST_COLUMNS {
            return Some(MOST_COLUMNS);
        }
    }
    None
}
