//! Myers' search in linear space, from both ends to the middle.
//!
//! Time `O((N + M) D)` without the cap, space `O(N + M)`, no recursion. With the cap a box whose
//! middle isn't found after √(N + M) rounds is split at the furthest point reached.
//!
//! Source: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986),
//! section 4b; the cap is the one of GNU diff and git.

use super::area::{Area, Effort, Span, Split, cut, match_at};
use super::limits::Limits;
use super::push_match;
use crate::DiffError;
use crate::script::Match;

/// The least cap on rounds, as in git: below it the search is cheap enough to be exact.
const MIN_ROUNDS: u64 = 256;

/// Finds the longest common subsequence, or a good one.
pub(super) fn search(
    old: &[u32],
    new: &[u32],
    effort: Effort,
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
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
    Ok(matches)
}

enum Task {
    Search(Area, Effort),
    Emit(Match),
}

/// The furthest points reached on each diagonal `old - new`, from the start and from the end.
struct Myers<'i> {
    old: &'i [u32],
    new: &'i [u32],
    forward: Vec<i64>,
    backward: Vec<i64>,
    origin: i64,
}

impl<'i> Myers<'i> {
    fn new(old: &'i [u32], new: &'i [u32]) -> Self {
        // One diagonal more at each end for the sentinels. Pages that the search doesn't reach
        // are never touched, so the tables cost address space only.
        let diagonals = old.len() + new.len() + 3;
        Self {
            old,
            new,
            forward: vec![0; diagonals],
            backward: vec![0; diagonals],
            origin: new.len() as i64 + 1,
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
            && !limits.is_over()
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
    /// limit came first.
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
        let (mut ahead, mut back) = (
            Span {
                min: from,
                max: from,
            },
            Span { min: to, max: to },
        );
        let is_odd = (from - to) & 1 == 1;
        self.set(Way::Forward, from, area.old.0);
        self.set(Way::Backward, to, area.old.1);
        let most_rounds = rounds(area, effort);
        for round in 1u64.. {
            self.widen(&mut ahead, edge, Way::Forward);
            let target = is_odd.then_some(back);
            let (met, steps) = self.round_forward(area, ahead, target);
            if met.is_some() {
                return Ok(met);
            }
            self.widen(&mut back, edge, Way::Backward);
            let target = (!is_odd).then_some(ahead);
            let (met, more_steps) = self.round_backward(area, back, target);
            if met.is_some() {
                return Ok(met);
            }
            limits.spend(steps + more_steps)?;
            if limits.is_over() {
                return Ok(None);
            }
            if round >= most_rounds {
                return Ok(Some(self.furthest(area, ahead, back)));
            }
        }
        Ok(None)
    }

    /// Takes one more diagonal at each end of `span`, with a sentinel beyond it, or drops one that
    /// has left the area.
    fn widen(&mut self, span: &mut Span, edge: Span, way: Way) {
        let sentinel = if way == Way::Forward { -1 } else { i64::MAX };
        if span.min > edge.min {
            span.min -= 1;
            self.set(way, span.min - 1, sentinel);
        } else {
            span.min += 1;
        }
        if span.max < edge.max {
            span.max += 1;
            self.set(way, span.max + 1, sentinel);
        } else {
            span.max -= 1;
        }
    }

    fn round_forward(
        &mut self,
        area: Area,
        span: Span,
        target: Option<Span>,
    ) -> (Option<Split>, u64) {
        let mut steps = 0;
        let mut diagonal = span.max;
        while diagonal >= span.min {
            let (below, above) = (
                self.get(Way::Forward, diagonal - 1),
                self.get(Way::Forward, diagonal + 1),
            );
            let start = if below < above { above } else { below + 1 };
            let run = self.run_forward_checked(start, start - diagonal, &area);
            let old = start + run;
            self.set(Way::Forward, diagonal, old);
            steps += run as u64 + 1;
            let meets = target.is_some_and(|t| t.contains(diagonal));
            if meets && self.get(Way::Backward, diagonal) <= old {
                return (Some(Split::exact(old, diagonal)), steps);
            }
            diagonal -= 2;
        }
        (None, steps)
    }

    fn round_backward(
        &mut self,
        area: Area,
        span: Span,
        target: Option<Span>,
    ) -> (Option<Split>, u64) {
        let mut steps = 0;
        let mut diagonal = span.max;
        while diagonal >= span.min {
            let (below, above) = (
                self.get(Way::Backward, diagonal - 1),
                self.get(Way::Backward, diagonal + 1),
            );
            let start = if below < above { below } else { above - 1 };
            let run = self.run_backward_checked(start, start - diagonal, &area);
            let old = start - run;
            self.set(Way::Backward, diagonal, old);
            steps += run as u64 + 1;
            let meets = target.is_some_and(|t| t.contains(diagonal));
            if meets && old <= self.get(Way::Forward, diagonal) {
                return (Some(Split::exact(old, diagonal)), steps);
            }
            diagonal -= 2;
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

    /// The point that is furthest from where its search began. The way there is known to be
    /// short, so that side is searched to the end; the other side is searched with the cap.
    fn furthest(&self, area: Area, ahead: Span, back: Span) -> Split {
        let best = |way: Way, span: Span| {
            let points = (0..)
                .map(|n| span.max - 2 * n)
                .take_while(|&d| d >= span.min);
            points
                .map(|diagonal| self.clamped(way, diagonal, &area))
                .max_by_key(|&(_, _, far)| far)
        };
        let start = (area.old.0, area.new.0, 0);
        let (old, new, far) = best(Way::Forward, ahead).unwrap_or(start);
        let from_end = best(Way::Backward, back).unwrap_or(start);
        if far >= from_end.2 {
            Split {
                old,
                new,
                efforts: (Effort::Minimal, Effort::Capped),
            }
        } else {
            Split {
                old: from_end.0,
                new: from_end.1,
                efforts: (Effort::Capped, Effort::Minimal),
            }
        }
    }

    /// The furthest point of a diagonal, moved into the area, and its distance from the start.
    fn clamped(&self, way: Way, diagonal: i64, area: &Area) -> (i64, i64, i64) {
        let low = area.old.0.max(area.new.0 + diagonal);
        let high = area.old.1.min(area.new.1 + diagonal);
        let old = self.get(way, diagonal).min(high).max(low);
        let new = old - diagonal;
        let far = match way {
            Way::Forward => (old - area.old.0) + (new - area.new.0),
            Way::Backward => (area.old.1 - old) + (area.new.1 - new),
        };
        (old, new, far)
    }

    fn get(&self, way: Way, diagonal: i64) -> i64 {
        let at = (diagonal + self.origin) as usize;
        match way {
            Way::Forward => self.forward[at],
            Way::Backward => self.backward[at],
        }
    }

    fn set(&mut self, way: Way, diagonal: i64, old: i64) {
        let at = (diagonal + self.origin) as usize;
        match way {
            Way::Forward => self.forward[at] = old,
            Way::Backward => self.backward[at] = old,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Backward,
}

fn rounds(area: Area, effort: Effort) -> u64 {
    let size = (area.old.1 - area.old.0 + area.new.1 - area.new.0) as u64;
    match effort {
        Effort::Minimal => u64::MAX,
        Effort::Capped => size.isqrt().max(MIN_ROUNDS),
    }
}
