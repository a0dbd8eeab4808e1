//! Counts lines from place to place: in the table of the lines where the search made one, in the
//! text elsewhere.
//!
//! Linear in the lines, or the bytes, that are passed.

use crate::bytes::count_lines;
use crate::tokens::Tokens;

/// The lines of the part of a text that begins at byte `start`.
pub(super) struct Table {
    pub(super) start: u32,
    pub(super) lines: Tokens,
}

impl Table {
    fn end(&self) -> u32 {
        self.start + self.lines.ends().last().copied().unwrap_or(0)
    }
}

/// Counts on from where it was.
pub(super) struct Counter<'t> {
    text: &'t [u8],
    at: u32,
    table: Option<&'t Table>,
    /// The first line of the table that wasn't passed.
    next: usize,
}

impl<'t> Counter<'t> {
    pub(super) fn new(text: &'t [u8], table: Option<&'t Table>) -> Self {
        Self {
            text,
            at: 0,
            table,
            next: 0,
        }
    }

    /// Lines up to byte `to`, where a line begins.
    pub(super) fn up_to(&mut self, to: u32) -> u32 {
        let Some(table) = self.table else {
            return self.in_text(to);
        };
        let before = self.in_text(to.min(table.start));
        let ends = table.lines.ends()[self.next..].iter();
        let passed = ends.take_while(|&&end| table.start + end <= to).count();
        self.next += passed;
        self.at = self.at.max(to.min(table.end()));
        before + passed as u32 + self.in_text(to)
    }

    /// Goes on to byte `to` without counting, since the lines are known from the other text.
    pub(super) fn pass(&mut self, to: u32) {
        match self.table {
            Some(_) => _ = self.up_to(to),
            None => self.at = to,
        }
    }

    fn in_text(&mut self, to: u32) -> u32 {
        if to <= self.at {
            return 0;
        }
        let passed = &self.text[self.at as usize..to as usize];
        self.at = to;
        count_lines(passed)
    }
}
