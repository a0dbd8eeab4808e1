//! What happens inside, told to the JavaScript threads that listen: one event per call of a
//! metastore or KMS, and log lines. Knows no metastore, KMS or session, and no event of a library.

mod event;
mod listener;
mod subscriber;

use napi::Env;
use napi::bindgen_prelude::Function;
use napi_derive::napi;

use crate::error::finish;
use crate::guard::guard;
pub(crate) use event::Event;
pub(crate) use listener::dropped;

/// Says which channels this thread listens to, one bit each in the order of [`event::Channel`].
/// `deliver` is called, later and on this thread, whenever there are events to take; it must not throw.
#[napi(catch_unwind)]
pub(crate) fn listen(env: &Env, channels: u32, deliver: Function<'_, (), ()>) -> napi::Result<()> {
    let outcome = guard(|| {
        subscriber::install();
        listener::listen(channels, deliver)
    });
    finish(env, outcome)
}

/// The events that wait for this thread, oldest first.
#[napi(catch_unwind)]
pub(crate) fn take_events(env: &Env) -> napi::Result<Vec<Event>> {
    finish(env, guard(|| Ok(listener::take())))
}
