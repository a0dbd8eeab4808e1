//! The exports behind `sealStream` and `unsealStream`. JavaScript holds the native half of a stream
//! as an object of its own: dropped half-way, it goes with it.

mod cell;
mod range;

use napi::Env;
use napi::bindgen_prelude::{External, Unknown};
use napi_derive::napi;
use sealdiff_envelope::record::StreamStart;
use sealdiff_envelope::stream::StreamSealer;
use sealdiff_envelope::{EnvelopeError, RecordKey, Session, WipedVec};

use self::cell::{NativeStream, StreamCell};
use super::session::{at_once, later, reading_key, work_on, writing_key};
use crate::bytes::{filled_buffer, owned_buffer, zeroed};
use crate::error::{Failure, finish};
use crate::guard::{guard, guard_drop};
use crate::promise::unknown;
use crate::text::Data;

/// Begins a stream that seals; `undefined` if its key has to be waited for.
#[napi(catch_unwind)]
pub(crate) fn seal_stream<'env>(
    env: &'env Env,
    session: f64,
    additional_data: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let may_wait = true;
        at_once(env, session, writing_key(may_wait), |_, key| {
            stream_to_js(env, NativeStream::Seals(StreamSealer::new(&key, &aad)?))
        })
    });
    finish(env, outcome)
}

/// Begins a stream that seals; a promise of it.
#[napi(catch_unwind)]
pub(crate) fn seal_stream_async<'env>(
    env: &'env Env,
    session: f64,
    additional_data: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let key = session.writing_key().await?;
            Ok(NativeStream::Seals(StreamSealer::new(&key, &aad)?))
        };
        later(env, session, cancel_id, work, stream_to_js)
    });
    finish(env, outcome)
}

/// Begins a stream that opens what begins with `head`, which is to be pushed first: `undefined` if
/// its key has to be waited for, `false` if more of it is needed and there is more.
#[napi(catch_unwind)]
pub(crate) fn unseal_stream<'env>(
    env: &'env Env,
    session: f64,
    head: Unknown<'env>,
    is_all: bool,
    additional_data: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let head = Data::of(env, &head, "chunk")?;
        let Some(start) = start_of(&head, is_all)? else {
            return unknown(env, false);
        };
        let key = reading_key(true, RecordKey::Sealed(start.header()));
        at_once(env, session, key, |_, key| {
            stream_to_js(env, NativeStream::opening(&key, &start, &aad)?)
        })
    });
    finish(env, outcome)
}

/// Begins a stream that opens what begins with the whole start in `head`; a promise of it.
#[napi(catch_unwind)]
pub(crate) fn unseal_stream_async<'env>(
    env: &'env Env,
    session: f64,
    head: Unknown<'env>,
    additional_data: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let head = Data::of(env, &head, "chunk")?;
        let start_len = whole_start(&head)?.len();
        let start = head[..start_len].to_vec();
        let work = |session: Session| async move {
            let start = whole_start(&start)?;
            let named = RecordKey::Sealed(start.header());
            let key = session.reading_key(named).await?;
            Ok(NativeStream::opening(&key, &start, &aad)?)
        };
        later(env, session, cancel_id, work, stream_to_js)
    });
    finish(env, outcome)
}

/// What more input completes, as a Buffer, perhaps an empty one.
#[napi(catch_unwind)]
pub(crate) fn push_stream<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "unknown")] stream: &External<StreamCell>,
    session: f64,
    chunk: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let chunk = Data::of(env, &chunk, "chunk")?;
        at_once(env, session, is_open, |_, ()| {
            stream.work(|native| {
                filled_buffer(env, native.output_len(chunk.len()), |out| {
                    Ok(native.push(&chunk, out)?)
                })
            })
        })
    });
    finish(env, outcome)
}

/// What more input completes; a promise of a Buffer, perhaps an empty one.
#[napi(catch_unwind)]
pub(crate) fn push_stream_async<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "unknown")] stream: &External<StreamCell>,
    session: f64,
    chunk: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let chunk = Data::of(env, &chunk, "chunk")?.into_owned()?;
        let stream = StreamCell::clone(stream);
        let work = |_session| {
            work_on(chunk.len(), move || {
                stream.work(|native| {
                    let mut out = WipedVec::new(zeroed(native.output_len(chunk.len()))?);
                    native.push(&chunk, &mut out)?;
                    Ok(out)
                })
            })
        };
        later(env, session, cancel_id, work, owned_buffer)
    });
    finish(env, outcome)
}

/// Ends the stream: its last chunk as a Buffer, or the data of it.
#[napi(catch_unwind)]
pub(crate) fn end_stream<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "unknown")] stream: &External<StreamCell>,
    session: f64,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        at_once(env, session, is_open, |_, ()| {
            let native = stream.take()?;
            filled_buffer(env, native.end_len()?, |out| Ok(native.finish(out)?))
        })
    });
    finish(env, outcome)
}

/// Erases what the stream has; work under way ends for nothing.
#[napi(catch_unwind)]
pub(crate) fn drop_stream(#[napi(ts_arg_type = "unknown")] stream: &External<StreamCell>) {
    guard_drop(|| stream.close());
}

/// A stream has its key; only a factory that was closed keeps it from going on.
fn is_open(session: &Session) -> Result<Option<()>, EnvelopeError> {
    session.check_open().map(Some)
}

fn stream_to_js<'env>(env: &'env Env, native: NativeStream) -> Result<Unknown<'env>, Failure> {
    let cell = StreamCell::new(native);
    Ok(External::new_with_size_hint(cell, StreamCell::SIZE_BYTES).into_unknown(env)?)
}

/// What comes before the first chunk; `None` if it goes on where `head` ends, and `head` may too.
fn start_of(head: &[u8], is_all: bool) -> Result<Option<StreamStart<'_>>, EnvelopeError> {
    match is_all {
        true => whole_start(head).map(Some),
        false => StreamStart::read(head),
    }
}

fn whole_start(head: &[u8]) -> Result<StreamStart<'_>, EnvelopeError> {
    StreamStart::read(head)?.ok_or(EnvelopeError::RecordInvalid {
        reason: "it is truncated",
    })
}
