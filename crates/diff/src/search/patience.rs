//! Patience: tokens that occur once on each side anchor the script, Myers fills the gaps.
//!
//! Time `O(N + U log U)` for U unique tokens, plus the gaps; space `O(N)`.
//!
//! Source: Bram Cohen, "Patience Diff Advantages" (bramcohen.livejournal.com/73318.html); longest
//! increasing subsequence by patience sorting after Fredman, Discrete Mathematics 11 (1975).

use super::area::Region;
use super::limits::Limits;
use super::{push_match, reduce};
use crate::DiffError;
use crate::script::Match;

/// Marks a token that doesn't occur, and one that occurs more than once.
const ABSENT: u32 = u32::MAX;
const REPEATED: u32 = u32::MAX - 1;

/// Anchors, widened by their equal neighbours, then the gaps between them.
pub(super) fn search(
    old: &[u32],
    new: &[u32],
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    let mut matches = Vec::new();
    let mut at = (0usize, 0usize);
    for (anchor_old, anchor_new) in anchors(old, new) {
        let anchor = (anchor_old as usize, anchor_new as usize);
        // An earlier anchor's stretch may have swallowed this one.
        if anchor.0 < at.0 {
            continue;
        }
        let gap = Region {
            old: at.0..anchor.0,
            new: at.1..anchor.1,
        };
        reduce::search_region((old, new), &gap, &mut matches, limits)?;
        let len = common(&old[anchor.0..], &new[anchor.1..]);
        push_match(
            &mut matches,
            Match {
                old: anchor_old,
                new: anchor_new,
                len: len as u32,
            },
        );
        at = (anchor.0 + len, anchor.1 + len);
    }
    let gap = Region {
        old: at.0..old.len(),
        new: at.1..new.len(),
    };
    reduce::search_region((old, new), &gap, &mut matches, limits)?;
    Ok(matches)
}

fn common(old: &[u32], new: &[u32]) -> usize {
    old.iter().zip(new).take_while(|(a, b)| a == b).count()
}

/// The longest chain of tokens, unique on both sides, that are in the same order on both.
fn anchors(old: &[u32], new: &[u32]) -> Vec<(u32, u32)> {
    let places = unique_places(old, new);
    let pairs: Vec<(u32, u32)> = (0u32..)
        .zip(old)
        .filter_map(|(at, &id)| {
            let (in_old, in_new) = places[id as usize];
            (in_old == at && in_new < REPEATED).then_some((at, in_new))
        })
        .collect();
    longest_increasing(&pairs)
}

/// For each number, its only place on either side.
fn unique_places(old: &[u32], new: &[u32]) -> Vec<(u32, u32)> {
    let len = old
        .iter()
        .chain(new)
        .max()
        .map_or(0, |&max| max as usize + 1);
    let mut places = vec![(ABSENT, ABSENT); len];
    let note = |place: &mut u32, at: u32| *place = if *place == ABSENT { at } else { REPEATED };
    for (at, &id) in (0u32..).zip(old) {
        note(&mut places[id as usize].0, at);
    }
    for (at, &id) in (0u32..).zip(new) {
        note(&mut places[id as usize].1, at);
    }
    places
}

/// Patience sorting on the second number; the first is in order already.
fn longest_increasing(pairs: &[(u32, u32)]) -> Vec<(u32, u32)> {
    // `piles[n]` ends a chain of n + 1 pairs with the least second number, which stands before the
    // index of the pair.
    let mut piles: Vec<(u32, u32)> = Vec::new();
    let mut before: Vec<u32> = Vec::with_capacity(pairs.len());
    for (index, &(_, new)) in (0..).zip(pairs) {
        // Most tokens are in order: they need no search.
        let pile = match piles.last() {
            Some(&(top, _)) if top > new => piles.partition_point(|&(top, _)| top < new),
            _ => piles.len(),
        };
        before.push(pile.checked_sub(1).map_or(ABSENT, |left| piles[left].1));
        match piles.get_mut(pile) {
            Some(top) => *top = (new, index),
            None => piles.push((new, index)),
        }
    }
    let mut chain = Vec::with_capacity(piles.len());
    let mut next = piles.last().map_or(ABSENT, |&(_, index)| index);
    while next != ABSENT {
        chain.push(pairs[next as usize]);
        next = before[next as usize];
    }
    chain.reverse();
    chain
}
