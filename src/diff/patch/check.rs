//! From patches that users may have made or changed to those of the core: nothing that couldn't
//! have been parsed gets through.

use std::borrow::Cow;

use sealdiff_diff::{GitHeader, GitIndex, LineKind, Patch, PatchBytes, PatchHunk, PatchLine};

use super::fields::{GitFields, PatchFields, given};
use crate::diff::hunk::HunkFields;
use crate::diff::text::Text;
use crate::error::Failure;

impl PatchFields<'_> {
    /// The patch, checked.
    ///
    /// # Errors
    /// [`Failure::ArgumentValue`] for a header that could not be written, [`Failure::PatchHunk`] for
    /// a hunk whose numbers don't agree with its lines.
    pub(super) fn checked(&self) -> Result<Patch<'_>, Failure> {
        let (old_name, new_name) = (given(&self.old_name), given(&self.new_name));
        if old_name.is_some() != new_name.is_some() {
            return Err(Failure::ArgumentValue {
                name: "patch.newName",
                requirement: "must be null if patch.oldName is, and only then",
            });
        }
        Ok(Patch {
            old_name: old_name.map(bytes),
            new_name: new_name.map(bytes),
            old_stamp: optional_line("patch.oldHeader", self.old_header.as_ref())?,
            new_stamp: optional_line("patch.newHeader", self.new_header.as_ref())?,
            index_name: self.index.as_ref().map(bytes),
            git: self.git.as_ref().map(GitFields::checked).transpose()?,
            is_binary: self.is_binary,
            hunks: (1..)
                .zip(&self.hunks)
                .map(|(number, hunk)| checked_hunk(number, hunk))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl GitFields<'_> {
    fn checked(&self) -> Result<GitHeader<'_>, Failure> {
        let index = self.index.as_ref().map(|index| {
            Ok::<_, Failure>(GitIndex {
                old: line("patch.git.index.old", &index.old)?,
                new: line("patch.git.index.new", &index.new)?,
                mode: index.mode,
            })
        });
        Ok(GitHeader {
            old_name: bytes(&self.old_name),
            new_name: bytes(&self.new_name),
            old_mode: self.old_mode,
            new_mode: self.new_mode,
            is_new: self.is_new,
            is_deleted: self.is_deleted,
            similarity: percent("patch.git.similarity", self.similarity)?,
            dissimilarity: percent("patch.git.dissimilarity", self.dissimilarity)?,
            rename_from: self.rename_from.as_ref().map(bytes),
            rename_to: self.rename_to.as_ref().map(bytes),
            copy_from: self.copy_from.as_ref().map(bytes),
            copy_to: self.copy_to.as_ref().map(bytes),
            index: index.transpose()?,
        })
    }
}

/// Names are quoted where they need it, so every one is fine.
fn bytes<'t>(text: &'t Text<'_>) -> PatchBytes<'t> {
    Cow::Borrowed(&text.bytes)
}

/// Text that is written as it is, so that a line end would begin a line of its own.
fn line<'t>(name: &'static str, text: &'t Text<'_>) -> Result<PatchBytes<'t>, Failure> {
    let requirement = "must be a single line";
    if text.bytes.contains(&b'\n') {
        return Err(Failure::ArgumentValue { name, requirement });
    }
    Ok(bytes(text))
}

fn optional_line<'t>(
    name: &'static str,
    text: Option<&'t Text<'_>>,
) -> Result<Option<PatchBytes<'t>>, Failure> {
    text.map(|text| line(name, text)).transpose()
}

fn percent(name: &'static str, value: Option<u32>) -> Result<Option<u8>, Failure> {
    let requirement = "must be an integer from 0 to 100";
    let percent = |value| u8::try_from(value).ok().filter(|&value| value <= 100);
    value
        .map(|value| percent(value).ok_or(Failure::ArgumentValue { name, requirement }))
        .transpose()
}

fn checked_hunk<'t>(number: usize, hunk: &'t HunkFields<'_>) -> Result<PatchHunk<'t>, Failure> {
    consistent(hunk).map_err(|reason| Failure::PatchHunk {
        hunk: number,
        reason,
    })
}

fn consistent<'t>(hunk: &'t HunkFields<'_>) -> Result<PatchHunk<'t>, &'static str> {
    let section = hunk
        .section
        .as_ref()
        .map_or(&b""[..], |section| &section.bytes);
    if section.contains(&b'\n') {
        return Err("its section is more than one line");
    }
    let lines = lines(&hunk.lines)?;
    check_side(&OLD, hunk.old_start, hunk.old_lines, &lines)?;
    check_side(&NEW, hunk.new_start, hunk.new_lines, &lines)?;
    Ok(PatchHunk {
        old_start: hunk.old_start,
        old_len: hunk.old_lines,
        new_start: hunk.new_start,
        new_len: hunk.new_lines,
        section: Cow::Borrowed(section),
        lines,
    })
}

/// The side of a hunk: its own kind of line, and which lines without newline end its text.
struct Side {
    own: LineKind,
    ended_by: &'static [LineKind],
}

const OLD: Side = Side {
    own: LineKind::Removed,
    ended_by: &[LineKind::Removed, LineKind::Context],
};

/// Context is that of the old text: where white space is ignored, the new one may go on behind it.
const NEW: Side = Side {
    own: LineKind::Added,
    ended_by: &[LineKind::Added],
};

/// Checks one side of a hunk against its numbers.
fn check_side(
    side: &Side,
    start: u32,
    len: u32,
    lines: &[PatchLine<'_>],
) -> Result<(), &'static str> {
    if start.checked_add(len).is_none() {
        return Err("its range is too large");
    }
    let (mut count, mut is_ended) = (0_usize, false);
    for line in lines {
        if line.kind != LineKind::Context && line.kind != side.own {
            continue;
        }
        if is_ended {
            return Err("a line follows the one without newline");
        }
        is_ended = !line.text.ends_with(b"\n") && side.ended_by.contains(&line.kind);
        count += 1;
    }
    if count != len as usize {
        return Err("its line counts do not agree with its lines");
    }
    Ok(())
}

/// Reads lines behind their signs; a newline marker belongs to the line before it.
fn lines<'t>(texts: &'t [Text<'_>]) -> Result<Vec<PatchLine<'t>>, &'static str> {
    let mut lines: Vec<PatchLine<'_>> = Vec::with_capacity(texts.len());
    for text in texts {
        if text.bytes.contains(&b'\n') {
            return Err("one of its lines holds a line end");
        }
        let (kind, rest) = match text.bytes.split_first() {
            Some((b' ', rest)) => (LineKind::Context, rest),
            Some((b'-', rest)) => (LineKind::Removed, rest),
            Some((b'+', rest)) => (LineKind::Added, rest),
            Some((b'\\', _)) => {
                end_text(lines.last_mut())?;
                continue;
            }
            // Editors strip the space of an empty context line; so do users.
            None => (LineKind::Context, &[][..]),
            Some(_) => return Err("one of its lines begins with none of space, -, + and \\"),
        };
        let text = Cow::Owned([rest, b"\n"].concat());
        lines.push(PatchLine { kind, text });
    }
    Ok(lines)
}

/// Takes the newline from the line that a marker follows.
fn end_text(last: Option<&mut PatchLine<'_>>) -> Result<(), &'static str> {
    let last = last.ok_or("no line stands before its newline marker")?;
    match last.text.to_mut().pop() {
        Some(b'\n') => Ok(()),
        _ => Err("two newline markers stand after one line"),
    }
}
