//! Hunks as JavaScript has them: the numbers of the `@@` line, and lines behind their signs.

use std::borrow::Cow;

use napi_derive::napi;
use sealdiff_diff::{EditTag, Hunk, LineKind, PatchHunk, TextDiff, Tokens};

use super::text::Text;
use super::texts::Texts;

/// Stands after a last line that has no newline.
const NO_NEWLINE: &[u8] = b"\\ No newline at end of file";

/// A hunk of a diff or of a patch.
#[napi(object)]
pub(crate) struct HunkFields<'a> {
    pub old_start: u32,
    pub old_lines: u32,
    pub new_start: u32,
    pub new_lines: u32,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub section: Option<Text<'a>>,
    #[napi(ts_type = "(string | Uint8Array)[]")]
    pub lines: Vec<Text<'a>>,
}

impl<'a> HunkFields<'a> {
    /// A hunk of a diff by lines.
    pub(super) fn of_diff(texts: &Texts<'_>, diff: &TextDiff, hunk: &Hunk<'_>) -> Self {
        let (old, new) = (&texts.old.bytes, &texts.new.bytes);
        let mut lines = Lines::new(texts.are_strings());
        for op in hunk.ops() {
            let old = tokens(old, diff.old_tokens(), op.old_start, op.old_len);
            let new = tokens(new, diff.new_tokens(), op.new_start, op.new_len);
            match op.tag {
                EditTag::Equal => lines.extend(LineKind::Context, old),
                EditTag::Delete => lines.extend(LineKind::Removed, old),
                EditTag::Insert => lines.extend(LineKind::Added, new),
            }
        }
        Self {
            old_start: first_line(hunk.old_start, hunk.old_len),
            old_lines: hunk.old_len,
            new_start: first_line(hunk.new_start, hunk.new_len),
            new_lines: hunk.new_len,
            section: None,
            lines: lines.lines,
        }
    }

    /// A hunk of a patch.
    pub(super) fn of_patch(hunk: &PatchHunk<'a>, are_strings: bool) -> Self {
        let mut lines = Lines::new(are_strings);
        for line in &hunk.lines {
            lines.push(line.kind, &line.text);
        }
        let section = Some(hunk.section.clone()).filter(|section| !section.is_empty());
        Self {
            old_start: hunk.old_start,
            old_lines: hunk.old_len,
            new_start: hunk.new_start,
            new_lines: hunk.new_len,
            section: section.map(|bytes| Text {
                bytes,
                is_string: are_strings,
            }),
            lines: lines.lines,
        }
    }
}

/// Lines count from 1; an empty range names the line before it.
pub(super) fn first_line(start: u32, len: u32) -> u32 {
    start + u32::from(len > 0)
}

fn tokens<'t>(
    text: &'t [u8],
    tokens: &Tokens,
    start: u32,
    len: u32,
) -> impl Iterator<Item = &'t [u8]> {
    (start..start + len).map(|token| &text[tokens.bytes(token, 1)])
}

struct Lines<'a> {
    are_strings: bool,
    lines: Vec<Text<'a>>,
}

impl Lines<'_> {
    fn new(are_strings: bool) -> Self {
        let lines = Vec::new();
        Self { are_strings, lines }
    }

    fn extend<'t>(&mut self, kind: LineKind, lines: impl Iterator<Item = &'t [u8]>) {
        for line in lines {
            self.push(kind, line);
        }
    }

    fn push(&mut self, kind: LineKind, line: &[u8]) {
        let (text, has_newline) = match line.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (line, false),
        };
        self.push_bytes(Cow::Owned([&[kind.sign()], text].concat()));
        if !has_newline {
            self.push_bytes(Cow::Borrowed(NO_NEWLINE));
        }
    }

    fn push_bytes(&mut self, bytes: Cow<'static, [u8]>) {
        self.lines.push(Text {
            bytes,
            is_string: self.are_strings,
        });
    }
}
