//! The one asynchronous path of the adapter: a future in, a promise out.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, PromiseRaw, ToNapiValue, Unknown};
use napi_derive::napi;
use sealdiff_envelope::BoxFuture;
use tokio::select;

use crate::cancel::{self, Cancellation};
use crate::error::{Failure, finish};
use crate::guard::guard;

/// A promise of the next turn of the event loop, whatever timers do.
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub(crate) fn next_turn(env: &Env) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> {
    const NO_SIGNAL: u32 = 0;
    let turn = || promise(env, NO_SIGNAL, |_| async { Ok(()) }, undefined);
    finish(env, guard(turn))
}

/// Runs `work` on the runtime and gives a promise of what `into_js` makes of its value, on the
/// JavaScript thread. Cancelling drops the work.
///
/// `work` is told its cancellation, for what can't be dropped in the middle.
///
/// # Errors
/// Those of Node-API. Every failure of the work itself rejects the promise.
pub(crate) fn promise<'env, T, Work>(
    env: &'env Env,
    cancel_id: u32,
    work: impl FnOnce(Arc<Cancellation>) -> Work,
    into_js: impl for<'a> FnOnce(&'a Env, T) -> Result<Unknown<'a>, Failure> + 'static,
) -> Result<PromiseRaw<'env, Unknown<'env>>, Failure>
where
    T: Send + 'static,
    Work: Future<Output = Result<T, Failure>> + Send + 'static,
{
    promise_holding(env, cancel_id, (), work, into_js)
}

/// [`promise`], with something that is dropped after the promise has settled, so that whoever
/// waits for its drop settles later.
///
/// # Errors
/// As [`promise`].
pub(crate) fn promise_holding<'env, T, Work>(
    env: &'env Env,
    cancel_id: u32,
    held: impl Send + 'static,
    work: impl FnOnce(Arc<Cancellation>) -> Work,
    into_js: impl for<'a> FnOnce(&'a Env, T) -> Result<Unknown<'a>, Failure> + 'static,
) -> Result<PromiseRaw<'env, Unknown<'env>>, Failure>
where
    T: Send + 'static,
    Work: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let cancellation = cancel::begin(cancel_id);
    let work = work(Arc::clone(&cancellation));
    let work = async { work.await.map(|value| Box::new(value) as Value) };
    let pending = Pending {
        cancel_id,
        cancellation,
        work: Box::pin(work),
        into_js: erased(into_js),
        held: Box::new(held),
    };
    pending.spawn(env)
}

/// What some work gives, of whatever type.
type Value = Box<dyn Any + Send>;
type IntoJs = Box<dyn for<'a> FnOnce(&'a Env, Value) -> Result<Unknown<'a>, Failure>>;

fn erased<T: 'static>(
    into_js: impl for<'a> FnOnce(&'a Env, T) -> Result<Unknown<'a>, Failure> + 'static,
) -> IntoJs {
    Box::new(|env, value| {
        let value = value.downcast().map_err(|_other| Failure::Internal)?;
        into_js(env, *value)
    })
}

/// A call on its way, without its types: code for each would be half a megabyte of the addon.
struct Pending {
    cancel_id: u32,
    cancellation: Arc<Cancellation>,
    work: BoxFuture<'static, Result<Value, Failure>>,
    into_js: IntoJs,
    held: Value,
}

impl Pending {
    fn spawn(self, env: &Env) -> Result<PromiseRaw<'_, Unknown<'_>>, Failure> {
        let Self {
            cancel_id,
            cancellation,
            work,
            into_js,
            held,
        } = self;
        let cancellable = async move {
            let outcome = select! {
                biased;
                () = cancellation.cancelled() => Err(Failure::Cancelled),
                outcome = AssertUnwindSafe(work).catch_unwind() => outcome.unwrap_or(Err(Failure::Internal)),
            };
            Ok(outcome)
        };
        let settle = move |env, outcome: Result<Value, Failure>| {
            cancel::end(cancel_id);
            let settled = finish(env, guard(|| outcome.and_then(|value| into_js(env, value))));
            drop(held);
            settled
        };
        env.spawn_future_with_callback(cancellable, settle)
            .map_err(|_napi| {
                cancel::end(cancel_id);
                Failure::Internal
            })
    }
}

/// `value` as napi's untyped value.
///
/// # Errors
/// Those of Node-API.
pub(crate) fn unknown<'env, T: ToNapiValue>(
    env: &'env Env,
    value: T,
) -> Result<Unknown<'env>, Failure> {
    // SAFETY: the value is made and wrapped in the scope of one call of this environment.
    unsafe {
        let raw = T::to_napi_value(env.raw(), value)?;
        Ok(Unknown::from_napi_value(env.raw(), raw)?)
    }
}

/// For a promise of nothing.
pub(crate) fn undefined<'env>(env: &'env Env, (): ()) -> Result<Unknown<'env>, Failure> {
    unknown(env, ())
}
