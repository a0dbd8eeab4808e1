//! Geometry of the edit graph: areas and regions, where they are cut, and the diagonals in play.

use std::ops::Range;

use crate::script::Match;

/// How hard to look for the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Until it is found: a shortest script.
    Minimal,
    /// Up to a fixed number of rounds, or not at all.
    Short,
}

/// A part of the edit graph: `(from, to)` on each side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) old: (i64, i64),
    pub(super) new: (i64, i64),
}

impl Area {
    pub(super) fn is_empty(self) -> bool {
        self.old.0 == self.old.1 || self.new.0 == self.new.1
    }
}

/// Where an area is cut, and how hard to look on either side.
pub(super) struct Split {
    pub(super) old: i64,
    pub(super) new: i64,
    pub(super) efforts: (Effort, Effort),
}

impl Split {
    /// A point on a shortest path: both sides are searched for their shortest paths.
    pub(super) fn exact(old: i64, diagonal: i64) -> Self {
        Self {
            old,
            new: old - diagonal,
            efforts: (Effort::Minimal, Effort::Minimal),
        }
    }
}

/// Diagonals in play; they grow by one at each end a round, and shrink at the edges of the area.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) min: i64,
    pub(super) max: i64,
}

impl Span {
    pub(super) fn contains(self, diagonal: i64) -> bool {
        self.min <= diagonal && diagonal <= self.max
    }

    /// Every second diagonal, from the greatest down: those that one round can reach.
    pub(super) fn of_round(self) -> impl Iterator<Item = i64> {
        let diagonals = (0..).map(move |n| self.max - 2 * n);
        diagonals.take_while(move |&diagonal| diagonal >= self.min)
    }
}

/// The two parts of `area` at either side of `split`.
pub(super) fn cut(area: Area, split: &Split) -> (Area, Area) {
    let first = Area {
        old: (area.old.0, split.old),
        new: (area.new.0, split.new),
    };
    let second = Area {
        old: (split.old, area.old.1),
        new: (split.new, area.new.1),
    };
    (first, second)
}

pub(super) fn match_at(old: i64, new: i64, len: i64) -> Match {
    Match {
        old: old as u32,
        new: new as u32,
        len: len as u32,
    }
}

/// A part of both sides, in tokens: what lies between two anchors.
pub(super) struct Region {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

impl Region {
    pub(super) fn len(&self) -> u64 {
        (self.old.len() + self.new.len()) as u64
    }

    pub(super) fn is_one_sided(&self) -> bool {
        self.old.is_empty() || self.new.is_empty()
    }
}
