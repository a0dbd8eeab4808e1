//! Leaves out tokens that only one side has before the search: no common subsequence can use
//! them, so a minimal script stays minimal.
//!
//! Linear time and space; the numbers must be small, since tables are as long as the greatest of them.

use super::area::Region;
use super::capped;
use super::limits::Limits;
use super::push_match;
use crate::DiffError;
use crate::script::Match;

/// How what is left is searched.
type Search<'f, 'c> = &'f dyn Fn(&[u32], &[u32], &mut Limits<'c>) -> Result<Vec<Match>, DiffError>;

/// Searches among the tokens that both sides have.
pub(super) fn search<'c>(
    old: &[u32],
    new: &[u32],
    search: Search<'_, 'c>,
    limits: &mut Limits<'c>,
) -> Result<Vec<Match>, DiffError> {
    let sides = sides(old, new);
    let (old_kept, new_kept) = (kept(old, &sides), kept(new, &sides));
    if old_kept.len() == old.len() && new_kept.len() == new.len() {
        return search(old, new, limits);
    }
    let pick = |side: &[u32], kept: &[u32]| kept.iter().map(|&i| side[i as usize]).collect();
    let (old_ids, new_ids): (Vec<u32>, Vec<u32>) = (pick(old, &old_kept), pick(new, &new_kept));
    let found = search(&old_ids, &new_ids, limits)?;
    Ok(restore(&found, &old_kept, &new_kept))
}

/// Tokens up to which a region is searched as it is: tables would cost more than they save.
const FEW: u64 = 32;

/// Searches one region of `sides`, with the cap, and appends what it finds.
pub(super) fn search_region(
    sides: (&[u32], &[u32]),
    region: &Region,
    matches: &mut Vec<Match>,
    limits: &mut Limits<'_>,
) -> Result<(), DiffError> {
    if region.is_one_sided() {
        return Ok(());
    }
    let (old, new) = (&sides.0[region.old.clone()], &sides.1[region.new.clone()]);
    let found = if region.len() <= FEW {
        capped::search(old, new, limits)?
    } else {
        let (old, new) = renumbered(old, new);
        search(&old, &new, &capped::search, limits)?
    };
    for Match { old, new, len } in found {
        let old = old + region.old.start as u32;
        let new = new + region.new.start as u32;
        push_match(matches, Match { old, new, len });
    }
    Ok(())
}

/// The same with small numbers: tables as long as the greatest number would be quadratic in the
/// number of regions.
fn renumbered(old: &[u32], new: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut numbers: Vec<u32> = old.iter().chain(new).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let renumber = |side: &[u32]| -> Vec<u32> {
        // Every number is in the list, so both arms of the result are its place.
        let place = |id: &u32| numbers.binary_search(id).unwrap_or_else(|place| place) as u32;
        side.iter().map(place).collect()
    };
    (renumber(old), renumber(new))
}

/// On which sides a number occurs.
const OLD: u8 = 1;
const NEW: u8 = 2;

fn sides(old: &[u32], new: &[u32]) -> Vec<u8> {
    let greatest = |ids: &[u32]| ids.iter().max().map_or(0, |&max| max as usize);
    let mut sides = vec![0; greatest(old).max(greatest(new)) + 1];
    old.iter().for_each(|&id| sides[id as usize] |= OLD);
    new.iter().for_each(|&id| sides[id as usize] |= NEW);
    sides
}

/// The indices of the tokens that both sides have.
fn kept(ids: &[u32], sides: &[u8]) -> Vec<u32> {
    let mut kept = Vec::with_capacity(ids.len());
    let common = (0..)
        .zip(ids)
        .filter(|&(_, &id)| sides[id as usize] == OLD | NEW);
    kept.extend(common.map(|(index, _): (u32, _)| index));
    kept
}

/// Finds the tokens of `found` among all.
fn restore(found: &[Match], old_kept: &[u32], new_kept: &[u32]) -> Vec<Match> {
    let mut matches = Vec::with_capacity(found.len());
    for stretch in found {
        let old = &old_kept[stretch.old as usize..stretch.old_end() as usize];
        let new = &new_kept[stretch.new as usize..stretch.new_end() as usize];
        let mut rest = old.iter().copied().zip(new.iter().copied()).peekable();
        while let Some((old, new)) = rest.next() {
            let mut len = 1;
            while rest.next_if_eq(&(old + len, new + len)).is_some() {
                len += 1;
            }
            push_match(&mut matches, Match { old, new, len });
        }
    }
    matches
}
