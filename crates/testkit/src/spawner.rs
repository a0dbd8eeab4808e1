//! Background work that runs when a test says so.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all, ready};
use sealdiff_envelope::Spawner;

/// Keeps background work in a queue. Timers never ring, or ring at once.
#[derive(Default)]
pub struct QueuedSpawner {
    queue: Mutex<Vec<BoxFuture<'static, ()>>>,
    timers_ring: AtomicBool,
}

impl QueuedSpawner {
    /// Runs all background work to its end; returns how much there was.
    pub async fn run_all(&self) -> usize {
        let work = std::mem::take(
            &mut *self
                .queue
                .lock()
                .expect("no test panics while it holds the lock"),
        );
        join_all(work).await.len()
    }

    /// From now on every timer rings at once.
    pub fn ring_timers(&self) {
        self.timers_ring.store(true, Ordering::Relaxed);
    }
}

impl Spawner for QueuedSpawner {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        self.queue
            .lock()
            .expect("no test panics while it holds the lock")
            .push(work);
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        if self.timers_ring.load(Ordering::Relaxed) {
            ready(()).boxed()
        } else {
            pending().boxed()
        }
    }
}
