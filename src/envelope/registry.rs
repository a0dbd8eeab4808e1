//! The factories of the process by handle, and those of this thread by number. Off the hot path.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;
use sealdiff_envelope::{EnvelopeError, SessionFactory};

use super::sessions::SharedCounts;
use crate::error::Failure;
use crate::guard::guard_drop;
use crate::runtime;

/// A factory with the handle that other threads attach to it by.
pub(super) struct OpenFactory {
    pub(super) core: Arc<SessionFactory>,
    pub(super) handle: String,
    /// Sessions that one thread keeps at hand.
    pub(super) sessions: usize,
    pub(super) session_counts: SharedCounts,
}

/// Weak: a factory lives as long as a thread has it open or attached.
static BY_HANDLE: LazyLock<DashMap<String, Weak<OpenFactory>>> = LazyLock::new(DashMap::new);

#[derive(Default)]
struct ThreadFactories {
    by_number: HashMap<u32, Arc<OpenFactory>>,
    last_number: u32,
}

thread_local! {
    static OF_THREAD: RefCell<ThreadFactories> = RefCell::default();
}

impl OpenFactory {
    /// Makes the factory known to the process.
    pub(super) fn publish(self) -> Arc<Self> {
        let factory = Arc::new(self);
        BY_HANDLE.insert(factory.handle.clone(), Arc::downgrade(&factory));
        factory
    }
}

impl Drop for OpenFactory {
    /// The last thread has ended or let go: connections are given back on the runtime, not here.
    fn drop(&mut self) {
        guard_drop(|| {
            BY_HANDLE.remove(&self.handle);
            let core = Arc::clone(&self.core);
            runtime::spawn(Box::pin(async move { core.close().await }));
        });
    }
}

/// The factory that a handle names.
///
/// # Errors
/// [`Failure::HandleInvalid`] if it is unknown, closed or of another process.
pub(super) fn by_handle(handle: &str) -> Result<Arc<OpenFactory>, Failure> {
    BY_HANDLE
        .get(handle)
        .and_then(|factory| factory.upgrade())
        .ok_or(Failure::HandleInvalid)
}

/// From now on no thread can attach to it.
pub(super) fn unpublish(handle: &str) {
    BY_HANDLE.remove(handle);
}

/// Gives this thread a number for the factory.
pub(super) fn adopt(factory: Arc<OpenFactory>) -> u32 {
    OF_THREAD.with_borrow_mut(|of_thread| {
        of_thread.last_number += 1;
        of_thread.by_number.insert(of_thread.last_number, factory);
        of_thread.last_number
    })
}

/// The factory that this thread numbered so.
///
/// # Errors
/// [`EnvelopeError::Closed`] once this thread has released it, or its opener has closed it for all.
pub(super) fn by_number(number: u32) -> Result<Arc<OpenFactory>, Failure> {
    let factory = OF_THREAD
        .with_borrow(|of_thread| of_thread.by_number.get(&number).cloned())
        .ok_or(EnvelopeError::Closed)?;
    factory.core.check_open()?;
    Ok(factory)
}

/// This thread is done with the factory.
pub(super) fn release(number: u32) -> Option<Arc<OpenFactory>> {
    OF_THREAD.with_borrow_mut(|of_thread| of_thread.by_number.remove(&number))
}
