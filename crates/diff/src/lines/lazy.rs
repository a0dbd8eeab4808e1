//! Myers' greedy search on bytes, from both ends: no line table, no hash and no number exists for
//! what is equal.
//!
//! A diagonal's furthest point is a pair of byte offsets, both at line starts. From there one line
//! is deleted or inserted, which is a search for `\n`, and then follows a snake, which is a search
//! for the first byte that differs, rounded to a line start. Of two points on a diagonal the one
//! with more lines has more bytes, so offsets compare as line numbers would. Which diagonal of the
//! one front is which of the other takes the lines that one text has more than the other: they are
//! counted between two points when the fronts begin to pass each other.
//!
//! Exact, or nothing. Time `O(N + D²)` expected for D lines removed and added, at most
//! [`MAX_PASSES`] times the texts in bytes; space `O(D²)`, at most [`MAX_EDITS`]² / 4 points of
//! eight bytes, which is half a megabyte.
//!
//! Source: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986),
//! sections 2 and 4b; but the fronts are kept, so that nothing is searched twice.

use std::marker::PhantomData;

use crate::DiffError;
use crate::bytes::{common_last_lines, common_lines, count_lines, last_line_start, next_line};
use crate::script::Match;
use crate::search::{Limits, push_match};

/// The most lines removed and added: the traces of so many rounds take half a megabyte.
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

/// Finds a longest common subsequence of lines, as stretches in bytes; `None` if that would cost
/// more than numbering the lines, or a limit is reached.
pub(super) fn search(
    old: &[u8],
    new: &[u8],
    limits: &mut Limits<'_>,
) -> Result<Option<Vec<Match>>, DiffError> {
    let mut lazy = Lazy::begin(old, new);
    loop {
        if let Some(meeting) = lazy.meeting() {
            return Ok(Some(lazy.path(meeting)));
        }
        limits.spend(lazy.ahead.row.len() as u64)?;
        if limits.is_over() || lazy.rounds() >= MAX_EDITS || lazy.is_too_dear() {
            return Ok(None);
        }
        lazy.play_round();
    }
}

/// The offsets of a line start on either side, or its distances from the ends.
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

    fn is_in_play(self) -> bool {
        self.old != u32::MAX
    }
}

/// One line less or one line more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    Delete,
    Insert,
}

/// Where a front comes from; its points are counted in bytes from there.
trait Direction {
    /// The end of the next line.
    fn next(text: &[u8], at: usize) -> usize;

    /// Bytes of the lines that the rests from a point on have in common, and all their bytes in
    /// common.
    fn common(old: &[u8], new: &[u8], at: Point) -> (usize, usize);
}

struct Ahead;

impl Direction for Ahead {
    fn next(text: &[u8], at: usize) -> usize {
        next_line(text, at)
    }

    fn common(old: &[u8], new: &[u8], at: Point) -> (usize, usize) {
        common_lines(&old[at.old as usize..], &new[at.new as usize..])
    }
}

struct Back;

impl Direction for Back {
    fn next(text: &[u8], at: usize) -> usize {
        text.len() - last_line_start(&text[..text.len() - at - 1])
    }

    fn common(old: &[u8], new: &[u8], at: Point) -> (usize, usize) {
        let rest = |text: &[u8], at: u32| text.len() - at as usize;
        common_last_lines(&old[..rest(old, at.old)], &new[..rest(new, at.new)])
    }
}

/// The search from one end: the furthest point of each diagonal in the round at hand, and those of
/// all rounds.
struct Front<'t, D> {
    old: &'t [u8],
    new: &'t [u8],
    /// Round d has d + 1 points: the one at index i has i lines deleted and d - i inserted.
    row: Vec<Point>,
    trace: Vec<Point>,
    passed: u64,
    direction: PhantomData<D>,
}

impl<'t, D: Direction> Front<'t, D> {
    /// Plays round 0: follows what the texts have in common.
    fn begin(old: &'t [u8], new: &'t [u8]) -> Self {
        let mut front = Self {
            old,
            new,
            row: Vec::new(),
            trace: Vec::new(),
            passed: 0,
            direction: PhantomData,
        };
        let first = front.follow(Point { old: 0, new: 0 });
        front.row.push(first);
        front.trace.push(first);
        front
    }

    /// Rounds that were played after the first.
    fn rounds(&self) -> usize {
        self.row.len() - 1
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
            let new = D::next(self.new, right.new as usize) as u32;
            return Some((Point { new, ..right }, Move::Insert));
        }
        can_delete.then(|| {
            let old = D::next(self.old, left.old as usize) as u32;
            (Point { old, ..left }, Move::Delete)
        })
    }

    /// Follows the lines in common from a point on.
    fn follow(&mut self, from: Point) -> Point {
        let (len, passed) = D::common(self.old, self.new, from);
        self.passed += STEP_BYTES + passed as u64;
        let len = len as u32;
        Point {
            old: from.old + len,
            new: from.new + len,
        }
    }

    /// The points of a round that was played.
    fn round(&self, round: usize) -> &[Point] {
        let first = round * (round + 1) / 2;
        &self.trace[first..=first + round]
    }

    /// A point of a round, if the round has one there.
    fn point(&self, round: usize, index: Option<usize>) -> Point {
        let point = index.and_then(|index| self.round(round).get(index));
        point.copied().unwrap_or(Point::NONE)
    }

    /// Where the snake to the point at `index` of a round began, and the move that led there.
    fn entry(&self, round: usize, index: usize) -> (Point, Move) {
        let left = self.point(round - 1, index.checked_sub(1));
        let right = self.point(round - 1, Some(index));
        self.start(left, right)
            .expect("the way was in play in the round before")
    }

    /// The point that has come furthest by `measure`, and its index.
    fn furthest(&self, measure: impl Fn(Point) -> u64) -> (usize, Point) {
        let points = self.row.iter().copied().enumerate();
        let in_play = points.filter(|(_, point)| point.is_in_play());
        in_play
            .max_by_key(|&(_, point)| measure(point))
            .unwrap_or((0, self.trace[0]))
    }
}

/// Points of the two fronts on the same diagonal, as indices into their rounds, of which the one
/// ahead isn't before the one from the end: a shortest way leads through either.
struct Meeting {
    ahead: usize,
    back: usize,
}

/// The texts, and the search from both ends.
struct Lazy<'t> {
    old: &'t [u8],
    new: &'t [u8],
    ahead: Front<'t, Ahead>,
    back: Front<'t, Back>,
    /// Lines that the old text has more than the new one, once the fronts pass each other.
    surplus: Option<i64>,
}

impl<'t> Lazy<'t> {
    fn begin(old: &'t [u8], new: &'t [u8]) -> Self {
        Self {
            old,
            new,
            ahead: Front::begin(old, new),
            back: Front::begin(old, new),
            surplus: None,
        }
    }

    /// Rounds that were played from either end: lines removed and added.
    fn rounds(&self) -> usize {
        self.ahead.rounds() + self.back.rounds()
    }

    fn play_round(&mut self) {
        if self.ahead.rounds() <= self.back.rounds() {
            self.ahead.play_round();
        } else {
            self.back.play_round();
        }
    }

    /// Looks for a diagonal on which the fronts have met.
    fn meeting(&mut self) -> Option<Meeting> {
        let sum = self.surplus()? + self.rounds() as i64;
        if sum < 0 || sum % 2 != 0 {
            return None;
        }
        // The lines deleted on the way from either end.
        let deleted = sum as usize / 2;
        let first = deleted.saturating_sub(self.back.rounds());
        let last = deleted.min(self.ahead.rounds());
        let meets = |&ahead: &usize| {
            let points = (self.ahead.row[ahead], self.back.row[deleted - ahead]);
            let are_in_play = points.0.is_in_play() && points.1.is_in_play();
            are_in_play && self.has_passed(points.0, points.1)
        };
        let ahead = (first..=last).find(meets)?;
        let back = deleted - ahead;
        Some(Meeting { ahead, back })
    }

    /// Says whether a point isn't before one from the end, in the old text.
    fn has_passed(&self, ahead: Point, back: Point) -> bool {
        u64::from(ahead.old) + u64::from(back.old) >= self.old.len() as u64
    }

    /// The lines that the old text has more than the new one; `None` as long as no point of the one
    /// front has passed one of the other.
    fn surplus(&mut self) -> Option<i64> {
        if self.surplus.is_none() {
            let far = |point: Point| u64::from(point.old);
            let (ahead, back) = (self.ahead.furthest(far), self.back.furthest(far));
            if self.has_passed(ahead.1, back.1) {
                let back_at = self.mirrored(back.1);
                let between = lines_between(self.old, ahead.1.old, back_at.old)
                    - lines_between(self.new, ahead.1.new, back_at.new);
                let deleted = (ahead.0 + back.0) as i64;
                self.surplus = Some(2 * deleted - self.rounds() as i64 + between);
            }
        }
        self.surplus
    }

    /// The offsets of a point whose distances from the ends are given, or the other way round.
    fn mirrored(&self, point: Point) -> Point {
        Point {
            old: self.old.len() as u32 - point.old,
            new: self.new.len() as u32 - point.new,
        }
    }

    /// Says whether what the search has cost, or is going to cost at this pace, is more than it
    /// may.
    fn is_too_dear(&self) -> bool {
        let round = self.rounds();
        let texts = (self.old.len() + self.new.len()) as u64;
        let most = (MAX_PASSES * texts).max(LEAST_BYTES);
        if self.ahead.passed + self.back.passed > most {
            return true;
        }
        if round % ROUNDS_TO_FORECAST != ROUNDS_TO_FORECAST - 1 {
            return false;
        }
        let far = |point: Point| u64::from(point.old) + u64::from(point.new);
        let done = far(self.ahead.furthest(far).1) + far(self.back.furthest(far).1);
        let edits = round as u64 * texts / done.max(1);
        let cost = (edits.saturating_mul(edits) / 4).saturating_mul(STEP_BYTES);
        edits > FORECAST_SLACK * MAX_EDITS as u64 || cost > FORECAST_SLACK * most
    }

    /// The stretches on a shortest way through a meeting.
    fn path(&self, meeting: Meeting) -> Vec<Match> {
        let mut matches = Vec::with_capacity(self.rounds() + 1);
        self.push_way_ahead(meeting.ahead, &mut matches);
        self.push_way_back(self.ahead.row[meeting.ahead], meeting.back, &mut matches);
        matches
    }

    /// Appends the stretches from the start to the point at `index` of the last round ahead.
    fn push_way_ahead(&self, mut index: usize, matches: &mut Vec<Match>) {
        let rounds = self.ahead.rounds();
        let mut stretches = Vec::with_capacity(rounds + 1);
        for round in (1..=rounds).rev() {
            let (start, step) = self.ahead.entry(round, index);
            stretches.push(stretch(start, self.ahead.round(round)[index]));
            index -= usize::from(step == Move::Delete);
        }
        stretches.push(stretch(Point { old: 0, new: 0 }, self.ahead.trace[0]));
        let in_order = stretches.into_iter().rev();
        in_order.for_each(|stretch| push_match(matches, stretch));
    }

    /// Appends the stretches from `at` to the end; `at` isn't before the point at `index` of the
    /// last round from the end, which is on its diagonal.
    fn push_way_back(&self, mut at: Point, mut index: usize, matches: &mut Vec<Match>) {
        for round in (1..=self.back.rounds()).rev() {
            let (entry, mut step) = self.back.entry(round, index);
            let mut to = self.mirrored(entry);
            if at.old > to.old {
                // Beyond the way that was kept, but no further from the end than that.
                let len = Ahead::common(self.old, self.new, at).0 as u32;
                to = Point {
                    old: at.old + len,
                    new: at.new + len,
                };
                step = self.step_towards_end(to, round, index);
            }
            push_match(matches, stretch(at, to));
            match step {
                Move::Delete => to.old = next_line(self.old, to.old as usize) as u32,
                Move::Insert => to.new = next_line(self.new, to.new as usize) as u32,
            }
            at = to;
            index -= usize::from(step == Move::Delete);
        }
        push_match(
            matches,
            stretch(at, self.mirrored(Point { old: 0, new: 0 })),
        );
    }

    /// The move from `at` to a point that isn't before one of the next round towards the end. On a
    /// diagonal no point is further from the end, in moves, than one before it.
    fn step_towards_end(&self, at: Point, round: usize, index: usize) -> Move {
        let target = self.back.point(round - 1, index.checked_sub(1));
        let can_delete = target.is_in_play() && (at.old as usize) < self.old.len();
        let arrives = can_delete
            && next_line(self.old, at.old as usize) >= self.mirrored(target).old as usize;
        if arrives { Move::Delete } else { Move::Insert }
    }
}

/// Lines from one line start to another, negative if that is before.
fn lines_between(text: &[u8], from: u32, to: u32) -> i64 {
    let lines = |from: u32, to: u32| i64::from(count_lines(&text[from as usize..to as usize]));
    if from <= to {
        lines(from, to)
    } else {
        -lines(to, from)
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
        if let Some(meeting) = lazy.meeting() {
            return lazy.path(meeting);
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
        let of_one_round = lazy.ahead.row.len() as u64 * 2 * (long.len() as u64 + 100);
        let passed = lazy.ahead.passed + lazy.back.passed;
        assert!(passed <= most.max(LEAST_BYTES) + of_one_round);
        assert!(lazy.rounds() < 150);
    }

    #[test]
    fn the_trace_of_small_edits_is_small() {
        let old = numbered(40_000, |n| format!("    line {n} of a large document\n"));
        let new = numbered(40_000, |n| match n % 400 {
            7 => format!("    LINE {n} of a large document\n"),
            _ => format!("    line {n} of a large document\n"),
        });
        let mut lazy = Lazy::begin(&old, &new);
        while lazy.meeting().is_none() {
            lazy.play_round();
        }
        assert_eq!(lazy.rounds(), 200);
        let points = lazy.ahead.trace.capacity() + lazy.back.trace.capacity();
        assert!(points * 8 < 500_000 && old.len() > 1_300_000);
    }
}
