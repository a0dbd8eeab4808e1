//! Unified diffs as GNU diff and git write them, byte for byte. Rendering never searches.

mod header;
mod quote;
mod section;

pub(crate) use header::REGULAR_MODE;
pub use header::{GitFile, Header};
pub(crate) use quote::quote_git;

use crate::bytes::next_line;
use crate::hunk::{Hunk, hunks};
use crate::lines::index::LineIndex;
use crate::script::{EditScript, EditTag};
use section::Sections;

/// The line that follows a last line without `\n`.
pub(crate) const NO_NEWLINE: &[u8] = b"\\ No newline at end of file\n";

/// How a unified diff is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnifiedOptions<'n> {
    /// Equal lines around each change. Default: 3.
    pub context_radius: u32,
    /// What stands before the hunks. Default: nothing.
    pub header: Header<'n>,
    /// Whether the line after the second `@@` names the function, as git does: the nearest earlier
    /// line that begins with an ASCII letter, `_` or `$`, at most 80 bytes of it. Default: `false`.
    pub show_function: bool,
}

impl UnifiedOptions<'_> {
    /// What diff, git and patch agree on.
    pub const DEFAULT_CONTEXT_RADIUS: u32 = 3;
}

impl Default for UnifiedOptions<'_> {
    fn default() -> Self {
        Self {
            context_radius: Self::DEFAULT_CONTEXT_RADIUS,
            header: Header::None,
            show_function: false,
        }
    }
}

/// What is written of equal texts: nothing, unless a git header has something to say.
pub(crate) fn render_unchanged(options: &UnifiedOptions<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    options.header.write_opening(&mut out, false);
    out
}

/// A text and where its lines begin.
#[derive(Clone, Copy)]
pub(crate) struct Side<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) lines: &'t dyn LineIndex,
}

/// Renders `script` once into one vector. Context lines are those of the old text.
pub(crate) fn render(
    old: Side<'_>,
    new: Side<'_>,
    script: &EditScript,
    options: &UnifiedOptions<'_>,
) -> Vec<u8> {
    if script.is_unchanged() {
        return render_unchanged(options);
    }
    let mut out = Vec::new();
    options.header.write_opening(&mut out, true);
    out.reserve(capacity(old, new, script, options));
    options.header.write_names(&mut out);
    let mut sections = Sections::new(old.text);
    for hunk in hunks(script, options.context_radius) {
        write_range(&mut out, &hunk);
        if options.show_function {
            sections.write(&mut out, old.lines.start(old.text, hunk.old_start));
        }
        out.push(b'\n');
        let mut at = old.lines.start(old.text, hunk.old_start);
        for op in hunk.ops() {
            match op.tag {
                EditTag::Equal => at = write_lines(&mut out, b' ', old.text, at, op.old_len),
                EditTag::Delete => at = write_lines(&mut out, b'-', old.text, at, op.old_len),
                EditTag::Insert => {
                    let start = new.lines.start(new.text, op.new_start);
                    write_lines(&mut out, b'+', new.text, start, op.new_len);
                }
            }
        }
    }
    out
}

/// Bytes that the hunks take: their text, a sign for each line, and their header lines.
fn capacity(
    old: Side<'_>,
    new: Side<'_>,
    script: &EditScript,
    options: &UnifiedOptions<'_>,
) -> usize {
    const RANGES: usize = b"@@ -4294967295,4294967295 +4294967295,4294967295 @@\n".len();
    let section = if options.show_function {
        1 + section::MAX_BYTES
    } else {
        0
    };
    let of_lines = |side: Side<'_>, start: u32, len: u32| {
        side.lines.bytes(side.text, start, len).len() + len as usize
    };
    let of_hunk = |hunk: Hunk<'_>| -> usize {
        let inserted = hunk.ops().filter(|op| op.tag == EditTag::Insert);
        let inserted = inserted.map(|op| of_lines(new, op.new_start, op.new_len));
        let of_old = of_lines(old, hunk.old_start, hunk.old_len);
        RANGES + section + of_old + inserted.sum::<usize>()
    };
    let of_hunks: usize = hunks(script, options.context_radius).map(of_hunk).sum();
    of_hunks + 2 * NO_NEWLINE.len() + 2
}

/// The ranges of a hunk between their `@@`.
pub(crate) fn write_range(out: &mut Vec<u8>, hunk: &Hunk<'_>) {
    out.extend_from_slice(b"@@ -");
    write_side(out, hunk.old_start, hunk.old_len);
    out.extend_from_slice(b" +");
    write_side(out, hunk.new_start, hunk.new_len);
    out.extend_from_slice(b" @@");
}

/// Lines count from 1; an empty range names the line before it, so 0 at the top.
fn write_side(out: &mut Vec<u8>, start: u32, len: u32) {
    let first = u64::from(start) + u64::from(len > 0);
    crate::patch::write_range(out, first, u64::from(len));
}

/// Writes as many lines from byte `at` of `text` on, each behind the sign; where they end.
fn write_lines(out: &mut Vec<u8>, sign: u8, text: &[u8], mut at: usize, lines: u32) -> usize {
    for _ in 0..lines {
        let end = next_line(text, at);
        write_line(out, sign, &text[at..end]);
        at = end;
    }
    at
}

/// Writes a line behind its sign; one without `\n` gets it, and the marker that says so.
pub(crate) fn write_line(out: &mut Vec<u8>, sign: u8, line: &[u8]) {
    out.push(sign);
    out.extend_from_slice(line);
    if line.last() != Some(&b'\n') {
        out.push(b'\n');
        out.extend_from_slice(NO_NEWLINE);
    }
}
