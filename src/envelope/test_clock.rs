//! Clocks that users' tests move: `TestClock` of `sealdiff/testing`. A factory takes one as it takes
//! the system's; nothing else knows that there are any.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use napi::Env;
use napi_derive::napi;
use sealdiff_envelope::{Clock, Timestamp};

use crate::error::{Failure, finish};
use crate::guard::guard;

/// Stands still until it is moved.
pub(super) struct TestClock(Mutex<Times>);

#[derive(Clone, Copy)]
struct Times {
    since_1970: Duration,
    monotonic: Duration,
}

thread_local! {
    /// The clocks that this thread made, by number: a few bytes each, kept until it ends.
    static CLOCKS: RefCell<Vec<Arc<TestClock>>> = RefCell::default();
}

impl TestClock {
    fn times(&self) -> Times {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, by: Duration) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.since_1970 = times.since_1970.saturating_add(by);
        times.monotonic = times.monotonic.saturating_add(by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let seconds = self.times().since_1970.as_secs();
        Timestamp::from_unix_seconds(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.times().monotonic
    }
}

/// The clock of that number.
///
/// # Errors
/// [`Failure::ArgumentValue`] on a thread that didn't make it.
pub(super) fn by_number(number: u32) -> Result<Arc<TestClock>, Failure> {
    CLOCKS
        .with_borrow(|clocks| clocks.get(number as usize).cloned())
        .ok_or(Failure::ArgumentValue {
            name: "clock",
            requirement: "must be a clock of this thread",
        })
}

/// Makes a clock that shows a time in seconds since 1970; its number on this thread.
#[napi(catch_unwind)]
pub(crate) fn new_test_clock(env: &Env, seconds: f64) -> napi::Result<u32> {
    let outcome = guard(|| {
        let times = Times {
            since_1970: duration("now", seconds)?,
            monotonic: Duration::ZERO,
        };
        CLOCKS.with_borrow_mut(|clocks| {
            let number = u32::try_from(clocks.len()).map_err(|_too_many| Failure::Internal)?;
            clocks.push(Arc::new(TestClock(Mutex::new(times))));
            Ok(number)
        })
    });
    finish(env, outcome)
}

/// Lets seconds pass, on the wall and for ages of keys; the new time in seconds since 1970.
#[napi(catch_unwind)]
pub(crate) fn advance_test_clock(env: &Env, clock: u32, seconds: f64) -> napi::Result<f64> {
    let outcome = guard(|| {
        let clock = by_number(clock)?;
        clock.advance(duration("duration", seconds)?);
        Ok(clock.times().since_1970.as_secs_f64())
    });
    finish(env, outcome)
}

fn duration(name: &'static str, seconds: f64) -> Result<Duration, Failure> {
    Duration::try_from_secs_f64(seconds).map_err(|_negative_or_huge| Failure::ArgumentValue {
        name,
        requirement: "must be a time that a clock can show",
    })
}
