//! The line engine: compares two texts by lines, byte by byte, in three tiers. It renders nothing.
//!
//! What the texts have in common at both ends is found on bytes. Between, [`lazy`] searches on
//! bytes as long as that is the cheaper way; otherwise [`table`] numbers the lines. Either gives
//! stretches in bytes, so lines are counted once, at the end, between the stretches.

mod ends;
pub(crate) mod index;
mod lazy;
mod slide;
mod table;

use crate::bytes::count_lines;
use crate::script::{EditScript, Match};
use crate::search::{Limits, with_ends};
use crate::tokens::Tokens;
use crate::{Algorithm, DiffError};
use ends::common_ends;
use index::Marks;

/// The difference of two texts by lines, and where the lines of its operations begin.
pub(crate) struct LineDiff {
    pub(crate) script: EditScript,
    pub(crate) old: Marks,
    pub(crate) new: Marks,
}

/// Compares two texts; `None` if they are equal.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`].
pub(crate) fn compare(
    old: &[u8],
    new: &[u8],
    algorithm: Algorithm,
    limits: &mut Limits<'_>,
) -> Result<Option<LineDiff>, DiffError> {
    Tokens::check_len(old.len())?;
    Tokens::check_len(new.len())?;
    let ends = common_ends(old, new);
    if ends.prefix as usize == old.len() && old.len() == new.len() {
        return Ok(None);
    }
    let middle = |text: &[u8]| ends.prefix as usize..text.len() - ends.suffix as usize;
    let found = search(&old[middle(old)], &new[middle(new)], algorithm, limits)?;
    let found = with_ends(&found, ends, (old.len() as u32, new.len() as u32));
    let found = slide::slide_down(&found, old, new);
    Ok(Some(numbered(&found, old, new, !limits.has_cut())))
}

/// Finds whole lines that both texts have: stretches in bytes, in order, which don't overlap.
fn search(
    old: &[u8],
    new: &[u8],
    algorithm: Algorithm,
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    if old.is_empty() || new.is_empty() {
        return Ok(Vec::new());
    }
    let found = match algorithm {
        Algorithm::Auto | Algorithm::Minimal => lazy::search(old, new, limits)?,
        // They aren't after a shortest script.
        Algorithm::Patience | Algorithm::Histogram => None,
    };
    match found {
        Some(found) => Ok(found),
        None => table::search(old, new, algorithm, limits),
    }
}

/// Counts the lines within and between stretches in bytes.
fn numbered(found: &[Match], old: &[u8], new: &[u8], is_exact: bool) -> LineDiff {
    let (mut old_marks, mut new_marks) = (Marks::new(), Marks::new());
    let mut matches = Vec::with_capacity(found.len());
    for stretch in found {
        let old_line = old_marks.push(old, stretch.old);
        let new_line = new_marks.push(new, stretch.new);
        let text = &old[stretch.old as usize..stretch.old_end() as usize];
        let len = count_lines(text);
        old_marks.push_counted(stretch.old_end(), len);
        new_marks.push_counted(stretch.new_end(), len);
        let (old, new) = (old_line, new_line);
        matches.push(Match { old, new, len });
    }
    let old_len = old_marks.push(old, old.len() as u32);
    let new_len = new_marks.push(new, new.len() as u32);
    LineDiff {
        script: EditScript::from_matches(&matches, old_len, new_len, is_exact),
        old: old_marks,
        new: new_marks,
    }
}
