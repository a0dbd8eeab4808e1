//! The search by numbers: lines are found, numbered and given to [`crate::search`]. The tables are
//! gone before anything is rendered.

use crate::script::Match;
use crate::search::{self, Limits};
use crate::tokens::Tokens;
use crate::tokens::intern::{Interner, Part};
use crate::{Algorithm, DiffError, Granularity};

/// Finds whole lines that both texts have, as stretches in bytes, and the lines of both texts.
/// Linear, and then what the algorithm takes; eight bytes a line, and some twenty for each old one
/// while numbers are given.
pub(super) fn search(
    old: &[u8],
    new: &[u8],
    algorithm: Algorithm,
    limits: &mut Limits<'_>,
) -> Result<(Vec<Match>, [Tokens; 2]), DiffError> {
    limits.poll_flag()?;
    let old_lines = Tokens::split(old, Granularity::Lines)?;
    let new_lines = Tokens::split(new, Granularity::Lines)?;
    let interner = Interner::new(whole(old, &old_lines), old_lines.len());
    limits.poll_flag()?;
    let new_ids = interner.find(&whole(new, &new_lines));
    let old_ids = interner.into_ids();
    let mut found = search::search(&old_ids, &new_ids, algorithm, limits)?;
    for stretch in &mut found {
        let bytes = old_lines.bytes(stretch.old, stretch.len);
        *stretch = Match {
            old: bytes.start as u32,
            new: new_lines.bytes(stretch.new, 0).start as u32,
            len: bytes.len() as u32,
        };
    }
    Ok((found, [old_lines, new_lines]))
}

fn whole<'t>(text: &'t [u8], tokens: &'t Tokens) -> Part<'t> {
    let range = 0..tokens.len();
    Part {
        text,
        tokens,
        range,
    }
}
