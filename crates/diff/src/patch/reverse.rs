//! Turns a patch round, so that it undoes itself.

use super::{GitHeader, GitIndex, LineKind, Patch, PatchHunk, PatchLine};

/// The patch from the new text to the old one.
///
/// Removed lines come before added ones in every change, so a patch that is written so, as all
/// tools do, is the reverse of its reverse. The names of a copy change places, since git has no
/// word for undoing one. Hunk sections and stamps stay with their side.
///
/// Complexity: linear; lines aren't copied, only what borrows them.
#[must_use]
pub fn reverse_patch<'p>(patch: &Patch<'p>) -> Patch<'p> {
    Patch {
        old_name: patch.new_name.clone(),
        new_name: patch.old_name.clone(),
        old_stamp: patch.new_stamp.clone(),
        new_stamp: patch.old_stamp.clone(),
        index_name: patch.index_name.clone(),
        git: patch.git.as_ref().map(reverse_git),
        is_binary: patch.is_binary,
        hunks: patch.hunks.iter().map(reverse_hunk).collect(),
    }
}

fn reverse_git<'p>(git: &GitHeader<'p>) -> GitHeader<'p> {
    let reverse_index = |index: &GitIndex<'p>| GitIndex {
        old: index.new.clone(),
        new: index.old.clone(),
        mode: index.mode,
    };
    GitHeader {
        old_name: git.new_name.clone(),
        new_name: git.old_name.clone(),
        old_mode: git.new_mode,
        new_mode: git.old_mode,
        is_new: git.is_deleted,
        is_deleted: git.is_new,
        similarity: git.similarity,
        dissimilarity: git.dissimilarity,
        rename_from: git.rename_to.clone(),
        rename_to: git.rename_from.clone(),
        copy_from: git.copy_to.clone(),
        copy_to: git.copy_from.clone(),
        index: git.index.as_ref().map(reverse_index),
    }
}

fn reverse_hunk<'p>(hunk: &PatchHunk<'p>) -> PatchHunk<'p> {
    let mut lines = Vec::with_capacity(hunk.lines.len());
    for change in hunk.lines.chunk_by(|a, b| is_change(a) == is_change(b)) {
        let reversed = |kind| {
            change
                .iter()
                .map(reverse_line)
                .filter(move |line| line.kind == kind)
        };
        lines.extend(reversed(LineKind::Context));
        lines.extend(reversed(LineKind::Removed));
        lines.extend(reversed(LineKind::Added));
    }
    PatchHunk {
        old_start: hunk.new_start,
        old_len: hunk.new_len,
        new_start: hunk.old_start,
        new_len: hunk.old_len,
        section: hunk.section.clone(),
        lines,
    }
}

fn is_change(line: &PatchLine<'_>) -> bool {
    line.kind != LineKind::Context
}

fn reverse_line<'p>(line: &PatchLine<'p>) -> PatchLine<'p> {
    let kind = match line.kind {
        LineKind::Context => LineKind::Context,
        LineKind::Removed => LineKind::Added,
        LineKind::Added => LineKind::Removed,
    };
    PatchLine {
        kind,
        text: line.text.clone(),
    }
}
