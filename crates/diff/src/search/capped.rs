//! Myers' greedy search in pieces: after so many rounds it commits to the way to the point that it
//! has got furthest to, and begins anew from there.
//!
//! Exact up to as many removals and insertions as there are rounds. Time `O((N + M) R)` for R
//! rounds, which are at most [`MOST_ROUNDS`]; space `O(R²)`, at most a megabyte.
//!
//! Source: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986),
//! section 2; that the rounds grow with the square root of the input is GNU diff's idea.

use super::area::match_at;
use super::limits::Limits;
use super::push_match;
use crate::DiffError;
use crate::script::Match;

/// Rounds of a piece of small inputs, and of any.
const LEAST_ROUNDS: u64 = 64;
const MOST_ROUNDS: u64 = 512;

/// Finds a common subsequence that is close to the longest.
pub(super) fn search(
    old: &[u32],
    new: &[u32],
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    let suffix = common(old.iter().rev(), new.iter().rev());
    let (old, new) = (&old[..old.len() - suffix], &new[..new.len() - suffix]);
    let mut matches = Vec::new();
    let mut piece = Piece::new(old, new);
    while !piece.is_at_end() {
        limits.spend(1)?;
        if limits.must_stop() {
            break;
        }
        let last = piece.play(limits)?;
        piece.commit(last, &mut matches);
    }
    let (old, new) = (old.len() as i64, new.len() as i64);
    push_match(&mut matches, match_at(old, new, suffix as i64));
    Ok(matches)
}

fn common<'i>(old: impl Iterator<Item = &'i u32>, new: impl Iterator<Item = &'i u32>) -> usize {
    old.zip(new).take_while(|(a, b)| a == b).count()
}

/// The sides, where the piece at hand begins, and how far each diagonal `old - new` was followed,
/// as indices into the old side.
struct Piece<'i> {
    old: &'i [u32],
    new: &'i [u32],
    start: (i64, i64),
    most_rounds: usize,
    /// Round d has d + 1 points, from diagonal -d up in steps of two, counted from the start's.
    row: Vec<i64>,
    trace: Vec<i64>,
}

impl<'i> Piece<'i> {
    fn new(old: &'i [u32], new: &'i [u32]) -> Self {
        let size = (old.len() + new.len()) as u64;
        Self {
            old,
            new,
            start: (0, 0),
            most_rounds: (size.isqrt() / 4).clamp(LEAST_ROUNDS, MOST_ROUNDS) as usize,
            row: Vec::new(),
            trace: Vec::new(),
        }
    }

    /// Says whether a side is used up.
    fn is_at_end(&self) -> bool {
        let (old, new) = self.start;
        old >= self.old.len() as i64 || new >= self.new.len() as i64
    }

    /// Plays rounds until one reaches the end, or they are enough; the index of the point that is
    /// furthest.
    fn play(&mut self, limits: &mut Limits<'_>) -> Result<usize, DiffError> {
        let first = self.follow(self.start.0, 0);
        self.row.clear();
        self.row.push(first);
        self.trace.clear();
        self.trace.push(first);
        loop {
            let (furthest, left) = self.furthest();
            let round = self.row.len() - 1;
            if left == 0 || round == self.most_rounds || limits.is_over() {
                return Ok(furthest);
            }
            let passed = self.play_round();
            limits.spend(round as u64 + 2 + passed)?;
        }
    }

    /// Moves each diagonal on from its neighbours of the round before; how many tokens in common that passed.
    fn play_round(&mut self) -> u64 {
        let mut passed = 0;
        let round = self.row.len();
        self.row.push(self.row[round - 1] + 1);
        for index in (0..=round).rev() {
            let inserted = self.row[index];
            let deleted = index
                .checked_sub(1)
                .map_or(inserted, |left| self.row[left] + 1);
            let from = inserted.max(deleted);
            self.row[index] = self.follow(from, diagonal(round, index));
            passed += (self.row[index] - from) as u64;
        }
        self.trace.extend_from_slice(&self.row);
        passed
    }

    /// Follows what is in common from a point on, which may lie beyond the ends.
    fn follow(&self, old: i64, diagonal: i64) -> i64 {
        let new = self.new_of(old, diagonal);
        let old_rest = self.old.get(old as usize..).unwrap_or_default();
        let new_rest = self.new.get(new as usize..).unwrap_or_default();
        old + common(old_rest.iter(), new_rest.iter()) as i64
    }

    fn new_of(&self, old: i64, diagonal: i64) -> i64 {
        old - self.start.0 + self.start.1 - diagonal
    }

    /// The point of the last round with the least tokens left, and how many those are. Points
    /// beyond the ends are none.
    fn furthest(&self) -> (usize, i64) {
        let round = self.row.len() - 1;
        let ends = (self.old.len() as i64, self.new.len() as i64);
        let left = self.row.iter().enumerate().filter_map(|(index, &old)| {
            let new = self.new_of(old, diagonal(round, index));
            let is_within = old <= ends.0 && new <= ends.1;
            is_within.then_some((index, ends.0 - old + ends.1 - new))
        });
        left.min_by_key(|&(_, left)| left).unwrap_or((0, i64::MAX))
    }

    /// Appends what lies on the way to a point of the last round, which becomes the start.
    fn commit(&mut self, mut index: usize, matches: &mut Vec<Match>) {
        let last = self.row.len() - 1;
        let end = self.row[index];
        let end = (end, self.new_of(end, diagonal(last, index)));
        let mut stretches = Vec::with_capacity(last + 1);
        for round in (1..=last).rev() {
            let before = self.round(round - 1);
            let to = self.round(round)[index];
            let deleted = index.checked_sub(1).map(|left| before[left] + 1);
            let inserted = before.get(index).copied();
            let from = deleted.max(inserted).unwrap_or(to);
            let new = self.new_of(from, diagonal(round, index));
            stretches.push(match_at(from, new, to - from));
            index -= usize::from(deleted > inserted);
        }
        let (old, new) = self.start;
        stretches.push(match_at(old, new, self.trace[0] - old));
        let in_order = stretches.into_iter().rev();
        in_order.for_each(|stretch| push_match(matches, stretch));
        self.start = end;
    }

    /// The points of a round that was played.
    fn round(&self, round: usize) -> &[i64] {
        let first = round * (round + 1) / 2;
        &self.trace[first..=first + round]
    }
}

fn diagonal(round: usize, index: usize) -> i64 {
    2 * index as i64 - round as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LEAST_ROUNDS, search};
    use crate::script::Match;
    use crate::search::area::Effort;
    use crate::search::{Limits, myers};
    use crate::{CancelFlag, DiffError};

    proptest! {
        #[test]
        fn exact_as_long_as_the_rounds_are_enough(
            old in prop::collection::vec(0u32..4, 0..LEAST_ROUNDS as usize / 2),
            new in prop::collection::vec(0u32..4, 0..LEAST_ROUNDS as usize / 2),
        ) {
            let cancel = CancelFlag::new();
            let mut limits = Limits::new(&cancel, None, None);
            let len = |found: &[Match]| found.iter().map(|stretch| stretch.len).sum::<u32>();
            let least = myers::search(&old, &new, Effort::Minimal, &mut limits)?;
            prop_assert_eq!(len(&search(&old, &new, &mut limits)?), len(&least));
        }

        #[test]
        fn pieces_join_to_stretches_that_both_sides_have(
            old in prop::collection::vec(0u32..3, 300..900),
            new in prop::collection::vec(0u32..3, 300..900),
        ) {
            let cancel = CancelFlag::new();
            let mut limits = Limits::new(&cancel, None, None);
            let (mut at, mut common) = ((0, 0), 0);
            for stretch in search(&old, &new, &mut limits)? {
                prop_assert!(at.0 <= stretch.old && at.1 <= stretch.new && stretch.len > 0);
                at = (stretch.old_end(), stretch.new_end());
                let in_old = &old[stretch.old as usize..at.0 as usize];
                prop_assert_eq!(in_old, &new[stretch.new as usize..at.1 as usize]);
                common += in_old.len();
            }
            // A longest common subsequence of three random numbers has seven tenths of them.
            prop_assert!(2 * common >= old.len().min(new.len()));
        }
    }

    #[test]
    fn stops_when_the_steps_are_spent() -> Result<(), DiffError> {
        let cancel = CancelFlag::new();
        let mut limits = Limits::new(&cancel, None, Some(1_000));
        let old: Vec<u32> = (0..100_000).collect();
        let new: Vec<u32> = (0..100_000).rev().collect();
        search(&old, &new, &mut limits)?;
        assert!(limits.has_cut());
        Ok(())
    }
}
