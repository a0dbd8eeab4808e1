//! CPU time of the calling thread, and medians of it. Every contender runs on one thread.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Time that one measurement should take at least: below it the clock's own cost shows.
const LEAST: Duration = Duration::from_millis(10);

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// CPU time of one call of `run`.
pub fn time_once(run: &dyn Fn() -> usize) -> Duration {
    let start = cpu_time();
    std::hint::black_box(run());
    cpu_time() - start
}

/// Medians of `rounds` interleaved rounds, a median for each of `runs`; calls that are short are
/// repeated within a round.
pub fn medians(runs: &[&dyn Fn() -> usize], rounds: usize) -> Vec<Duration> {
    let counts: Vec<u32> = runs.iter().map(|run| repeats(time_once(run))).collect();
    let mut times = vec![Vec::with_capacity(rounds); runs.len()];
    for _ in 0..rounds {
        for (index, run) in runs.iter().enumerate() {
            let start = cpu_time();
            (0..counts[index]).for_each(|_| _ = std::hint::black_box(run()));
            times[index].push((cpu_time() - start) / counts[index]);
        }
    }
    times.into_iter().map(median).collect()
}

fn repeats(once: Duration) -> u32 {
    (LEAST.as_nanos() / once.as_nanos().max(1)).clamp(1, 1_000) as u32
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
