//! Lets operations in until it is closed, and waits for those inside.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use crate::error::EnvelopeError;

/// Counts the operations of a factory that wait for I/O or other threads.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Beside the lock, so that calls that never wait touch nothing that others write.
    is_closed: AtomicBool,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    operations: usize,
    waiting_for_none: Vec<Waker>,
}

/// An operation under way: while it lives, closing its factory waits.
#[derive(Debug)]
pub struct Operation(Arc<Gate>);

impl Gate {
    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub(crate) fn check_open(&self) -> Result<(), EnvelopeError> {
        if self.is_closed.load(Ordering::Acquire) {
            Err(EnvelopeError::Closed)
        } else {
            Ok(())
        }
    }

    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Operation, EnvelopeError> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: whoever enters before `close` takes it is waited for.
        self.check_open()?;
        inside.operations += 1;
        Ok(Operation(Arc::clone(self)))
    }

    /// Lets nobody in any more.
    pub(crate) fn close(&self) {
        let _inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_closed.store(true, Ordering::Release);
    }

    /// Ends when no operation is inside.
    pub(crate) async fn drained(&self) {
        poll_fn(|context| {
            let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
            if inside.operations == 0 {
                return Poll::Ready(());
            }
            inside.waiting_for_none.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.operations -= 1;
        if inside.operations == 0 {
            let waiting = std::mem::take(&mut inside.waiting_for_none);
            drop(inside);
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn closing_waits_for_those_inside_and_lets_nobody_in() {
        let gate = Arc::new(Gate::default());
        let operation = gate.enter().unwrap();
        gate.close();
        assert!(matches!(gate.enter(), Err(EnvelopeError::Closed)));
        assert!(gate.drained().now_or_never().is_none());
        drop(operation);
        assert!(gate.drained().now_or_never().is_some());
    }
}
