//! The function name after the second `@@`, as git finds it.

use crate::tokens::Tokens;

/// The most bytes that git keeps of the line.
pub(super) const MAX_BYTES: usize = 80;

/// Looks back from each hunk to the one before it only, so that all hunks together are linear.
pub(super) struct Sections<'t> {
    text: &'t [u8],
    lines: &'t Tokens,
    found: Option<u32>,
    searched_to: u32,
}

impl<'t> Sections<'t> {
    pub(super) fn new((text, lines): (&'t [u8], &'t Tokens)) -> Self {
        Self {
            text,
            lines,
            found: None,
            searched_to: 0,
        }
    }

    /// Appends the section of a hunk that begins at line `start`. Hunks come in order.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, start: u32) {
        let opens = |&line: &u32| is_opening(self.lines.get(self.text, line));
        self.found = (self.searched_to..start).rev().find(opens).or(self.found);
        self.searched_to = start;
        if let Some(line) = self.found {
            let line = self.lines.get(self.text, line);
            out.push(b' ');
            out.extend_from_slice(without_white_space(&line[..line.len().min(MAX_BYTES)]));
        }
    }
}

/// A line without what git takes for white space at its end: no form feed.
fn without_white_space(line: &[u8]) -> &[u8] {
    let is_white_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let end = line.iter().rposition(|byte| !is_white_space(byte));
    &line[..end.map_or(0, |last| last + 1)]
}

fn is_opening(line: &[u8]) -> bool {
    line.first()
        .is_some_and(|&b| b.is_ascii_alphabetic() || b == b'_' || b == b'$')
}
