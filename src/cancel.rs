//! Cancellation by number: every abortable call has one, and `lib/` names it when its signal
//! fires. napi's own AbortSignal only cancels tasks that haven't begun.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use napi::Env;
use napi_derive::napi;
use sealdiff_diff::CancelFlag;
use tokio::sync::Notify;

use crate::error::finish;
use crate::guard::{guard, guard_drop};

/// Shared by the JavaScript thread, which cancels, and the work, which notices.
#[derive(Default)]
pub(crate) struct Cancellation {
    /// Polled by work on a processor.
    pub(crate) flag: CancelFlag,
    wake: Notify,
}

impl Cancellation {
    /// Ends when the call is cancelled.
    pub(crate) async fn cancelled(&self) {
        // One call waits, so that the permit of `notify_one` can't be lost.
        self.wake.notified().await;
    }

    fn cancel(&self) {
        self.flag.cancel();
        self.wake.notify_one();
    }
}

/// The running calls of a thread.
#[derive(Default)]
struct Running {
    /// Those that a signal can cancel.
    by_id: HashMap<u32, Arc<Cancellation>>,
    /// All of them, and some that have settled.
    all: Vec<Weak<Cancellation>>,
    last_id: u32,
}

impl Running {
    fn add(&mut self, cancellation: &Arc<Cancellation>) {
        if self.all.len() == self.all.capacity() {
            self.all.retain(|call| call.strong_count() > 0);
            // Room for as many again, so that looking for settled ones costs little per call.
            self.all.reserve(self.all.len() + 1);
        }
        self.all.push(Arc::downgrade(cancellation));
    }

    fn next_id(&mut self) -> u32 {
        loop {
            self.last_id = self.last_id.wrapping_add(1);
            if self.last_id != NONE && !self.by_id.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }
}

impl Drop for Running {
    /// The thread ends, perhaps a worker that was terminated: nobody waits for its calls, and a
    /// search without limits would keep a processor for ever.
    fn drop(&mut self) {
        guard_drop(|| {
            for call in self.all.iter().filter_map(Weak::upgrade) {
                call.cancel();
            }
        });
    }
}

thread_local! {
    static RUNNING: RefCell<Running> = RefCell::default();
}

/// The number under which no call is registered.
const NONE: u32 = 0;

/// Registers the call that `lib/` numbered `id`; 0 is a call without a signal.
pub(crate) fn begin(id: u32) -> Arc<Cancellation> {
    let cancellation = Arc::<Cancellation>::default();
    RUNNING.with_borrow_mut(|running| {
        running.add(&cancellation);
        if id != NONE {
            running.by_id.insert(id, Arc::clone(&cancellation));
        }
    });
    cancellation
}

/// Forgets the call: it has settled.
pub(crate) fn end(id: u32) {
    if id != NONE {
        RUNNING.with_borrow_mut(|running| running.by_id.remove(&id));
    }
}

/// A number for a call that can be cancelled, given out here because several copies of `lib/` may
/// share a thread (a test runner's module registries).
#[napi(catch_unwind)]
pub(crate) fn new_cancel_id(env: &Env) -> napi::Result<u32> {
    finish(env, guard(|| Ok(RUNNING.with_borrow_mut(Running::next_id))))
}

/// Cancels the running call of that number on this thread; a settled one is past it.
#[napi(catch_unwind)]
pub(crate) fn cancel(id: u32) {
    guard_drop(|| {
        if let Some(cancellation) = RUNNING.with_borrow(|running| running.by_id.get(&id).cloned()) {
            cancellation.cancel();
        }
    });
}
