//! Panics on purpose, one for each place that user-visible code can run in. Only in builds with
//! the feature `fault-injection`, for `__test__/30-panics.test.mjs`; not in the generated types, which are of what ships.

use napi::Env;
use napi::bindgen_prelude::{External, Unknown};
use napi_derive::napi;

use crate::cpu::FOR_RECORDS;
use crate::error::{Failure, finish};
use crate::guard::{guard, guard_drop};
use crate::promise::{promise, undefined, unknown};
use crate::runtime;

/// What must never reach a user: a payload may hold plaintext.
const SECRET: &str = "fault injected: plaintext 4111";

const NO_SIGNAL: u32 = 0;

/// Panics in the body of an export, behind `guard`.
#[napi(catch_unwind, skip_typescript)]
pub(crate) fn fault_in_export(env: &Env) -> napi::Result<()> {
    finish(env, guard(explode))
}

/// Panics in the future of a promise.
#[napi(catch_unwind, skip_typescript)]
pub(crate) fn fault_in_future(env: &Env) -> napi::Result<Unknown<'_>> {
    let work = async { explode() };
    finish(
        env,
        guard(|| unknown(env, promise(env, NO_SIGNAL, |_| work, undefined)?)),
    )
}

/// Panics on a processor's thread.
#[napi(catch_unwind, skip_typescript)]
pub(crate) fn fault_on_processor(env: &Env) -> napi::Result<Unknown<'_>> {
    let work = FOR_RECORDS.run(explode);
    finish(
        env,
        guard(|| unknown(env, promise(env, NO_SIGNAL, |_| work, undefined)?)),
    )
}

/// Panics in the callback that settles a promise on the JavaScript thread.
#[napi(catch_unwind, skip_typescript)]
pub(crate) fn fault_in_callback(env: &Env) -> napi::Result<Unknown<'_>> {
    let work = async { Ok(()) };
    finish(
        env,
        guard(|| {
            unknown(
                env,
                promise(env, NO_SIGNAL, |_| work, exploding_settlement)?,
            )
        }),
    )
}

fn exploding_settlement<'env>(env: &'env Env, (): ()) -> Result<Unknown<'env>, Failure> {
    explode()?;
    undefined(env, ())
}

/// Panics in background work.
#[napi(catch_unwind, skip_typescript)]
pub(crate) fn fault_in_background(env: &Env) -> napi::Result<()> {
    let spawn = || {
        runtime::spawn(Box::pin(async {
            let _never = explode();
        }));
        Ok(())
    };
    finish(env, guard(spawn))
}

/// An object whose finalizer panics.
#[napi(catch_unwind, skip_typescript)]
pub(crate) fn fault_in_finalizer() -> External<ExplodingDrop> {
    External::new(ExplodingDrop)
}

/// Panics when it is dropped, behind `guard_drop` as every drop of this crate.
pub(crate) struct ExplodingDrop;

impl Drop for ExplodingDrop {
    fn drop(&mut self) {
        guard_drop(|| {
            let _never = explode();
        });
    }
}

#[expect(clippy::panic, reason = "the fault")]
fn explode() -> Result<(), Failure> {
    panic!("{SECRET}")
}
