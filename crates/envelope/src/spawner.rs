//! What the core asks of its host's runtime: background work and timers.

use std::time::Duration;

use futures_util::future::BoxFuture;

/// Runs background work and timers; the core itself knows no runtime.
pub trait Spawner: Send + Sync + 'static {
    /// Starts `work` in the background. A host that is shutting down may drop it.
    fn spawn(&self, work: BoxFuture<'static, ()>);

    /// A future that ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}
