//! Three-way merges, as `git merge-file` makes them: two diffs against the common base, joined.
//! They know edit scripts and lines; how a diff is searched they don't.

mod refine;
mod regions;
mod write;

use std::ops::Range;

use crate::search::Limits;
use crate::tokens::key::KeyRule;
use crate::{CancelFlag, DiffError, DiffOptions, Granularity, TextDiff, Tokens};
use regions::{Kind, Region};

/// The three texts of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions<'t> {
    /// The text that both sides began with.
    pub base: &'t [u8],
    /// The side whose unchanged lines are taken, should the two differ in what is ignored.
    pub ours: &'t [u8],
    /// The other side.
    pub theirs: &'t [u8],
}

/// How a conflict is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ConflictStyle {
    /// Both sides. Lines that the two have in common are taken out of the conflict, which may split
    /// it; conflicts with at most three lines between them, or none that holds an ASCII letter or
    /// digit, become one.
    #[default]
    Merge,
    /// Both sides, and the base between them, in one piece.
    Diff3,
    /// As [`ConflictStyle::Diff3`], without the lines that both sides begin and end with.
    Zdiff3,
}

/// What stands behind the markers. An empty label leaves the marker alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels<'n> {
    /// Behind `|||||||`.
    pub base: &'n [u8],
    /// Behind `<<<<<<<`.
    pub ours: &'n [u8],
    /// Behind `>>>>>>>`.
    pub theirs: &'n [u8],
}

impl Default for Labels<'_> {
    fn default() -> Self {
        Self {
            base: b"base",
            ours: b"ours",
            theirs: b"theirs",
        }
    }
}

/// How a merge is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeOptions<'n> {
    /// How a conflict is written. Default: [`ConflictStyle::Merge`].
    pub style: ConflictStyle,
    /// What stands behind the markers; must not hold line ends. Default: `base`, `ours`, `theirs`.
    pub labels: Labels<'n>,
}

/// A place where both sides changed the base, each in its own way. All numbers are lines from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Lines of the base; those of the whole conflict where [`ConflictStyle::Merge`] split it.
    pub base: Range<u32>,
    /// Lines of our side.
    pub ours: Range<u32>,
    /// Lines of their side.
    pub theirs: Range<u32>,
    /// Lines of the merged text, markers included.
    pub merged: Range<u64>,
}

/// A merged text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The text; conflicts stand between markers.
    pub text: Vec<u8>,
    /// The conflicts, from top to bottom.
    pub conflicts: Vec<Conflict>,
    /// `false` if a limit ended a search: the merge is valid, but may have more or larger conflicts
    /// than it had to.
    pub is_exact: bool,
}

/// Merges the changes that led from the base to ours and to theirs.
///
/// Changes conflict when they overlap or touch, unless they are identical: `git merge-file` asks
/// for an unchanged line between them, too. Lines that compare equal under `diff_options` are
/// unchanged, and our version of them is taken.
///
/// Complexity: that of two diffs, and of the diffs between the two sides of each conflict. The
/// deadline and the step limit are those of all of them together.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`].
///
/// Source: `xdiff/xmerge.c` of git 2.47.
///
/// # Example
///
/// ```
/// use sealdiff_diff::{CancelFlag, DiffOptions, MergeOptions, Versions, merge};
///
/// let versions = Versions { base: b"1\n2\n3\n", ours: b"one\n2\n3\n", theirs: b"1\n2\nthree\n" };
/// let options = (DiffOptions::default(), MergeOptions::default());
/// let merge = merge(versions, &options.0, &options.1, &CancelFlag::new())?;
/// assert_eq!((&merge.text[..], merge.conflicts.len()), (&b"one\n2\nthree\n"[..], 0));
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn merge(
    versions: Versions<'_>,
    diff_options: &DiffOptions,
    options: &MergeOptions<'_>,
    cancel: &CancelFlag,
) -> Result<Merge, DiffError> {
    let mut search = Search {
        options: diff_options,
        limits: Limits::of(diff_options, cancel),
    };
    let ours = search.diff(versions.base, versions.ours)?;
    let theirs = search.diff(versions.base, versions.theirs)?;
    let sides = Sides {
        base: Lines(versions.base, ours.old_tokens()),
        ours: Lines(versions.ours, ours.new_tokens()),
        theirs: Lines(versions.theirs, theirs.new_tokens()),
        rule: KeyRule::new(diff_options),
    };
    let regions = regions::join(&sides, ours.script(), theirs.script());
    let regions = match options.style {
        ConflictStyle::Merge => refine::split(&sides, regions, &mut search)?,
        ConflictStyle::Diff3 => regions,
        ConflictStyle::Zdiff3 => refine::trim(&sides, regions),
    };
    let (text, conflicts) = write::write(&sides, &regions, options);
    Ok(Merge {
        text,
        conflicts,
        is_exact: !search.limits.has_cut(),
    })
}

/// The diffs of one merge and their common limits.
struct Search<'o, 'c> {
    options: &'o DiffOptions,
    limits: Limits<'c>,
}

impl Search<'_, '_> {
    fn diff(&mut self, old: &[u8], new: &[u8]) -> Result<TextDiff, DiffError> {
        TextDiff::compute_within(old, new, Granularity::Lines, self.options, &mut self.limits)
    }
}

/// A text by lines.
#[derive(Clone, Copy)]
struct Lines<'t>(&'t [u8], &'t Tokens);

impl<'t> Lines<'t> {
    fn len(self) -> u32 {
        self.1.len()
    }

    fn get(self, line: u32) -> &'t [u8] {
        self.1.get(self.0, line)
    }

    fn bytes(self, lines: &Range<u32>) -> &'t [u8] {
        &self.0[self.1.bytes(lines.start, lines.end - lines.start)]
    }
}

/// The three texts by lines, and when two lines are the same.
struct Sides<'t> {
    base: Lines<'t>,
    ours: Lines<'t>,
    theirs: Lines<'t>,
    rule: KeyRule,
}

impl Sides<'_> {
    /// Says whether a line of ours and one of theirs are the same.
    fn is_same(&self, ours: u32, theirs: u32) -> bool {
        self.rule
            .is_same(self.ours.get(ours), self.theirs.get(theirs))
    }

    /// Says whether lines of ours and of theirs are the same.
    fn are_same(&self, ours: &Range<u32>, theirs: &Range<u32>) -> bool {
        ours.len() == theirs.len()
            && ours
                .clone()
                .zip(theirs.clone())
                .all(|(ours, theirs)| self.is_same(ours, theirs))
    }
}
