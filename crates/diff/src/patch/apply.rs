//! Applies a patch: each hunk in order at the nearest place where it fits, all or nothing.

use super::line_endings::{LineEndings, converted};
use super::locate::{Locator, Place};
use super::{LineKind, Patch, PatchHunk};
use crate::tokens::Tokens;
use crate::{DiffError, Granularity};

/// How a patch is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApplyOptions {
    /// Lines of context that may be left out at each end of a hunk, as the fuzz factor of
    /// patch(1). Default: 0.
    pub fuzz: u32,
    /// How many lines away from its place a hunk may fit. Default: `u32::MAX`, anywhere.
    pub max_offset: u32,
    /// What becomes of line ends. Default: [`LineEndings::Exact`].
    pub line_endings: LineEndings,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            fuzz: 0,
            max_offset: u32::MAX,
            line_endings: LineEndings::default(),
        }
    }
}

/// Applies the hunks of `patch` to `text`.
///
/// Each hunk is looked for where it says, moved by as much as the one before was, and from there
/// nearest first, below before above. A hunk with less context at its end than at its start must
/// fit at the end of the text, one at line 1 with less context at its start must fit at the start,
/// as in patch(1). A line that is marked to have no newline fits only the end of a text without
/// one; nothing is ever joined to it: a line added below such a line of context, as `diff -w`
/// writes, begins on a line of its own.
///
/// # Errors
///
/// [`DiffError::PatchMismatch`] names the first hunk that doesn't fit, or the last one of a patch
/// that deletes the file but leaves some of its lines;
/// [`DiffError::PatchTargetExists`] if the patch creates a file (`new file mode` or `/dev/null`)
/// and `text` isn't empty; [`DiffError::PatchBinary`]; [`DiffError::PatchSearchLimit`] on hostile
/// patches; [`DiffError::TooLarge`] for a text above 4 GiB.
///
/// Complexity: linear in the text and the patch, plus a search that is cut off after
/// 2²⁶ line comparisons.
///
/// # Example
///
/// ```
/// use sealdiff_diff::{ApplyOptions, apply_patch, parse_patch};
///
/// let patches = parse_patch(b"@@ -1 +1 @@\n-one\n+two\n")?;
/// assert_eq!(apply_patch(b"one\n", &patches[0], &ApplyOptions::default())?, b"two\n");
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn apply_patch(
    text: &[u8],
    patch: &Patch<'_>,
    options: &ApplyOptions,
) -> Result<Vec<u8>, DiffError> {
    if patch.is_binary {
        return Err(DiffError::PatchBinary);
    }
    if !text.is_empty() && creates_file(patch) {
        return Err(DiffError::PatchTargetExists);
    }
    let lines = Tokens::split(text, Granularity::Lines)?;
    let patch = converted(patch, text, options.line_endings);
    let mut locator = Locator::new(text, &lines, options);
    let mut output = Output {
        text,
        lines: &lines,
        out: Vec::with_capacity(text.len()),
        at: 0,
    };
    for (number, hunk) in (1..).zip(&patch.hunks) {
        let place = locator
            .locate(hunk)
            .map_err(|failure| failure.error(number, hunk))?;
        let written = place.and_then(|place| output.write_hunk(hunk, place));
        written.ok_or_else(|| mismatch(number, hunk))?;
    }
    let last = patch.hunks.len();
    let is_gone = !patch.hunks.is_empty() && deletes_file(&patch);
    match output.finish() {
        Some(out) if out.is_empty() || !is_gone => Ok(out),
        _ => Err(mismatch(last, &patch.hunks[last - 1])),
    }
}

fn creates_file(patch: &Patch<'_>) -> bool {
    let is_new = patch.git.as_ref().is_some_and(|git| git.is_new);
    is_new || patch.old_name.as_deref() == Some(b"/dev/null")
}

fn deletes_file(patch: &Patch<'_>) -> bool {
    let is_deleted = patch.git.as_ref().is_some_and(|git| git.is_deleted);
    is_deleted || patch.new_name.as_deref() == Some(b"/dev/null")
}

fn mismatch(hunk: usize, patch_hunk: &PatchHunk<'_>) -> DiffError {
    DiffError::PatchMismatch {
        hunk,
        header: patch_hunk.header(),
    }
}

/// The new text as far as it is written, and the first line of the old one that isn't used.
struct Output<'t> {
    text: &'t [u8],
    lines: &'t Tokens,
    out: Vec<u8>,
    at: u32,
}

impl Output<'_> {
    /// Writes the text up to a hunk, and the hunk. Context is copied from the text. `None` if a
    /// line would be joined to one without newline.
    fn write_hunk(&mut self, hunk: &PatchHunk<'_>, place: Place) -> Option<()> {
        self.copy(place.line.checked_sub(self.at)?)?;
        let mut after_context = false;
        for line in &hunk.lines[place.lines.clone()] {
            match line.kind {
                LineKind::Context => self.copy(1)?,
                LineKind::Removed => self.at += 1,
                LineKind::Added if after_context => self.push_below(&line.text),
                LineKind::Added => self.push(&line.text)?,
            }
            after_context = line.kind == LineKind::Context;
        }
        Some(())
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        self.copy(self.lines.len() - self.at)?;
        Some(self.out)
    }

    fn copy(&mut self, lines: u32) -> Option<()> {
        let text = self.text;
        let bytes = self.lines.bytes(self.at, lines);
        self.at += lines;
        self.push(&text[bytes])
    }

    /// Appends a line below context. A newline that the context lacks is one that `diff -w` left
    /// out when it showed the old line for both; patch(1) adds it too.
    fn push_below(&mut self, line: &[u8]) {
        if self.out.last().is_some_and(|&last| last != b'\n') {
            self.out.push(b'\n');
        }
        self.out.extend_from_slice(line);
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let is_joined = !bytes.is_empty() && self.out.last().is_some_and(|&last| last != b'\n');
        if is_joined {
            return None;
        }
        self.out.extend_from_slice(bytes);
        Some(())
    }
}
