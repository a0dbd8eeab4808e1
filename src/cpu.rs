//! Work on a processor, off the JavaScript thread: never more of it at once than processors.

use std::num::NonZeroUsize;
use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::Failure;
use crate::guard::guard;

static PROCESSORS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZeroUsize::get)));

/// Runs `work` on a thread of its own as soon as a processor is free. Dropped before it has begun,
/// it never begins.
pub(crate) async fn on_processor<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let permit = PROCESSORS
        .acquire()
        .await
        .map_err(|_closed| Failure::Internal)?;
    // The permit goes along: work whose caller has left still occupies its processor.
    let task = spawn_blocking(move || {
        let _permit = permit;
        guard(work)
    });
    task.await.map_err(|_cancelled| Failure::Internal)?
}
