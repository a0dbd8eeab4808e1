//! Patches as values: what a unified diff says, file by file.

mod apply;
mod body;
mod cursor;
mod format;
mod git;
mod line_endings;
mod locate;
mod name;
mod parse;
mod reverse;

pub use apply::{ApplyOptions, apply_patch};
pub use format::format_patch;
pub(crate) use format::write_range;
pub use line_endings::LineEndings;
pub use parse::parse_patch;
pub use reverse::reverse_patch;

use std::borrow::Cow;

/// Bytes of the patch text, or bytes of one's own.
pub type PatchBytes<'p> = Cow<'p, [u8]>;

/// The changes of one file.
///
/// A parsed patch borrows its lines from the text; names are unquoted and keep their prefixes
/// (`a/`, `b/`), and a side that doesn't exist is called `/dev/null`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patch<'p> {
    /// Name on the `---` line; `None` without one.
    pub old_name: Option<PatchBytes<'p>>,
    /// Name on the `+++` line.
    pub new_name: Option<PatchBytes<'p>>,
    /// What follows the old name after a TAB: a time, or a revision.
    pub old_stamp: Option<PatchBytes<'p>>,
    /// What follows the new name after a TAB.
    pub new_stamp: Option<PatchBytes<'p>>,
    /// Name on an `Index:` line, as svn and jsdiff write it.
    pub index_name: Option<PatchBytes<'p>>,
    /// What git says before the names; `None` unless a `diff --git` line is there.
    pub git: Option<GitHeader<'p>>,
    /// The contents are binary: there are no hunks, and the patch can't be applied. The data of a
    /// `GIT binary patch` isn't kept.
    pub is_binary: bool,
    /// The hunks, in order.
    pub hunks: Vec<PatchHunk<'p>>,
}

/// The extended header of git.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitHeader<'p> {
    /// First name of the `diff --git` line. If names with spaces differ and aren't quoted, git
    /// itself can't tell them apart: then this is a guess, and `rename_from` is not.
    pub old_name: PatchBytes<'p>,
    /// Second name of the `diff --git` line.
    pub new_name: PatchBytes<'p>,
    /// Mode of the old file, as `0o100644`.
    pub old_mode: Option<u32>,
    /// Mode of the new file.
    pub new_mode: Option<u32>,
    /// The file appears (`new file mode`).
    pub is_new: bool,
    /// The file goes (`deleted file mode`).
    pub is_deleted: bool,
    /// `similarity index`, in percent.
    pub similarity: Option<u8>,
    /// `dissimilarity index`, in percent.
    pub dissimilarity: Option<u8>,
    /// `rename from`, without a prefix.
    pub rename_from: Option<PatchBytes<'p>>,
    /// `rename to`.
    pub rename_to: Option<PatchBytes<'p>>,
    /// `copy from`.
    pub copy_from: Option<PatchBytes<'p>>,
    /// `copy to`.
    pub copy_to: Option<PatchBytes<'p>>,
    /// The `index` line.
    pub index: Option<GitIndex<'p>>,
}

/// `index old..new mode`: abbreviated object names, and the mode if it doesn't change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitIndex<'p> {
    /// Object name of the old contents.
    pub old: PatchBytes<'p>,
    /// Object name of the new contents.
    pub new: PatchBytes<'p>,
    /// Mode of both files.
    pub mode: Option<u32>,
}

/// A hunk. `old_len` and `new_len` agree with `lines` in every parsed patch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatchHunk<'p> {
    /// First old line, from 1; for an empty range the line before it, so 0 at the top.
    pub old_start: u32,
    /// Old lines.
    pub old_len: u32,
    /// First new line, as `old_start`.
    pub new_start: u32,
    /// New lines.
    pub new_len: u32,
    /// What follows the second `@@`, without the space.
    pub section: PatchBytes<'p>,
    /// The lines.
    pub lines: Vec<PatchLine<'p>>,
}

/// A line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchLine<'p> {
    /// Its sign.
    pub kind: LineKind,
    /// Its text without the sign, with its `\n`; only a line that is marked
    /// `\ No newline at end of file` has none.
    pub text: PatchBytes<'p>,
}

/// The sign of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// On both sides.
    Context,
    /// On the old side only.
    Removed,
    /// On the new side only.
    Added,
}

impl LineKind {
    /// The byte that stands before the line.
    #[must_use]
    pub const fn sign(self) -> u8 {
        match self {
            Self::Context => b' ',
            Self::Removed => b'-',
            Self::Added => b'+',
        }
    }

    pub(crate) fn is_old(self) -> bool {
        self != Self::Added
    }

    pub(crate) fn is_new(self) -> bool {
        self != Self::Removed
    }
}

impl Patch<'_> {
    /// Copies what is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Patch<'static> {
        Patch {
            old_name: own(self.old_name),
            new_name: own(self.new_name),
            old_stamp: own(self.old_stamp),
            new_stamp: own(self.new_stamp),
            index_name: own(self.index_name),
            git: self.git.map(GitHeader::into_owned),
            is_binary: self.is_binary,
            hunks: self.hunks.into_iter().map(PatchHunk::into_owned).collect(),
        }
    }
}

impl GitHeader<'_> {
    fn into_owned(self) -> GitHeader<'static> {
        GitHeader {
            old_name: Cow::Owned(self.old_name.into_owned()),
            new_name: Cow::Owned(self.new_name.into_owned()),
            old_mode: self.old_mode,
            new_mode: self.new_mode,
            is_new: self.is_new,
            is_deleted: self.is_deleted,
            similarity: self.similarity,
            dissimilarity: self.dissimilarity,
            rename_from: own(self.rename_from),
            rename_to: own(self.rename_to),
            copy_from: own(self.copy_from),
            copy_to: own(self.copy_to),
            index: self.index.map(|index| GitIndex {
                old: Cow::Owned(index.old.into_owned()),
                new: Cow::Owned(index.new.into_owned()),
                mode: index.mode,
            }),
        }
    }
}

impl PatchHunk<'_> {
    fn into_owned(self) -> PatchHunk<'static> {
        let own_line = |line: PatchLine<'_>| PatchLine {
            kind: line.kind,
            text: Cow::Owned(line.text.into_owned()),
        };
        PatchHunk {
            old_start: self.old_start,
            old_len: self.old_len,
            new_start: self.new_start,
            new_len: self.new_len,
            section: Cow::Owned(self.section.into_owned()),
            lines: self.lines.into_iter().map(own_line).collect(),
        }
    }

    /// The ranges as they stand in the header line, for errors: numbers only.
    pub(crate) fn header(&self) -> String {
        let mut header = Vec::new();
        format::write_ranges(&mut header, self);
        header.iter().copied().map(char::from).collect()
    }
}

fn own(bytes: Option<PatchBytes<'_>>) -> Option<PatchBytes<'static>> {
    bytes.map(|bytes| Cow::Owned(bytes.into_owned()))
}
