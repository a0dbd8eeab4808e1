//! Which items of two arrays belong together. Numbers in, steps out: it knows no documents.

use crate::script::Match;
use crate::search::{self, Limits};
use crate::{Algorithm, DiffError};

/// What becomes of items, by their places on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Equal(usize, usize),
    /// The old item turns into the new one.
    Change(usize, usize),
    Remove(usize),
    Add(usize),
}

/// How items find each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By<'k> {
    /// Numbers of whole items. What lies between equal ones is paired in order.
    Content,
    /// Numbers of keys, unique on each side; `classes` are the numbers of the items.
    Key {
        old_classes: &'k [u32],
        new_classes: &'k [u32],
    },
}

/// The steps from one array to the other, in order.
///
/// # Errors
///
/// [`DiffError::Cancelled`].
///
/// Complexity: `O(n log n)` for items that are there once, else that of a capped Myers search.
pub(super) fn steps(
    old: &[u32],
    new: &[u32],
    by: By<'_>,
    limits: &mut Limits<'_>,
) -> Result<Vec<Step>, DiffError> {
    let mut steps = Vec::new();
    let mut at = (0, 0);
    for found in matches(old, new, limits)? {
        let (start_old, start_new) = (found.old as usize, found.new as usize);
        gap(&mut steps, at.0..start_old, at.1..start_new, by);
        for step in 0..found.len as usize {
            steps.push(matched(start_old + step, start_new + step, by));
        }
        at = (found.old_end() as usize, found.new_end() as usize);
    }
    gap(&mut steps, at.0..old.len(), at.1..new.len(), by);
    Ok(steps)
}

fn matched(old: usize, new: usize, by: By<'_>) -> Step {
    match by {
        By::Key {
            old_classes,
            new_classes,
        } if old_classes[old] != new_classes[new] => Step::Change(old, new),
        _ => Step::Equal(old, new),
    }
}

fn gap(
    steps: &mut Vec<Step>,
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
    by: By<'_>,
) {
    let pairs = match by {
        By::Content => old.len().min(new.len()),
        By::Key { .. } => 0,
    };
    steps.extend(
        old.clone()
            .zip(new.clone())
            .take(pairs)
            .map(|(old, new)| Step::Change(old, new)),
    );
    steps.extend(old.skip(pairs).map(Step::Remove));
    steps.extend(new.skip(pairs).map(Step::Add));
}

fn matches(old: &[u32], new: &[u32], limits: &mut Limits<'_>) -> Result<Vec<Match>, DiffError> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let suffix = ends.take_while(|(a, b)| a == b).count();
    let old_middle = &old_rest[..old_rest.len() - suffix];
    let new_middle = &new_rest[..new_rest.len() - suffix];
    let mut matches = vec![stretch(0, 0, prefix)];
    // One item each can't match: the ends have met there. Deep documents are made of such arrays.
    let is_settled =
        old_middle.is_empty() || new_middle.is_empty() || old_middle.len() + new_middle.len() == 2;
    if !is_settled {
        let (old_ids, new_ids) = renumbered(old_middle, new_middle);
        let found = search::search(&old_ids, &new_ids, Algorithm::Patience, limits)?;
        matches.extend(found.iter().map(|found| Match {
            old: found.old + prefix as u32,
            new: found.new + prefix as u32,
            len: found.len,
        }));
    }
    matches.push(stretch(old.len() - suffix, new.len() - suffix, suffix));
    Ok(matches)
}

fn stretch(old: usize, new: usize, len: usize) -> Match {
    Match {
        old: old as u32,
        new: new as u32,
        len: len as u32,
    }
}

/// The same numbers, made small: the search has tables as long as the greatest.
fn renumbered(old: &[u32], new: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut numbers: Vec<u32> = old.iter().chain(new).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let place = |id: &u32| numbers.binary_search(id).unwrap_or_else(|place| place) as u32;
    (
        old.iter().map(place).collect(),
        new.iter().map(place).collect(),
    )
}
