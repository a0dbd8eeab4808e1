//! The furthest points that one direction of Myers' search has reached, a point for each diagonal.
//!
//! The table is a window around the diagonal where the search began: it grows with the rounds, not
//! with the texts, since a diagonal n away isn't reached before round n.

use super::area::Span;

/// Points at first: enough for a hundred rounds.
const FIRST_LEN: usize = 256;

/// The diagonals in play and their points, as indices into the old side.
pub(super) struct Frontier {
    points: Vec<i64>,
    /// The diagonal of the first point.
    first: i64,
    /// What a diagonal next to those in play counts as: worse than any point.
    sentinel: i64,
    span: Span,
    edge: Span,
}

impl Frontier {
    /// An empty frontier; `diagonals` is the most it can need.
    pub(super) fn new(sentinel: i64, diagonals: usize) -> Self {
        let none = Span { min: 0, max: 0 };
        Self {
            points: vec![0; diagonals.clamp(1, FIRST_LEN)],
            first: 0,
            sentinel,
            span: none,
            edge: none,
        }
    }

    /// Begins a search at a point; no diagonal beyond `edge` will be in play.
    pub(super) fn begin(&mut self, diagonal: i64, old: i64, edge: Span) {
        self.first = diagonal - self.points.len() as i64 / 2;
        self.edge = edge;
        self.span = Span {
            min: diagonal,
            max: diagonal,
        };
        self.set(diagonal, old);
    }

    /// Takes one more diagonal at each end, with a sentinel beyond it, or drops one that has left
    /// the area.
    pub(super) fn widen(&mut self) {
        if self.span.min > self.edge.min {
            self.span.min -= 1;
            self.set_sentinel(self.span.min - 1);
        } else {
            self.span.min += 1;
        }
        if self.span.max < self.edge.max {
            self.span.max += 1;
            self.set_sentinel(self.span.max + 1);
        } else {
            self.span.max -= 1;
        }
    }

    pub(super) fn span(&self) -> Span {
        self.span
    }

    pub(super) fn get(&self, diagonal: i64) -> i64 {
        self.points[(diagonal - self.first) as usize]
    }

    pub(super) fn set(&mut self, diagonal: i64, old: i64) {
        self.points[(diagonal - self.first) as usize] = old;
    }

    fn set_sentinel(&mut self, diagonal: i64) {
        let end = self.first + self.points.len() as i64;
        if !(self.first..end).contains(&diagonal) {
            self.grow();
        }
        self.set(diagonal, self.sentinel);
    }

    /// Triples the window, but for what lies beyond the sentinels at the edges.
    fn grow(&mut self) {
        let len = self.points.len() as i64;
        let (first, end) = (self.first, self.first + len);
        let low = (first - len).max(self.edge.min - 1).min(first);
        let high = (end + len).min(self.edge.max + 2).max(end);
        let mut points = vec![0; (high - low) as usize];
        let at = (first - low) as usize;
        points[at..at + self.points.len()].copy_from_slice(&self.points);
        self.points = points;
        self.first = low;
    }
}

#[cfg(test)]
impl Frontier {
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }
}
