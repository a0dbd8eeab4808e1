//! Reads one hunk: its header line, then as many lines as the header says.

use std::borrow::Cow;

use super::cursor::{Cursor, without_end};
use super::{LineKind, PatchBytes, PatchHunk, PatchLine};
use crate::DiffError;

const TOO_MANY: &str = "the hunk has more lines than its header says";

/// Reads the hunk whose header line comes next.
pub(super) fn hunk<'p>(cursor: &mut Cursor<'p>) -> Result<PatchHunk<'p>, DiffError> {
    let at = cursor.line();
    let header = without_end(cursor.next().unwrap_or_default());
    let mut hunk = ranges(header).map_err(|reason| invalid(at, reason))?;
    let mut body = Body {
        old_left: hunk.old_len,
        new_left: hunk.new_len,
        ..Body::default()
    };
    while body.old_left > 0 || body.new_left > 0 || next_is_marker(cursor) {
        let at = cursor.line();
        let line = cursor
            .next()
            .ok_or(invalid(at, "the hunk ends before its counts are reached"))?;
        body.take(line).map_err(|reason| invalid(at, reason))?;
    }
    if cursor.peek().is_some_and(is_change_too_many) {
        return Err(invalid(cursor.line(), TOO_MANY));
    }
    hunk.lines = body.lines;
    Ok(hunk)
}

fn invalid(line: usize, reason: &'static str) -> DiffError {
    DiffError::PatchInvalid { line, reason }
}

fn next_is_marker(cursor: &Cursor<'_>) -> bool {
    cursor.peek().is_some_and(|line| line.starts_with(b"\\"))
}

/// Says whether the line behind a hunk is a change that its counts leave out, as in a patch that
/// was edited by hand: git and patch drop it without a word. `--` begins the header of the next
/// file, a mail's signature or a rule.
fn is_change_too_many(line: &[u8]) -> bool {
    line.starts_with(b"+") || line.starts_with(b"-") && !line.starts_with(b"--")
}

/// Reads `@@ -1,2 +3,4 @@ section`.
fn ranges(line: &[u8]) -> Result<PatchHunk<'_>, &'static str> {
    const MALFORMED: &str = "malformed hunk header";
    let rest = line.strip_prefix(b"@@ -").ok_or(MALFORMED)?;
    let (old_start, old_len, rest) = range(rest)?;
    let rest = rest.strip_prefix(b" +").ok_or(MALFORMED)?;
    let (new_start, new_len, rest) = range(rest)?;
    let section = rest.strip_prefix(b" @@").ok_or(MALFORMED)?;
    let section = Cow::Borrowed(section.strip_prefix(b" ").unwrap_or(section));
    Ok(PatchHunk {
        old_start,
        old_len,
        new_start,
        new_len,
        section,
        lines: Vec::new(),
    })
}

/// Reads `start` or `start,len`.
fn range(text: &[u8]) -> Result<(u32, u32, &[u8]), &'static str> {
    let (start, rest) = number(text)?;
    let (len, rest) = match rest.strip_prefix(b",") {
        Some(rest) => number(rest)?,
        None => (1, rest),
    };
    start
        .checked_add(len)
        .ok_or("the range of a hunk is too large")?;
    Ok((start, len, rest))
}

fn number(text: &[u8]) -> Result<(u32, &[u8]), &'static str> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return Err("malformed hunk header");
    }
    let digit = |value: u32, b: &u8| value.checked_mul(10)?.checked_add(u32::from(b - b'0'));
    let value = text[..digits].iter().try_fold(0, digit);
    Ok((
        value.ok_or("a number in the hunk header is too large")?,
        &text[digits..],
    ))
}

/// The lines read so far, and what the header says is still to come.
#[derive(Default)]
struct Body<'p> {
    lines: Vec<PatchLine<'p>>,
    old_left: u32,
    new_left: u32,
    is_old_ended: bool,
    is_new_ended: bool,
}

impl<'p> Body<'p> {
    fn take(&mut self, line: &'p [u8]) -> Result<(), &'static str> {
        let (kind, text) = match (line.first(), line) {
            (Some(b' '), _) => (LineKind::Context, with_newline(&line[1..])),
            (Some(b'-'), _) => (LineKind::Removed, with_newline(&line[1..])),
            (Some(b'+'), _) => (LineKind::Added, with_newline(&line[1..])),
            (Some(b'\\'), _) => return self.end_side(),
            // Editors strip the space of an empty context line; git and patch take it so.
            (_, b"\n" | b"\r\n") => (LineKind::Context, Cow::Borrowed(line)),
            _ => return Err("a line of the hunk begins with none of space, -, + and \\"),
        };
        self.count(kind)?;
        self.lines.push(PatchLine { kind, text });
        Ok(())
    }

    fn count(&mut self, kind: LineKind) -> Result<(), &'static str> {
        if kind.is_old() && self.is_old_ended || kind.is_new() && self.is_new_ended {
            return Err("a line follows the one without newline");
        }
        if kind.is_old() {
            self.old_left = self.old_left.checked_sub(1).ok_or(TOO_MANY)?;
        }
        if kind.is_new() {
            self.new_left = self.new_left.checked_sub(1).ok_or(TOO_MANY)?;
        }
        Ok(())
    }

    /// `\ No newline at end of file`: takes the newline from the line before.
    fn end_side(&mut self) -> Result<(), &'static str> {
        let last = self
            .lines
            .last_mut()
            .ok_or("no line stands before the newline marker")?;
        if !strip_newline(&mut last.text) {
            return Err("two newline markers stand after one line");
        }
        self.is_old_ended |= last.kind.is_old();
        // Context shows the old line. `diff -w` takes it for equal to a new line with a newline,
        // behind which others may follow.
        self.is_new_ended |= last.kind == LineKind::Added;
        if self.is_old_ended && self.old_left > 0 || self.is_new_ended && self.new_left > 0 {
            return Err("a line follows the one without newline");
        }
        Ok(())
    }
}

/// The last line of a patch that was cut before its newline still means a whole line.
fn with_newline(text: &[u8]) -> PatchBytes<'_> {
    match text.last() {
        Some(b'\n') => Cow::Borrowed(text),
        _ => Cow::Owned([text, b"\n"].concat()),
    }
}

fn strip_newline(text: &mut PatchBytes<'_>) -> bool {
    let has_newline = text.last() == Some(&b'\n');
    if has_newline {
        match text {
            Cow::Borrowed(text) => *text = &text[..text.len() - 1],
            Cow::Owned(text) => text.truncate(text.len() - 1),
        }
    }
    has_newline
}
