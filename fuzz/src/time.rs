//! How long an operation may take for its bytes.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// 100 ms for 100 KB: what an operation may take in a release build.
const PER_BYTE: Duration = Duration::from_micros(1);

/// Fewer bytes are judged as if they were so many: tables and contexts cost the same for one byte.
const LEAST_BYTES: usize = 10_000;

/// How much slower the fuzzed build may be: its counters and checks make it three to five times slower
/// than what ships (measured with the seeds), and the machine is not ours alone.
const FACTOR: u32 = 6;

/// A measurement that is too long may be somebody else's fault; not so many in a row.
const MEASUREMENTS: usize = 3;

/// Does an operation on so many `bytes`, input and output, and gives what it gives.
///
/// # Panics
///
/// If each of three measurements of the CPU time of this thread is over the limit.
pub fn within_time<T>(operation: &str, bytes: impl Fn(&T) -> usize, perform: impl Fn() -> T) -> T {
    let mut best = Duration::MAX;
    for measurement in 1.. {
        let started = cpu_time();
        let result = perform();
        best = best.min(cpu_time() - started);
        let bytes = bytes(&result);
        let limit = PER_BYTE * bytes.max(LEAST_BYTES) as u32 * FACTOR;
        if best <= limit {
            return result;
        }
        assert!(
            measurement < MEASUREMENTS,
            "{operation} of {bytes} bytes takes {best:?}, more than {limit:?}"
        );
    }
    unreachable!("the loop ends by itself")
}

/// What this thread has used of the processor.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
