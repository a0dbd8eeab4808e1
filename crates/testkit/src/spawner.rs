//! Background work that runs when a test says so.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use sealdiff_envelope::Spawner;

/// Keeps background work in a queue. Timers ring when a test says so.
#[derive(Default)]
pub struct QueuedSpawner {
    queue: Mutex<Vec<BoxFuture<'static, ()>>>,
    timers_ring: Arc<AtomicBool>,
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

    /// Every timer rings when its owner looks at it again, those set later at once.
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
        let rings = Arc::clone(&self.timers_ring);
        poll_fn(move |_| match rings.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .boxed()
    }
}
