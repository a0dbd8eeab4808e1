//! The function name after the second `@@`, as git finds it.

use crate::bytes::last_line_start;

/// The most bytes that git keeps of the line.
pub(super) const MAX_BYTES: usize = 80;

/// Looks back from each hunk to the one before it only, so that all hunks together are linear.
pub(super) struct Sections<'t> {
    text: &'t [u8],
    found: Option<&'t [u8]>,
    searched_to: usize,
}

impl<'t> Sections<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            found: None,
            searched_to: 0,
        }
    }

    /// Appends the section of a hunk that begins at byte `start`. Hunks come in order.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, start: usize) {
        self.found = last_opening(&self.text[self.searched_to..start]).or(self.found);
        self.searched_to = start;
        if let Some(line) = self.found {
            out.push(b' ');
            out.extend_from_slice(without_white_space(&line[..line.len().min(MAX_BYTES)]));
        }
    }
}

/// The last line of `text` that opens a section; `text` is empty or ends with `\n`.
fn last_opening(text: &[u8]) -> Option<&[u8]> {
    let mut end = text.len();
    while end > 0 {
        let start = last_line_start(&text[..end - 1]);
        if is_opening(&text[start..end]) {
            return Some(&text[start..end]);
        }
        end = start;
    }
    None
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
