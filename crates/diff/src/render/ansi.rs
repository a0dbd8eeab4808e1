//! A diff for terminals, with colours by escape sequences (ECMA-48). Whatever a text holds, no other
//! sequence is written.

use std::fmt::Write;
use std::ops::Range;

use super::visible::{Escape, Piece, pieces};
use super::{Shown, Tokenized};
use crate::hunk::{Hunk, hunks};
use crate::inline::ChangedParts;
use crate::{EditTag, Granularity};

const RESET: &str = "\x1b[m";
const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[36m";
const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[31m";
/// Of the changed parts of a line.
const REVERSE: (&str, &str) = ("\x1b[7m", "\x1b[27m");
/// Of what is shown by its number.
const UNDERLINE: (&str, &str) = ("\x1b[4m", "\x1b[24m");

/// How a diff is written for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnsiOptions<'n> {
    /// Equal lines around each change.
    pub context_radius: u32,
    /// The names of the old and the new text, for a header. Default: no header.
    pub names: Option<[&'n [u8]; 2]>,
}

/// A diff by lines as hunks; any other diff as the whole text. Nothing, if nothing changed.
pub(crate) fn render(shown: &Shown<'_>, options: &AnsiOptions<'_>) -> String {
    let mut out = Out(String::new());
    if shown.script.is_unchanged() {
        return out.0;
    }
    if let Some([old, new]) = options.names {
        out.name("--- ", old);
        out.name("+++ ", new);
    }
    if shown.granularity == Granularity::Lines {
        for hunk in hunks(shown.script, options.context_radius) {
            out.hunk(shown, &hunk);
        }
    } else {
        out.flow(shown);
    }
    out.0
}

struct Out(String);

impl Out {
    fn hunk(&mut self, shown: &Shown<'_>, hunk: &Hunk<'_>) {
        let mut range = Vec::new();
        crate::unified::write_range(&mut range, hunk);
        self.line(CYAN, "", &range, &[]);
        let parts = shown.inline;
        for op in hunk.ops() {
            let (old, new) = (
                op.old_start..op.old_start + op.old_len,
                op.new_start..op.new_start + op.new_len,
            );
            match op.tag {
                EditTag::Equal => self.lines("", " ", shown.old, old, &ChangedParts::default()),
                EditTag::Delete => self.lines(RED, "-", shown.old, old, &parts.old),
                EditTag::Insert => self.lines(GREEN, "+", shown.new, new, &parts.new),
            }
        }
    }

    fn lines(
        &mut self,
        colour: &str,
        sign: &str,
        from: Tokenized<'_>,
        lines: Range<u32>,
        parts: &ChangedParts,
    ) {
        for line in lines {
            let text = from.get(line);
            let parts: Vec<_> = parts.of_line(line).collect();
            match text.strip_suffix(b"\n") {
                Some(text) => self.line(colour, sign, text, &parts),
                None => {
                    self.line(colour, sign, text, &parts);
                    self.line("", "", b"\\ No newline at end of file", &[]);
                }
            }
        }
    }

    /// Writes a name, of which a line end is no end.
    fn name(&mut self, sign: &str, name: &[u8]) {
        self.0.push_str(BOLD);
        self.0.push_str(sign);
        for (at, part) in name.split(|&b| b == b'\n').enumerate() {
            if at > 0 {
                self.escape(Escape::Byte(b'\n'));
            }
            self.text(part);
        }
        self.0.push_str(RESET);
        self.0.push('\n');
    }

    /// Writes a line in one colour, with `parts` of it in reverse.
    fn line(&mut self, colour: &str, sign: &str, text: &[u8], parts: &[Range<usize>]) {
        self.0.push_str(colour);
        self.0.push_str(sign);
        let mut at = 0;
        for part in parts {
            self.text(&text[at..part.start]);
            self.0.push_str(REVERSE.0);
            self.text(&text[part.clone()]);
            self.0.push_str(REVERSE.1);
            at = part.end;
        }
        self.text(&text[at..]);
        if !colour.is_empty() {
            self.0.push_str(RESET);
        }
        self.0.push('\n');
    }

    /// The whole text, what was removed before what was added.
    fn flow(&mut self, shown: &Shown<'_>) {
        for op in shown.script.ops() {
            match op.tag {
                EditTag::Equal => self.text(shown.new.slice(op.new_start, op.new_len)),
                EditTag::Delete => self.coloured(RED, shown.old.slice(op.old_start, op.old_len)),
                EditTag::Insert => self.coloured(GREEN, shown.new.slice(op.new_start, op.new_len)),
            }
        }
    }

    /// Colours each line for itself, for pagers forget the colour at a line end.
    fn coloured(&mut self, colour: &str, text: &[u8]) {
        for line in text.split_inclusive(|&b| b == b'\n') {
            let (text, end) = line
                .strip_suffix(b"\n")
                .map_or((line, ""), |text| (text, "\n"));
            self.0.push_str(colour);
            self.text(text);
            self.0.push_str(RESET);
            self.0.push_str(end);
        }
    }

    fn text(&mut self, text: &[u8]) {
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => self.0.push_str(text),
                Piece::Escape(escape) => self.escape(escape),
            }
        }
    }

    fn escape(&mut self, escape: Escape) {
        let (on, off) = UNDERLINE;
        // Writing to a string can't fail.
        let _ = write!(self.0, "{on}{escape}{off}");
    }
}
