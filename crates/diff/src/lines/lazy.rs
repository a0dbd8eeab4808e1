//! Myers' greedy search on bytes: no line table, no hash and no number exists for what is equal.
//!
//! A diagonal's furthest point is a pair of byte offsets, both at line starts. From there one line
//! is deleted or inserted, which is a search for `\n`, and then follows a snake, which is a search
//! for the first byte that differs, rounded back to a line start. Of two points on a diagonal the
//! one with more lines has more bytes, so offsets compare as line numbers would.
//!
//! Exact, or nothing. Time `O(N + D²)` expected for D lines removed and added, at most
//! [`MAX_PASSES`] times the texts in bytes; space `O(D²)`, at most [`MAX_EDITS`]² / 2 points of
//! eight bytes, which is a megabyte.
//!
//! Source: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986),
//! section 2.

use crate::DiffError;
use crate::bytes::{common_lines, next_line};
use crate::script::Match;
use crate::search::{Limits, push_match};

/// The most lines removed and added: the trace of so many rounds takes a megabyte.
const MAX_EDITS: usize = 512;

/// Bytes that may be passed, as a multiple of the texts: above it a table of lines is cheaper.
const MAX_PASSES: u64 = 4;

/// What a step costs besides the bytes that it passes, in bytes (measured).
const STEP_BYTES: u64 = 64;

/// Bytes that may be passed even of tiny texts.
const LEAST_BYTES: u64 = 1 << 16;

/// Rounds between two looks at how far the search has come.
const ROUNDS_TO_FORECAST: usize = 64;

/// How wrong a forecast may be: changes aren't spread evenly.
const FORECAST_SLACK: u64 = 3;

/// The offsets of a line start on either side.
#[derive(Clone, Copy)]
struct Point {
    old: u32,
    new: u32,
}

impl Point {
    /// Of a diagonal that isn't in play.
    const NONE: Self = Self {
        old: u32::MAX,
        new: u32::MAX,
    };
}

/// One line less or one line more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    Delete,
    Insert,
}

/// Finds a longest common subsequence of lines, as stretches in bytes; `None` if that would cost
/// more than numbering the lines, or a limit is reached.
pub(super) fn search(
    old: &[u8],
    new: &[u8],
    limits: &mut Limits<'_>,
) -> Result<Option<Vec<Match>>, DiffError> {
    let mut lazy = Lazy::begin(old, new);
    loop {
        if let Some(end) = lazy.row.iter().position(|&point| lazy.is_end(point)) {
            return Ok(Some(lazy.path(end)));
        }
        limits.spend(lazy.row.len() as u64)?;
        if limits.is_over() || lazy.row.len() > MAX_EDITS || lazy.is_too_dear() {
            return Ok(None);
        }
        lazy.play_round();
    }
}

/// The texts, the furthest point of each diagonal in the round at hand, and those of all rounds.
struct Lazy<'t> {
    old: &'t [u8],
    new: &'t [u8],
    /// Round d has d + 1 points, from diagonal -d up in steps of two.
    row: Vec<Point>,
    trace: Vec<Point>,
    passed: u64,
}

impl<'t> Lazy<'t> {
    /// Plays round 0: follows what the texts have in common at the start.
    fn begin(old: &'t [u8], new: &'t [u8]) -> Self {
        let mut lazy = Self {
            old,
            new,
            row: Vec::new(),
            trace: Vec::new(),
            passed: 0,
        };
        let first = lazy.follow(Point { old: 0, new: 0 });
        lazy.row.push(first);
        lazy.trace.push(first);
        lazy
    }

    /// Moves each diagonal on from its neighbours of the round before.
    fn play_round(&mut self) {
        let mut left = Point::NONE;
        self.row.push(Point::NONE);
        for index in 0..self.row.len() {
            let right = self.row[index];
            self.row[index] = match self.start(left, right) {
                Some((start, step)) => {
                    self.passed += match step {
                        Move::Delete => u64::from(start.old - left.old),
                        Move::Insert => u64::from(start.new - right.new),
                    };
                    self.follow(start)
                }
                None => Point::NONE,
            };
            left = right;
        }
        self.trace.extend_from_slice(&self.row);
    }

    /// Where the diagonal between `left` and `right` is entered: by deleting from `left` or by
    /// inserting from `right`, whichever comes further.
    fn start(&self, left: Point, right: Point) -> Option<(Point, Move)> {
        let can_delete = (left.old as usize) < self.old.len();
        let can_insert = (right.new as usize) < self.new.len();
        if can_insert && !(can_delete && left.old >= right.old) {
            let new = next_line(self.new, right.new as usize) as u32;
            return Some((Point { new, ..right }, Move::Insert));
        }
        can_delete.then(|| {
            let old = next_line(self.old, left.old as usize) as u32;
            (Point { old, ..left }, Move::Delete)
        })
    }

    /// Follows the lines in common from a point on.
    fn follow(&mut self, from: Point) -> Point {
        let old = &self.old[from.old as usize..];
        let new = &self.new[from.new as usize..];
        let (len, passed) = common_lines(old, new);
        self.passed += STEP_BYTES + passed as u64;
        let len = len as u32;
        Point {
            old: from.old + len,
            new: from.new + len,
        }
    }

    fn is_end(&self, point: Point) -> bool {
        (point.old as usize, point.new as usize) == (self.old.len(), self.new.len())
    }

    /// Says whether what the search has cost, or is going to cost at this pace, is more than it
    /// may.
    fn is_too_dear(&self) -> bool {
        let round = self.row.len() - 1;
        let texts = (self.old.len() + self.new.len()) as u64;
        let most = (MAX_PASSES * texts).max(LEAST_BYTES);
        if self.passed > most {
            return true;
        }
        if round % ROUNDS_TO_FORECAST != ROUNDS_TO_FORECAST - 1 {
            return false;
        }
        let in_play = self.row.iter().filter(|point| point.old != u32::MAX);
        let furthest = in_play
            .map(|point| u64::from(point.old) + u64::from(point.new))
            .max();
        let edits = round as u64 * texts / furthest.unwrap_or(0).max(1);
        let cost = edits * edits / 2 * STEP_BYTES;
        edits > FORECAST_SLACK * MAX_EDITS as u64 || cost > FORECAST_SLACK * most
    }

    /// The points of a round that was played.
    fn round(&self, round: usize) -> &[Point] {
        let first = round * (round + 1) / 2;
        &self.trace[first..=first + round]
    }

    /// The stretches on the way to the point at `index` of the last round.
    fn path(&self, mut index: usize) -> Vec<Match> {
        let mut stretches = Vec::with_capacity(self.row.len());
        for round in (1..self.row.len()).rev() {
            let before = self.round(round - 1);
            let left = index
                .checked_sub(1)
                .map_or(Point::NONE, |left| before[left]);
            let right = before.get(index).copied().unwrap_or(Point::NONE);
            let (start, step) = self.start(left, right).expect("the path was in play here");
            stretches.push(stretch(start, self.round(round)[index]));
            index -= usize::from(step == Move::Delete);
        }
        stretches.push(stretch(Point { old: 0, new: 0 }, self.trace[0]));
        let mut matches = Vec::with_capacity(stretches.len());
        let in_order = stretches.into_iter().rev();
        in_order.for_each(|stretch| push_match(&mut matches, stretch));
        matches
    }
}

fn stretch(from: Point, to: Point) -> Match {
    Match {
        old: from.old,
        new: from.new,
        len: to.old - from.old,
    }
}

/// The search without its bounds.
#[cfg(test)]
pub(super) fn search_to_the_end(old: &[u8], new: &[u8]) -> Vec<Match> {
    let mut lazy = Lazy::begin(old, new);
    loop {
        if let Some(end) = lazy.row.iter().position(|&point| lazy.is_end(point)) {
            return lazy.path(end);
        }
        lazy.play_round();
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAST_BYTES, Lazy, MAX_PASSES, search};
    use crate::search::Limits;
    use crate::{CancelFlag, DiffError};

    fn numbered(lines: usize, line: impl Fn(usize) -> String) -> Vec<u8> {
        (0..lines).map(line).collect::<String>().into_bytes()
    }

    #[test]
    fn gives_up_early_on_texts_with_little_in_common() -> Result<(), DiffError> {
        let cancel = CancelFlag::new();
        let mut limits = Limits::new(&cancel, None, Some(20_000));
        let old = numbered(20_000, |n| format!("old line {n}\n"));
        let new = numbered(20_000, |n| format!("new line {n}\n"));
        assert!(search(&old, &new, &mut limits)?.is_none());
        assert!(!limits.is_over());
        Ok(())
    }

    #[test]
    fn long_lines_that_differ_at_their_ends_are_not_compared_for_ever() {
        let long = "x".repeat(4_000);
        let old = numbered(300, |n| format!("{long}{n}\n"));
        let new = numbered(300, |n| format!("{long}{n}!\n"));
        let mut lazy = Lazy::begin(&old, &new);
        while !lazy.is_too_dear() {
            lazy.play_round();
        }
        let most = MAX_PASSES * (old.len() + new.len()) as u64;
        let of_one_round = lazy.row.len() as u64 * 2 * (long.len() as u64 + 100);
        assert!(lazy.passed <= most.max(LEAST_BYTES) + of_one_round);
        assert!(lazy.row.len() < 100);
    }

    #[test]
    fn the_trace_of_small_edits_is_small() {
        let old = numbered(40_000, |n| format!("    line {n} of a large document\n"));
        let new = numbered(40_000, |n| match n % 400 {
            7 => format!("    LINE {n} of a large document\n"),
            _ => format!("    line {n} of a large document\n"),
        });
        let mut lazy = Lazy::begin(&old, &new);
        while !lazy.row.iter().any(|&point| lazy.is_end(point)) {
            lazy.play_round();
        }
        assert_eq!(lazy.row.len(), 201);
        assert!(lazy.trace.capacity() * 8 < 1_000_000 && old.len() > 1_300_000);
    }
}
