//! Histogram: the common stretch whose rarest token is the least frequent anchors the script.
//!
//! Every anchor costs a pass over its region, so unlucky anchors are quadratic; a budget of some
//! passes over the whole input ends that, and Myers searches what is left, as it searches regions
//! where every common token is frequent. Time `O(N)` for each of at most [`MAX_PASSES`] passes; space
//! `O(N)`.
//!
//! Source: Shawn Pearce's `HistogramDiff` in JGit, and `xhistogram.c` of git.

use super::area::Region;
use super::limits::Limits;
use super::{push_match, reduce};
use crate::DiffError;
use crate::script::Match;

/// Marks the end of a chain.
const NONE: u32 = u32::MAX;

/// A token that occurs more often in a region anchors nothing there; the number is git's.
const MAX_OCCURRENCES: u32 = 64;

/// Passes over the input before Myers takes over. Real files need fewer than twenty.
const MAX_PASSES: u64 = 64;

/// Finds anchors, and searches the regions between them.
pub(super) fn search(
    old: &[u32],
    new: &[u32],
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    let mut histogram = Histogram::new(old, new);
    let mut matches = Vec::new();
    let mut todo = vec![Task::Search(Region {
        old: 0..old.len(),
        new: 0..new.len(),
    })];
    while let Some(task) = todo.pop() {
        match task {
            Task::Emit(found) => push_match(&mut matches, found),
            Task::Search(region) => histogram.step(region, &mut todo, &mut matches, limits)?,
        }
    }
    Ok(matches)
}

enum Task {
    Search(Region),
    Emit(Match),
}

/// What looking for an anchor gives.
enum Anchor {
    Found(Match),
    /// All common tokens are too frequent.
    Frequent,
    /// Nothing is common.
    Nothing,
}

/// Where each number occurs in the old part of the region at hand.
struct Histogram<'i> {
    old: &'i [u32],
    new: &'i [u32],
    first: Vec<u32>,
    count: Vec<u32>,
    next: Vec<u32>,
    steps_left: u64,
}

/// The best stretch so far, and how often its rarest token occurs.
struct Best {
    found: Match,
    count: u32,
    is_any_common: bool,
}

impl<'i> Histogram<'i> {
    fn new(old: &'i [u32], new: &'i [u32]) -> Self {
        let numbers = old
            .iter()
            .chain(new)
            .max()
            .map_or(0, |&max| max as usize + 1);
        Self {
            old,
            new,
            first: vec![NONE; numbers],
            count: vec![0; numbers],
            next: vec![NONE; old.len()],
            steps_left: MAX_PASSES * (old.len() + new.len()) as u64,
        }
    }

    fn step(
        &mut self,
        region: Region,
        todo: &mut Vec<Task>,
        matches: &mut Vec<Match>,
        limits: &mut Limits<'_>,
    ) -> Result<(), DiffError> {
        if region.is_one_sided() {
            return Ok(());
        }
        limits.spend(region.len())?;
        if limits.must_stop() {
            return Ok(());
        }
        self.steps_left = self.steps_left.saturating_sub(region.len());
        match if self.steps_left == 0 {
            Anchor::Frequent
        } else {
            self.anchor(&region, limits)?
        } {
            Anchor::Nothing => Ok(()),
            Anchor::Frequent => {
                reduce::search_region((self.old, self.new), &region, matches, limits)
            }
            Anchor::Found(found) => {
                let (old, new) = (found.old as usize, found.new as usize);
                let len = found.len as usize;
                let after = Region {
                    old: old + len..region.old.end,
                    new: new + len..region.new.end,
                };
                let before = Region {
                    old: region.old.start..old,
                    new: region.new.start..new,
                };
                todo.extend([Task::Search(after), Task::Emit(found), Task::Search(before)]);
                Ok(())
            }
        }
    }

    /// The best anchor of a region, or of as much of it as the limits allow.
    fn anchor(&mut self, region: &Region, limits: &mut Limits<'_>) -> Result<Anchor, DiffError> {
        self.index(region);
        let found = Match {
            old: 0,
            new: 0,
            len: 0,
        };
        let mut best = Best {
            found,
            count: MAX_OCCURRENCES + 1,
            is_any_common: false,
        };
        let mut at = region.new.start;
        while at < region.new.end && !limits.must_stop() {
            let steps_left = self.steps_left;
            at = self.try_at(at, region, &mut best);
            limits.spend(steps_left - self.steps_left)?;
        }
        self.forget(region);
        Ok(match best {
            Best {
                is_any_common: false,
                ..
            } => Anchor::Nothing,
            Best { found, .. } if found.len > 0 => Anchor::Found(found),
            _ => Anchor::Frequent,
        })
    }

    fn index(&mut self, region: &Region) {
        for at in region.old.clone().rev() {
            let id = self.old[at] as usize;
            self.next[at] = self.first[id];
            self.first[id] = at as u32;
            self.count[id] += 1;
        }
    }

    fn forget(&mut self, region: &Region) {
        for at in region.old.clone() {
            let id = self.old[at] as usize;
            self.first[id] = NONE;
            self.count[id] = 0;
        }
    }

    /// Extends every old occurrence of the new token at `at`; gives the next one to try.
    fn try_at(&mut self, at: usize, region: &Region, best: &mut Best) -> usize {
        let id = self.new[at] as usize;
        let mut old = self.first[id];
        best.is_any_common |= old != NONE;
        let mut next_at = at + 1;
        if self.count[id] > best.count {
            return next_at;
        }
        while old != NONE {
            let (found, count) = self.extend(old as usize, at, region);
            self.steps_left = self.steps_left.saturating_sub(u64::from(found.len));
            next_at = next_at.max(found.new_end() as usize);
            if found.len > best.found.len || count < best.count {
                *best = Best {
                    found,
                    count,
                    is_any_common: true,
                };
            }
            // Occurrences within the stretch would only find parts of it.
            while old != NONE && old < found.old_end() {
                old = self.next[old as usize];
            }
        }
        next_at
    }

    /// The common stretch around a pair of equal tokens, and the count of its rarest token.
    fn extend(&self, old: usize, new: usize, region: &Region) -> (Match, u32) {
        let ahead = self.old[old..region.old.end]
            .iter()
            .zip(&self.new[new..region.new.end]);
        let after = ahead.take_while(|(a, b)| a == b).count();
        let (old_back, new_back) = (
            &self.old[region.old.start..old],
            &self.new[region.new.start..new],
        );
        let back = old_back.iter().rev().zip(new_back.iter().rev());
        let before = back.take_while(|(a, b)| a == b).count();
        let stretch = &self.old[old - before..old + after];
        let rarest = stretch
            .iter()
            .map(|&id| self.count[id as usize])
            .min()
            .unwrap_or(NONE);
        let (old, new) = ((old - before) as u32, (new - before) as u32);
        (
            Match {
                old,
                new,
                len: stretch.len() as u32,
            },
            rarest,
        )
    }
}
