//! Where lines begin: a question that renderers ask. No search, no script.

use std::cell::Cell;
use std::ops::Range;

use crate::bytes::{skip_lines, skip_lines_back};
use crate::tokens::Tokens;

/// Knows where the lines of one text begin.
pub(crate) trait LineIndex {
    /// Where line `line` begins, counted from 0; the end of the text for the line after the last.
    fn start(&self, text: &[u8], line: u32) -> usize;

    /// The bytes of `len` lines from line `start` on.
    fn bytes(&self, text: &[u8], start: u32, len: u32) -> Range<usize> {
        self.start(text, start)..self.start(text, start + len)
    }
}

impl LineIndex for Tokens {
    fn start(&self, _: &[u8], line: u32) -> usize {
        Tokens::start(self, line)
    }
}

/// Some line starts in order; others are counted from the nearest of them.
///
/// Shape: eight bytes for each.
pub(crate) struct Marks {
    marks: Vec<Mark>,
    /// Where the last answer was found: renderers ask for line after line.
    hint: Cell<usize>,
}

/// Marks after the last answer that are tried before all are searched.
const NEAR: usize = 4;

#[derive(Clone, Copy)]
struct Mark {
    line: u32,
    at: u32,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self {
            marks: vec![Mark { line: 0, at: 0 }],
            hint: Cell::new(1),
        }
    }

    /// Marks the line that begins at byte `at`, `lines` after the last mark; its number.
    pub(super) fn push(&mut self, at: u32, lines: u32) -> u32 {
        let last = self.marks.last();
        let line = last.map_or(0, |last| last.line) + lines;
        if lines > 0 {
            self.marks.push(Mark { line, at });
        }
        line
    }

    /// The index of the first mark after `line`.
    fn next(&self, line: u32) -> usize {
        let hint = self.hint.get();
        let is_next = |&at: &usize| self.marks.get(at).is_none_or(|mark| mark.line > line);
        let is_ahead = self.marks[hint - 1].line <= line;
        let next = is_ahead
            .then(|| (hint..hint + NEAR).find(is_next))
            .flatten();
        let next = next.unwrap_or_else(|| self.marks.partition_point(|mark| mark.line <= line));
        self.hint.set(next);
        next
    }
}

impl LineIndex for Marks {
    /// Constant, or logarithmic in the marks, and linear in the lines to the nearest.
    fn start(&self, text: &[u8], line: u32) -> usize {
        let next = self.next(line);
        let before = self.marks[next - 1];
        if before.line == line {
            return before.at as usize;
        }
        match self.marks.get(next) {
            Some(after) if after.line - line < line - before.line => {
                skip_lines_back(text, after.at as usize, after.line - line)
            }
            _ => skip_lines(text, before.at as usize, line - before.line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, Marks};
    use crate::bytes::count_lines;
    use crate::tokens::Tokens;
    use crate::{DiffError, Granularity};

    #[test]
    fn marks_know_every_line() -> Result<(), DiffError> {
        let text = b"a\n\nbcd\ne\n\n\nf";
        let tokens = Tokens::split(text, Granularity::Lines)?;
        for (first, second) in [(0, 0), (2, 3), (3, 12), (7, 10), (12, 12)] {
            let mut marks = Marks::new();
            let lines = |from: u32, to: u32| count_lines(&text[from as usize..to as usize]);
            marks.push(first, lines(0, first));
            marks.push(second, lines(first, second));
            for line in 0..=tokens.len() {
                assert_eq!(marks.start(text, line), tokens.start(line), "{line}");
            }
        }
        Ok(())
    }
}
