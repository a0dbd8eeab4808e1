//! Myers' search in linear space, from both ends to the middle.
//!
//! Time `O((N + M) D)`, space `O(D)`, no recursion.
//!
//! Source: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986),
//! section 4b.

use super::area::{Area, Effort, Span, Split, cut, match_at};
use super::frontier::Frontier;
use super::limits::Limits;
use super::push_match;
use crate::DiffError;
use crate::script::Match;

/// The rounds of a short search, as git has them: so many are cheap enough to be exact.
const SHORT_ROUNDS: u64 = 256;

/// Finds the longest common subsequence.
pub(super) fn search(
    old: &[u32],
    new: &[u32],
    effort: Effort,
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    Ok(run(old, new, effort, limits)?.0)
}

/// Finds the longest common subsequence if that takes few rounds.
pub(super) fn search_short(
    old: &[u32],
    new: &[u32],
    limits: &mut Limits<'_>,
) -> Result<Option<Vec<Match>>, DiffError> {
    let (found, is_whole) = run(old, new, Effort::Short, limits)?;
    Ok(is_whole.then_some(found))
}

/// What is found, and whether the search didn't give up.
fn run(
    old: &[u32],
    new: &[u32],
    effort: Effort,
    limits: &mut Limits<'_>,
) -> Result<(Vec<Match>, bool), DiffError> {
    let mut myers = Myers::new(old, new);
    let mut matches = Vec::new();
    let whole = Area {
        old: (0, old.len() as i64),
        new: (0, new.len() as i64),
    };
    let mut todo = vec![Task::Search(whole, effort)];
    while let Some(task) = todo.pop() {
        match task {
            Task::Emit(found) => push_match(&mut matches, found),
            Task::Search(area, effort) => myers.step(area, effort, &mut todo, limits)?,
        }
    }
    Ok((matches, !myers.gave_up))
}

enum Task {
    Search(Area, Effort),
    Emit(Match),
}

/// The sides, and the furthest points reached on the diagonals `old - new`, from the start and
/// from the end.
struct Myers<'i> {
    old: &'i [u32],
    new: &'i [u32],
    forward: Frontier,
    backward: Frontier,
    gave_up: bool,
}

impl<'i> Myers<'i> {
    fn new(old: &'i [u32], new: &'i [u32]) -> Self {
        // One diagonal more at each end for the sentinels.
        let diagonals = old.len() + new.len() + 3;
        Self {
            old,
            new,
            forward: Frontier::new(-1, diagonals),
            backward: Frontier::new(i64::MAX, diagonals),
            gave_up: false,
        }
    }

    /// Strips what the ends of `area` have in common, and cuts the rest in two.
    fn step(
        &mut self,
        mut area: Area,
        effort: Effort,
        todo: &mut Vec<Task>,
        limits: &mut Limits<'_>,
    ) -> Result<(), DiffError> {
        let (prefix, suffix) = self.strip(&mut area);
        limits.spend(u64::from(prefix.len) + u64::from(suffix.len) + 1)?;
        todo.push(Task::Emit(suffix));
        if !area.is_empty()
            && !limits.must_stop()
            && let Some(split) = self.split(area, effort, limits)?
        {
            let (first, second) = cut(area, &split);
            todo.push(Task::Search(second, split.efforts.1));
            todo.push(Task::Search(first, split.efforts.0));
        }
        todo.push(Task::Emit(prefix));
        Ok(())
    }

    fn strip(&self, area: &mut Area) -> (Match, Match) {
        let start = (area.old.0, area.new.0);
        let prefix = self.run_forward(area.old.0, area.new.0, area);
        area.old.0 += prefix;
        area.new.0 += prefix;
        let suffix = self.run_backward(area.old.1, area.new.1, area);
        area.old.1 -= suffix;
        area.new.1 -= suffix;
        (
            match_at(start.0, start.1, prefix),
            match_at(area.old.1, area.new.1, suffix),
        )
    }

    /// Length of the common stretch that begins at a point.
    fn run_forward(&self, old: i64, new: i64, area: &Area) -> i64 {
        let old = &self.old[old as usize..area.old.1 as usize];
        let new = &self.new[new as usize..area.new.1 as usize];
        old.iter().zip(new).take_while(|(a, b)| a == b).count() as i64
    }

    /// Length of the common stretch that ends at a point.
    fn run_backward(&self, old: i64, new: i64, area: &Area) -> i64 {
        let old = &self.old[area.old.0 as usize..old as usize];
        let new = &self.new[area.new.0 as usize..new as usize];
        old.iter()
            .rev()
            .zip(new.iter().rev())
            .take_while(|(a, b)| a == b)
            .count() as i64
    }

    /// Finds where to cut `area`, whose sides aren't empty and differ at both ends; `None` if a
    /// limit came first, or a short search would be long.
    fn split(
        &mut self,
        area: Area,
        effort: Effort,
        limits: &mut Limits<'_>,
    ) -> Result<Option<Split>, DiffError> {
        let edge = Span {
            min: area.old.0 - area.new.1,
            max: area.old.1 - area.new.0,
        };
        let (from, to) = (area.old.0 - area.new.0, area.old.1 - area.new.1);
        let is_odd = (from - to) & 1 == 1;
        self.forward.begin(from, area.old.0, edge);
        self.backward.begin(to, area.old.1, edge);
        for round in 1u64.. {
            self.forward.widen();
            let (met, steps) = self.round_forward(area, is_odd);
            if met.is_some() {
                return Ok(met);
            }
            self.backward.widen();
            let (met, more_steps) = self.round_backward(area, !is_odd);
            if met.is_some() {
                return Ok(met);
            }
            limits.spend(steps + more_steps)?;
            if limits.must_stop() {
                return Ok(None);
            }
            if effort == Effort::Short && round >= SHORT_ROUNDS {
                self.gave_up = true;
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Moves each forward point on, and says where one has met a backward point, if it `may_meet`
    /// one of the round before; and the steps it took.
    fn round_forward(&mut self, area: Area, may_meet: bool) -> (Option<Split>, u64) {
        let mut steps = 0;
        for diagonal in self.forward.span().of_round() {
            let below = self.forward.get(diagonal - 1);
            let above = self.forward.get(diagonal + 1);
            let start = if below < above { above } else { below + 1 };
            let run = self.run_forward_checked(start, start - diagonal, &area);
            let old = start + run;
            self.forward.set(diagonal, old);
            steps += run as u64 + 1;
            let meets = may_meet && self.backward.span().contains(diagonal);
            if meets && self.backward.get(diagonal) <= old {
                return (Some(Split::exact(old, diagonal)), steps);
            }
        }
        (None, steps)
    }

    /// As `round_forward`, the other way.
    fn round_backward(&mut self, area: Area, may_meet: bool) -> (Option<Split>, u64) {
        let mut steps = 0;
        for diagonal in self.backward.span().of_round() {
            let below = self.backward.get(diagonal - 1);
            let above = self.backward.get(diagonal + 1);
            let start = if below < above { below } else { above - 1 };
            let run = self.run_backward_checked(start, start - diagonal, &area);
            let old = start - run;
            self.backward.set(diagonal, old);
            steps += run as u64 + 1;
            let meets = may_meet && self.forward.span().contains(diagonal);
            if meets && old <= self.forward.get(diagonal) {
                return (Some(Split::exact(old, diagonal)), steps);
            }
        }
        (None, steps)
    }

    /// As `run_forward`, for a point that may lie beyond the edge of the area.
    fn run_forward_checked(&self, old: i64, new: i64, area: &Area) -> i64 {
        if old >= area.old.1 || new >= area.new.1 {
            0
        } else {
            self.run_forward(old, new, area)
        }
    }

    /// As `run_backward`, for a point that may lie beyond the edge of the area.
    fn run_backward_checked(&self, old: i64, new: i64, area: &Area) -> i64 {
        if old <= area.old.0 || new <= area.new.0 {
            0
        } else {
            self.run_backward(old, new, area)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, Myers};
    use crate::search::Limits;
    use crate::search::area::Effort;
    use crate::{CancelFlag, DiffError};

    #[test]
    fn memory_grows_with_the_edits_and_not_with_the_texts() -> Result<(), DiffError> {
        let cancel = CancelFlag::new();
        let mut limits = Limits::new(&cancel, None, None);
        let old: Vec<u32> = (0..1_000_000).collect();
        for (edits, most) in [(10, 256), (1_000, 3_000)] {
            let mut new = old.clone();
            (0..edits).for_each(|edit| new[edit * (old.len() / edits) + 5] = u32::MAX);
            let mut myers = Myers::new(&old, &new);
            let whole = Area {
                old: (0, old.len() as i64),
                new: (0, new.len() as i64),
            };
            let split = myers.split(whole, Effort::Minimal, &mut limits)?;
            assert!(split.is_some());
            assert!(myers.forward.len() <= most && myers.backward.len() <= most);
        }
        Ok(())
    }
}
