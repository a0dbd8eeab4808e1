//! Work on a processor, off the JavaScript thread: of each kind never more at once than processors.

use std::any::Any;
use std::num::NonZeroUsize;
use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::Failure;
use crate::guard::guard;

/// Permits for one kind of work.
pub(crate) struct Processors(LazyLock<Semaphore>);

/// For records, apart from diffs: a diff may take seconds, and a record must not wait for it.
pub(crate) static FOR_RECORDS: Processors = Processors(LazyLock::new(|| Semaphore::new(all())));
/// For diffs, whose work comes in long stretches: one processor is left to the event loop, which else
/// waits for its turn as long as the system lets them run.
pub(crate) static FOR_DIFFS: Processors =
    Processors(LazyLock::new(|| Semaphore::new((all() - 1).max(1))));

fn all() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

impl Processors {
    /// Runs `work` on a thread of its own as soon as a permit is free. Dropped before it has begun,
    /// it never begins.
    pub(crate) async fn run<T: Send + 'static>(
        &'static self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let work = || Box::new(guard(work)) as Outcome;
        let outcome = self.run_erased(Box::new(work)).await?;
        outcome
            .downcast()
            .map_or(Err(Failure::Internal), |outcome| *outcome)
    }

    /// One task for all kinds of work: one for each would take a hundred kilobytes of the addon.
    async fn run_erased(
        &'static self,
        work: Box<dyn FnOnce() -> Outcome + Send>,
    ) -> Result<Outcome, Failure> {
        let permit = self
            .0
            .acquire()
            .await
            .map_err(|_closed| Failure::Internal)?;
        // The permit goes along: work whose caller has left still occupies its processor.
        let task = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.map_err(|_cancelled| Failure::Internal)
    }
}

/// A `Result<T, Failure>` of the work's own type.
type Outcome = Box<dyn Any + Send>;
