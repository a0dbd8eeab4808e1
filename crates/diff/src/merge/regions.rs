//! The regions of a merge: what either side changed, and where the two meet. Lines as numbers; the
//! text is asked only whether changes are identical.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::Sides;
use crate::script::{EditScript, EditTag};

/// Whose lines a region takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ours,
    Theirs,
    Conflict,
}

/// A stretch that either side changed. What lies between two regions is the same on all sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) kind: Kind,
    pub(super) base: Range<u32>,
    pub(super) ours: Range<u32>,
    pub(super) theirs: Range<u32>,
}

impl Region {
    pub(super) fn is_conflict(&self) -> bool {
        self.kind == Kind::Conflict
    }

    /// Grows up to the end of `next`.
    pub(super) fn extend(&mut self, next: &Self) {
        self.base.end = next.base.end;
        self.ours.end = next.ours.end;
        self.theirs.end = next.theirs.end;
    }
}

/// Lines of the base that one side replaced.
#[derive(Debug, Clone)]
struct Change {
    base: Range<u32>,
    side: Range<u32>,
}

impl Change {
    /// Where line `base`, at or before the change and after the one before it, is on this side.
    /// In the middle of that one the result means nothing but "not after it", which is all that
    /// [`push`] asks then.
    fn before(&self, base: u32) -> u32 {
        self.side.start.saturating_sub(self.base.start - base)
    }

    /// Where line `base`, at or after the end of the change and before the next one, is on this side.
    fn after(&self, base: u32) -> u32 {
        self.side.end.saturating_add(base - self.base.end)
    }
}

type Changes = Peekable<IntoIter<Change>>;

/// Joins the changes of both sides. Linear in them.
pub(super) fn join(sides: &Sides<'_>, ours: &EditScript, theirs: &EditScript) -> Vec<Region> {
    let end = |len| Change {
        base: sides.base.len()..sides.base.len(),
        side: len..len,
    };
    let (our_end, their_end) = (end(sides.ours.len()), end(sides.theirs.len()));
    let (mut ours, mut theirs) = (changes(ours), changes(theirs));
    let mut regions = Vec::new();
    loop {
        match (ours.peek(), theirs.peek()) {
            (None, None) => return regions,
            (Some(our), their) if is_clear(our, their) => {
                push(&mut regions, only_ours(our, their.unwrap_or(&their_end)));
                ours.next();
            }
            (our, Some(their)) if is_clear(their, our) => {
                push(&mut regions, only_theirs(our.unwrap_or(&our_end), their));
                theirs.next();
            }
            (Some(our), Some(their)) => {
                if !are_identical(sides, our, their) {
                    push(&mut regions, both(our, their));
                }
                let (our_end, their_end) = (our.base.end, their.base.end);
                ours.next_if(|_| our_end <= their_end);
                theirs.next_if(|_| their_end <= our_end);
            }
            // One without the other is clear of it.
            (Some(_), None) | (None, Some(_)) => return regions,
        }
    }
}

fn changes(script: &EditScript) -> Changes {
    let mut changes: Vec<Change> = Vec::new();
    for op in script.ops().iter().filter(|op| op.tag != EditTag::Equal) {
        let (old_end, new_end) = (op.old_start + op.old_len, op.new_start + op.new_len);
        match changes.last_mut() {
            Some(last) if last.base.end == op.old_start && last.side.end == op.new_start => {
                (last.base.end, last.side.end) = (old_end, new_end);
            }
            _ => changes.push(Change {
                base: op.old_start..old_end,
                side: op.new_start..new_end,
            }),
        }
    }
    changes.into_iter().peekable()
}

/// Says whether a change ends before the other begins, with a line between them.
fn is_clear(change: &Change, other: Option<&Change>) -> bool {
    other.is_none_or(|other| change.base.end < other.base.start)
}

fn are_identical(sides: &Sides<'_>, our: &Change, their: &Change) -> bool {
    our.base == their.base && sides.are_same(&our.side, &their.side)
}

fn only_ours(our: &Change, their_next: &Change) -> Region {
    Region {
        kind: Kind::Ours,
        base: our.base.clone(),
        ours: our.side.clone(),
        theirs: their_next.before(our.base.start)..their_next.before(our.base.end),
    }
}

fn only_theirs(our_next: &Change, their: &Change) -> Region {
    Region {
        kind: Kind::Theirs,
        base: their.base.clone(),
        ours: our_next.before(their.base.start)..our_next.before(their.base.end),
        theirs: their.side.clone(),
    }
}

/// The region of two changes that meet: from where the first begins to where the last ends.
fn both(our: &Change, their: &Change) -> Region {
    let start = our.base.start.min(their.base.start);
    let end = our.base.end.max(their.base.end);
    Region {
        kind: Kind::Conflict,
        base: start..end,
        ours: our.before(start)..our.after(end),
        theirs: their.before(start)..their.after(end),
    }
}

/// Appends a region, or grows the last one if it touches it on either side.
fn push(regions: &mut Vec<Region>, next: Region) {
    match regions.last_mut() {
        Some(last) if next.ours.start <= last.ours.end || next.theirs.start <= last.theirs.end => {
            last.extend(&next);
            if last.kind != next.kind {
                last.kind = Kind::Conflict;
            }
        }
        _ => regions.push(next),
    }
}
