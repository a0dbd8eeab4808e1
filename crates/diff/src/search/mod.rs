//! The search boundary: numbers in, matching stretches out. It knows no text and no rendering.

mod area;
mod capped;
mod frontier;
mod histogram;
mod limits;
mod myers;
mod patience;
mod reduce;
pub(crate) mod slide;

pub(crate) use limits::Limits;

use area::Effort;

use crate::script::Match;
use crate::tokens::trim::Trim;
use crate::{Algorithm, DiffError};

/// Finds what `old` and `new` have in common: stretches in order, which don't overlap.
///
/// If a limit ends the search, what was found till then is returned, and `limits` says so.
///
/// # Errors
///
/// [`DiffError::Cancelled`].
pub(crate) fn search(
    old: &[u32],
    new: &[u32],
    algorithm: Algorithm,
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    limits.poll()?;
    match algorithm {
        Algorithm::Auto => reduce::search(old, new, &search_well, limits),
        Algorithm::Minimal => reduce::search(old, new, &search_to_the_end, limits),
        Algorithm::Patience => patience::search(old, new, limits),
        Algorithm::Histogram => histogram::search(old, new, limits),
    }
}

/// A shortest script if that is soon found, otherwise one that unique tokens anchor.
fn search_well(old: &[u32], new: &[u32], limits: &mut Limits<'_>) -> Result<Vec<Match>, DiffError> {
    match myers::search_short(old, new, limits)? {
        Some(found) => Ok(found),
        None => patience::search(old, new, limits),
    }
}

fn search_to_the_end(
    old: &[u32],
    new: &[u32],
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    myers::search(old, new, Effort::Minimal, limits)
}

/// The match of a text with itself.
pub(crate) fn whole_match(len: u32) -> Match {
    Match {
        old: 0,
        new: 0,
        len,
    }
}

/// Moves matches found between two common ends to their place, and adds the ends: all in tokens,
/// or all in bytes.
pub(crate) fn with_ends(found: &[Match], ends: Trim, lens: (u32, u32)) -> Vec<Match> {
    let mut matches = Vec::with_capacity(found.len() + 2);
    push_match(&mut matches, whole_match(ends.prefix));
    for &Match { old, new, len } in found {
        push_match(
            &mut matches,
            Match {
                old: old + ends.prefix,
                new: new + ends.prefix,
                len,
            },
        );
    }
    let (old, new) = (lens.0 - ends.suffix, lens.1 - ends.suffix);
    push_match(
        &mut matches,
        Match {
            old,
            new,
            len: ends.suffix,
        },
    );
    matches
}

/// Appends a match, or lengthens the last one if it follows on directly.
pub(crate) fn push_match(matches: &mut Vec<Match>, found: Match) {
    match matches.last_mut() {
        _ if found.len == 0 => {}
        Some(last) if last.old_end() == found.old && last.new_end() == found.new => {
            last.len += found.len;
        }
        _ => matches.push(found),
    }
}
