//! When a search must end: a deadline, a number of steps, a raised flag.

use std::time::Instant;

use crate::{Algorithm, CancelFlag, DiffError, DiffOptions};

/// Steps between two looks at the clock and the flag: some tens of microseconds.
const POLL_STEPS: u64 = 1 << 15;

/// The limits of one search and what is left of them.
pub(crate) struct Limits<'c> {
    cancel: &'c CancelFlag,
    deadline: Option<Instant>,
    steps_left: u64,
    steps_to_poll: u64,
    is_over: bool,
    has_cut: bool,
}

impl<'c> Limits<'c> {
    /// The limits that `options` set; [`Algorithm::Minimal`] takes as many steps as it needs.
    pub(crate) fn of(options: &DiffOptions, cancel: &'c CancelFlag) -> Self {
        let is_minimal = options.algorithm == Algorithm::Minimal;
        let max_steps = options.max_steps.filter(|_| !is_minimal);
        Self::new(cancel, options.deadline, max_steps)
    }

    pub(crate) fn new(
        cancel: &'c CancelFlag,
        deadline: Option<Instant>,
        max_steps: Option<u64>,
    ) -> Self {
        let steps_left = max_steps.unwrap_or(u64::MAX);
        Self {
            cancel,
            deadline,
            steps_left,
            steps_to_poll: POLL_STEPS,
            is_over: false,
            has_cut: false,
        }
    }

    /// Says whether a limit was reached, of what is still to be searched: a limit that is reached
    /// when nothing is left cuts nothing. Once `true` it stays so.
    pub(crate) fn must_stop(&mut self) -> bool {
        self.has_cut |= self.is_over;
        self.is_over
    }

    /// Says whether a limit was reached, of a search that another will take over from.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Says whether something was left unsearched.
    pub(crate) fn has_cut(&self) -> bool {
        self.has_cut
    }

    /// Counts `steps` and, every so many, looks at the clock and the flag.
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), DiffError> {
        self.steps_left = self.steps_left.saturating_sub(steps);
        self.is_over |= self.steps_left == 0;
        self.steps_to_poll = self.steps_to_poll.saturating_sub(steps);
        if self.steps_to_poll == 0 {
            self.steps_to_poll = POLL_STEPS;
            self.poll()?;
        }
        Ok(())
    }

    /// Looks at the flag only: between phases that no deadline shortens.
    pub(crate) fn poll_flag(&self) -> Result<(), DiffError> {
        if self.cancel.is_cancelled() {
            Err(DiffError::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Looks at the clock and the flag now.
    pub(crate) fn poll(&mut self) -> Result<(), DiffError> {
        self.poll_flag()?;
        self.is_over |= self.deadline.is_some_and(has_passed);
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline means nothing without the clock it is of"
)]
fn has_passed(deadline: Instant) -> bool {
    Instant::now() >= deadline
}
