//! The runtime behind the cores: background work and timers on napi's tokio runtime.

use std::time::Duration;

use sealdiff_envelope::{BoxFuture, Spawner};

use crate::guard::guard_drop;

/// Runs the envelope core's background work.
pub(crate) struct TokioSpawner;

impl Spawner for TokioSpawner {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        spawn(work);
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Starts work that nobody waits for. At process exit the runtime may be gone already: the work is
/// then dropped, and with it nothing that outlives the process.
pub(crate) fn spawn(work: BoxFuture<'static, ()>) {
    guard_drop(|| {
        napi::bindgen_prelude::spawn(work);
    });
}
