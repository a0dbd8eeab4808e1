//! Writes patches as text.

use std::borrow::Cow;

use super::{GitHeader, GitIndex, Patch, PatchBytes, PatchHunk};
use crate::unified::{REGULAR_MODE, quote_git, write_line};

/// The line under `Index:`, as long as svn and jsdiff write it.
const INDEX_RULE: &[u8] = b"===================================================================\n";

/// Writes patches as one text; [`parse_patch`](crate::parse_patch) reads it back as it was.
///
/// Names are quoted as git does. A file that appears or goes without a mode is an ordinary one. A binary patch becomes a `Binary files differ` line.
///
/// Complexity: linear in the text.
#[must_use]
pub fn format_patch(patches: &[Patch<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(patches.iter().map(capacity).sum());
    let mut before = None;
    for patch in patches {
        if before.is_some_and(|before| continues(patch, before)) {
            out.push(b'\n');
        }
        before = Some(patch);
        write_header(&mut out, patch);
        for hunk in &patch.hunks {
            write_hunk(&mut out, hunk);
        }
    }
    out
}

/// Says whether a patch would be read as part of the one before: as `Binary files differ`, which is
/// all that there is of it, below a git header that nothing follows. An empty line ends the header.
fn continues(patch: &Patch<'_>, before: &Patch<'_>) -> bool {
    let is_bare = patch.is_binary && patch.git.is_none() && patch.index_name.is_none();
    let is_header = before.git.is_some() && before.old_name.is_none() && before.hunks.is_empty();
    is_bare && is_header && !before.is_binary
}

fn capacity(patch: &Patch<'_>) -> usize {
    const HEADERS: usize = 256;
    let lines = patch.hunks.iter().flat_map(|hunk| &hunk.lines);
    HEADERS + lines.map(|line| line.text.len() + 1).sum::<usize>() + 64 * patch.hunks.len()
}

fn write_header(out: &mut Vec<u8>, patch: &Patch<'_>) {
    if let Some(name) = &patch.index_name {
        write_parts(out, &[b"Index: ", &quote_git(name), b"\n", INDEX_RULE]);
    }
    if let Some(git) = &patch.git {
        write_git(out, git);
    }
    match (&patch.old_name, &patch.new_name) {
        (old, new) if patch.is_binary => write_binary(out, patch, old.as_ref(), new.as_ref()),
        (Some(old), Some(new)) => {
            write_name(out, b"--- ", old, patch.old_stamp.as_ref());
            write_name(out, b"+++ ", new, patch.new_stamp.as_ref());
        }
        _ => {}
    }
}

fn write_binary(
    out: &mut Vec<u8>,
    patch: &Patch<'_>,
    old: Option<&PatchBytes<'_>>,
    new: Option<&PatchBytes<'_>>,
) {
    let git = patch.git.as_ref();
    let (old, new) = (
        old.or(git.map(|g| &g.old_name)),
        new.or(git.map(|g| &g.new_name)),
    );
    match (old, new) {
        (Some(old), Some(new)) => {
            let (old, new) = (quote_spaces(old), quote_spaces(new));
            write_parts(out, &[b"Binary files ", &old, b" and ", &new, b" differ\n"]);
        }
        // Only svn marks a binary file without naming both sides.
        _ => write_parts(out, &[b"Cannot display: file marked as a binary type.\n"]),
    }
}

fn write_git(out: &mut Vec<u8>, git: &GitHeader<'_>) {
    write_git_names(out, git);
    let mut mode = |label: &[u8], mode: Option<u32>| {
        if let Some(mode) = mode {
            write_parts(out, &[label, format!("{mode:06o}\n").as_bytes()]);
        }
    };
    mode(
        if git.is_deleted {
            b"deleted file mode "
        } else {
            b"old mode "
        },
        git.old_mode.or(git.is_deleted.then_some(REGULAR_MODE)),
    );
    mode(
        if git.is_new {
            b"new file mode "
        } else {
            b"new mode "
        },
        git.new_mode.or(git.is_new.then_some(REGULAR_MODE)),
    );
    let mut percent = |label: &[u8], percent: Option<u8>| {
        if let Some(percent) = percent {
            write_parts(out, &[label, format!("{percent}%\n").as_bytes()]);
        }
    };
    percent(b"similarity index ", git.similarity);
    percent(b"dissimilarity index ", git.dissimilarity);
    let mut name = |label: &[u8], name: &Option<PatchBytes<'_>>| {
        if let Some(name) = name {
            write_parts(out, &[label, &quote_git(name), b"\n"]);
        }
    };
    name(b"rename from ", &git.rename_from);
    name(b"rename to ", &git.rename_to);
    name(b"copy from ", &git.copy_from);
    name(b"copy to ", &git.copy_to);
    if let Some(index) = &git.index {
        write_index(out, index);
    }
}

fn write_index(out: &mut Vec<u8>, index: &GitIndex<'_>) {
    let mode = index.mode.map(|mode| format!(" {mode:06o}"));
    let mode = mode.unwrap_or_default();
    write_parts(out, &[b"index ", &index.old, b"..", &index.new]);
    write_parts(out, &[mode.as_bytes(), b"\n"]);
}

/// Git leaves names with spaces unquoted, which only a reader that knows them to be the same can
/// tell apart; other names with spaces are quoted.
fn write_git_names(out: &mut Vec<u8>, git: &GitHeader<'_>) {
    let behind_prefix = |name: &'_ [u8]| name.iter().position(|&b| b == b'/').map(|at| at + 1);
    let prefixes = behind_prefix(&git.old_name).zip(behind_prefix(&git.new_name));
    let is_same =
        prefixes.is_some_and(|(old, new)| old == new && git.old_name[old..] == git.new_name[new..]);
    let quote = if is_same { quote_git } else { quote_spaces };
    let (old, new) = (quote(&git.old_name), quote(&git.new_name));
    write_parts(out, &[b"diff --git ", &old, b" ", &new, b"\n"]);
}

/// Quotes as git, and a name with spaces too.
fn quote_spaces(name: &[u8]) -> Cow<'_, [u8]> {
    match quote_git(name) {
        Cow::Borrowed(plain) if plain.contains(&b' ') => Cow::Owned([b"\"", plain, b"\""].concat()),
        quoted => quoted,
    }
}

fn write_name(out: &mut Vec<u8>, label: &[u8], name: &[u8], stamp: Option<&PatchBytes<'_>>) {
    write_parts(out, &[label, &quote_git(name)]);
    // A name with spaces needs a TAB behind it, or patch takes only its first word.
    if stamp.is_some() || name.contains(&b' ') {
        out.push(b'\t');
    }
    out.extend_from_slice(stamp.map_or(&b""[..], |stamp| stamp));
    out.push(b'\n');
}

fn write_hunk(out: &mut Vec<u8>, hunk: &PatchHunk<'_>) {
    write_ranges(out, hunk);
    if !hunk.section.is_empty() {
        write_parts(out, &[b" ", &hunk.section]);
    }
    out.push(b'\n');
    for line in &hunk.lines {
        write_line(out, line.kind.sign(), &line.text);
    }
}

/// Writes `@@ -1,2 +3,4 @@`.
pub(super) fn write_ranges(out: &mut Vec<u8>, hunk: &PatchHunk<'_>) {
    out.extend_from_slice(b"@@ -");
    write_range(out, u64::from(hunk.old_start), u64::from(hunk.old_len));
    out.extend_from_slice(b" +");
    write_range(out, u64::from(hunk.new_start), u64::from(hunk.new_len));
    out.extend_from_slice(b" @@");
}

/// Writes `start,len`, or `start` if `len` is 1.
pub(crate) fn write_range(out: &mut Vec<u8>, start: u64, len: u64) {
    out.extend_from_slice(start.to_string().as_bytes());
    if len != 1 {
        out.push(b',');
        out.extend_from_slice(len.to_string().as_bytes());
    }
}

fn write_parts(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}
