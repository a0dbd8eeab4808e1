//! No panic ends the process: every export body, callback, drop and finalizer runs in here.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use crate::error::Failure;

/// Runs `body`; a panic becomes [`Failure::Internal`], whose message is fixed, because the
/// payload of a panic may hold plaintext.
pub(crate) fn guard<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        forget(payload);
        Err(Failure::Internal)
    })
}

/// Runs `body`, a drop or a finalizer, which has nobody to report to.
pub(crate) fn guard_drop(body: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        forget(payload);
    }
}

/// The default hook prints the payload to standard error; this one tells only where it happened.
/// It concerns the Rust code of this addon alone.
pub(crate) fn silence_panics() {
    set_hook(Box::new(|panic| {
        let location = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(location, "a panic was caught");
    }));
}

/// A payload whose own drop panics must not undo the catch.
fn forget(payload: Box<dyn std::any::Any + Send>) {
    std::mem::forget(payload);
}
