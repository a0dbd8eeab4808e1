//! Makes conflicts smaller by what the two sides have in common, and joins those that are too close
//! to be read apart. Writes nothing.

use std::ops::Range;

use super::{Lines, Region, Search, Sides};
use crate::{DiffError, EditTag};

/// At most so many lines between two conflicts make them one.
const MAX_LINES_BETWEEN: u32 = 3;

/// Takes the lines that both sides have out of the conflicts, then joins conflicts that are close.
///
/// # Errors
///
/// As [`TextDiff::compute`](crate::TextDiff::compute).
pub(super) fn split(
    sides: &Sides<'_>,
    regions: Vec<Region>,
    search: &mut Search<'_, '_>,
) -> Result<Vec<Region>, DiffError> {
    let mut split = Vec::with_capacity(regions.len());
    for region in regions {
        if region.is_conflict() && !region.ours.is_empty() && !region.theirs.is_empty() {
            split_one(sides, &region, search, &mut split)?;
        } else {
            split.push(region);
        }
    }
    Ok(join_close(sides.ours, split))
}

/// Puts what the two sides of a conflict differ in into `split`; nothing, if they are the same.
fn split_one(
    sides: &Sides<'_>,
    region: &Region,
    search: &mut Search<'_, '_>,
    split: &mut Vec<Region>,
) -> Result<(), DiffError> {
    let ours = sides.ours.bytes(&region.ours);
    let diff = search.diff(ours, sides.theirs.bytes(&region.theirs))?;
    let mut is_open = false;
    for op in diff.script().ops() {
        if op.tag == EditTag::Equal {
            is_open = false;
            continue;
        }
        let piece = Region {
            ours: within(&region.ours, op.old_start, op.old_len),
            theirs: within(&region.theirs, op.new_start, op.new_len),
            ..region.clone()
        };
        match split.last_mut() {
            Some(last) if is_open => last.extend(&piece),
            _ => split.push(piece),
        }
        is_open = true;
    }
    Ok(())
}

fn within(range: &Range<u32>, start: u32, len: u32) -> Range<u32> {
    range.start + start..range.start + start + len
}

fn join_close(ours: Lines<'_>, regions: Vec<Region>) -> Vec<Region> {
    let mut joined: Vec<Region> = Vec::with_capacity(regions.len());
    for region in regions {
        match joined.last_mut() {
            Some(last) if are_close(ours, last, &region) => last.extend(&region),
            _ => joined.push(region),
        }
    }
    joined
}

fn are_close(ours: Lines<'_>, one: &Region, next: &Region) -> bool {
    let between = one.ours.end..next.ours.start;
    one.is_conflict()
        && next.is_conflict()
        && (between.len() <= MAX_LINES_BETWEEN as usize
            || !ours.bytes(&between).iter().any(u8::is_ascii_alphanumeric))
}

/// Takes the lines that both sides begin and end with out of the conflicts.
pub(super) fn trim(sides: &Sides<'_>, mut regions: Vec<Region>) -> Vec<Region> {
    for region in regions.iter_mut().filter(|region| region.is_conflict()) {
        trim_one(sides, region);
    }
    regions
}

fn trim_one(sides: &Sides<'_>, Region { ours, theirs, .. }: &mut Region) {
    let is_open = |ours: &Range<u32>, theirs: &Range<u32>| !ours.is_empty() && !theirs.is_empty();
    while is_open(ours, theirs) && sides.is_same(ours.start, theirs.start) {
        ours.start += 1;
        theirs.start += 1;
    }
    while is_open(ours, theirs) && sides.is_same(ours.end - 1, theirs.end - 1) {
        ours.end -= 1;
        theirs.end -= 1;
    }
}
