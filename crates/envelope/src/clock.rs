//! Time as the core sees it: wall-clock seconds for expiry, monotonic time for ages.
//! The only place that reads the system's clocks.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds in one unit of a key's `created`: new keys are created at full minutes.
pub const CREATED_PRECISION_SECONDS: u32 = 60;

/// A point in time, in whole seconds since 1970-01-01 UTC.
///
/// **Range**: 0 to 2³²−1 (the year 2106), which is what a sealed record can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u32);

impl Timestamp {
    /// Makes a timestamp from seconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn unix_seconds(self) -> u32 {
        self.0
    }

    /// The same minute's first second: the precision of a key's `created`.
    #[must_use]
    pub const fn floor_to_minute(self) -> Self {
        Self(self.0 - self.0 % CREATED_PRECISION_SECONDS)
    }

    /// This time plus `duration`, cut to whole seconds; the last representable second on overflow.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let seconds = u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the core takes the time from; tests inject one that they move.
pub trait Clock: Send + Sync + 'static {
    /// The wall-clock time: decides expiry and a new key's `created`. It may jump.
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary fixed origin, never going back: decides the age of cached keys.
    fn monotonic(&self) -> Duration;
}

/// The system's clocks.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic origin is now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clocks"
    )]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clocks"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 reads as 1970: every key then looks newer than now, which the
        // check for keys from the future reports by name.
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        Timestamp(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// How old something in memory is, by the system's monotonic clock: what a factory's [`Clock`] says
/// is no matter to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clocks"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// One that was started before, for tests that don't wait.
    #[cfg(test)]
    pub(crate) fn started_ago(age: Duration) -> Self {
        let started = Self::start().0.checked_sub(age);
        Self(started.expect("the machine has been up for longer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_to_the_minute() {
        assert_eq!(Timestamp(119).floor_to_minute(), Timestamp(60));
        assert_eq!(Timestamp(120).floor_to_minute(), Timestamp(120));
    }

    #[test]
    fn addition_stops_at_the_last_representable_second() {
        let end = Timestamp(u32::MAX);
        assert_eq!(end.saturating_add(Duration::from_secs(1)), end);
        assert_eq!(
            Timestamp(1).saturating_add(Duration::from_secs(u64::MAX)),
            end
        );
    }
}
