//! The lines of a patch text, one after the other.

/// A place in a patch text; it only moves forward.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'p> {
    rest: &'p [u8],
    line: usize,
}

impl<'p> Cursor<'p> {
    pub(super) fn new(text: &'p [u8]) -> Self {
        Self {
            rest: text,
            line: 1,
        }
    }

    /// Number of the line that comes next, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The next line, with its `\n` if it has one; `None` at the end.
    pub(super) fn peek(&self) -> Option<&'p [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |at| at + 1);
        Some(&self.rest[..end])
    }

    /// Takes the next line.
    pub(super) fn next(&mut self) -> Option<&'p [u8]> {
        let line = self.peek()?;
        self.rest = &self.rest[line.len()..];
        self.line += 1;
        Some(line)
    }

    /// The line after the next one.
    pub(super) fn peek_second(&self) -> Option<&'p [u8]> {
        let mut ahead = *self;
        ahead.next()?;
        ahead.peek()
    }
}

/// A header line without its end, which may be `\r\n` whatever the body has.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
