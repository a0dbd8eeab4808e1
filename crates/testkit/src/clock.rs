//! A clock that stands still until a test moves it.

use std::sync::Mutex;
use std::time::Duration;

use sealdiff_envelope::{Clock, Timestamp};

/// Wall-clock and monotonic time under a test's control.
#[derive(Debug)]
pub struct FixedClock {
    times: Mutex<(Timestamp, Duration)>,
}

impl FixedClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: u32) -> Self {
        Self {
            times: Mutex::new((Timestamp::from_unix_seconds(now), Duration::ZERO)),
        }
    }

    /// Lets time pass: both times move.
    pub fn advance(&self, by: Duration) {
        let mut times = self
            .times
            .lock()
            .expect("no test panics while it holds the lock");
        times.0 = times.0.saturating_add(by);
        times.1 += by;
    }

    /// Sets the wall clock, as an operator or NTP would: monotonic time goes on.
    pub fn set_wall_clock(&self, now: u32) {
        self.times
            .lock()
            .expect("no test panics while it holds the lock")
            .0 = Timestamp::from_unix_seconds(now);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.times
            .lock()
            .expect("no test panics while it holds the lock")
            .0
    }

    fn monotonic(&self) -> Duration {
        self.times
            .lock()
            .expect("no test panics while it holds the lock")
            .1
    }
}
