//! Histogram: the search of the crate `similar`, which anchors on the least frequent tokens.
//!
//! `similar` looks at the deadline itself; the flag can be polled only when it reports a stretch,
//! so a cancellation may wait until then. Steps aren't counted.

use similar::algorithms::{DiffHook, histogram};

use super::limits::Limits;
use super::push_match;
use crate::script::Match;
use crate::{CancelFlag, DiffError};

pub(super) fn search(
    old: &[u32],
    new: &[u32],
    limits: &mut Limits<'_>,
) -> Result<Vec<Match>, DiffError> {
    let mut collect = Collect {
        matches: Vec::new(),
        cancel: limits.cancel(),
    };
    let (all_old, all_new) = (0..old.len(), 0..new.len());
    histogram::diff_deadline(&mut collect, old, all_old, new, all_new, limits.deadline())?;
    // `similar` doesn't say whether the deadline cut it short, but it can't have before it passed.
    limits.poll()?;
    Ok(collect.matches)
}

/// Keeps the equal stretches that `similar` reports.
struct Collect<'c> {
    matches: Vec<Match>,
    cancel: &'c CancelFlag,
}

impl Collect<'_> {
    fn poll(&self) -> Result<(), DiffError> {
        if self.cancel.is_cancelled() {
            Err(DiffError::Cancelled)
        } else {
            Ok(())
        }
    }
}

impl DiffHook for Collect<'_> {
    type Error = DiffError;

    fn equal(&mut self, old: usize, new: usize, len: usize) -> Result<(), DiffError> {
        let found = Match {
            old: old as u32,
            new: new as u32,
            len: len as u32,
        };
        push_match(&mut self.matches, found);
        self.poll()
    }

    fn delete(&mut self, _old: usize, _len: usize, _new: usize) -> Result<(), DiffError> {
        self.poll()
    }

    fn insert(&mut self, _old: usize, _new: usize, _len: usize) -> Result<(), DiffError> {
        self.poll()
    }
}
