//! What every call of a `Session` goes through: at once, if the key is cached, or as a promise.
//! `null` means that the session had to make room and must be opened again, `undefined` that the
//! call has to wait and may. Which calls may be made at once, `lib/turn.js` says.

use std::future::Future;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Null, Unknown};
use napi_derive::napi;
use sealdiff_envelope::record::{NamedKey, bytes_from_text};
use sealdiff_envelope::{EnvelopeError, IntermediateKey, Operation, RecordKey, Session, WipedVec};

use super::sessions::{self, SessionNumber};
use crate::bytes::{buffer, owned_buffer};
use crate::cpu::FOR_RECORDS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::{promise_holding, undefined, unknown};
use crate::text::{Data, string};

/// Up to this length a record is worked on where its key was loaded; a longer one on a processor of
/// its own. As in `lib/turn.js`.
const INLINE_LEN_BYTES: usize = 64 * 1024 + 128;

/// Loads the key that writes and those that `records` name, so that the forms that never wait have
/// them.
#[napi(catch_unwind)]
pub(crate) fn warm<'env>(
    env: &'env Env,
    session: f64,
    records: Vec<Unknown<'env>>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let named = records
            .iter()
            .map(|record| Ok(NamedKey::of(&record_bytes(env, record)?)?))
            .collect::<Result<Vec<_>, Failure>>()?;
        let work = |session: Session| async move { Ok(session.warm(&named).await?) };
        later(env, session, cancel_id, work, undefined)
    });
    finish(env, outcome)
}

/// The bytes of a record of any format: a sealed one may have come as text.
///
/// # Errors
/// [`Failure::ArgumentType`], [`EnvelopeError::RecordInvalid`].
pub(super) fn record_bytes<'a>(env: &'a Env, record: &'a Unknown<'a>) -> Result<Data<'a>, Failure> {
    let mut data = Data::of(env, record, "record")?;
    if let Data::Text(text) = &mut data {
        bytes_from_text(text)?;
    }
    Ok(data)
}

/// Works with what is in memory; `undefined` if it isn't, for then the call has to wait and may.
///
/// # Errors
/// Those of `find` and `work`.
pub(super) fn at_once<'env, Found>(
    env: &'env Env,
    number: f64,
    find: impl FnOnce(&Session) -> Result<Option<Found>, EnvelopeError>,
    work: impl FnOnce(&Session, Found) -> Result<Unknown<'env>, Failure>,
) -> Result<Unknown<'env>, Failure> {
    let answer = sessions::with(SessionNumber::from_js(number), |session| {
        match find(session)? {
            Some(found) => work(session, found),
            None => unknown(env, ()),
        }
    });
    answer?.map_or_else(|| unknown(env, Null), Ok)
}

/// Finds the key that writes; where the call may not wait, its absence is an error.
pub(super) fn writing_key(
    may_wait: bool,
) -> impl FnOnce(&Session) -> Result<Option<Arc<IntermediateKey>>, EnvelopeError> {
    move |session| match may_wait {
        true => session.writing_key_in_memory(),
        false => session.cached_writing_key().map(Some),
    }
}

/// Finds the key that a record names; where the call may not wait, its absence is an error.
pub(super) fn reading_key(
    may_wait: bool,
    named: RecordKey<'_>,
) -> impl FnOnce(&Session) -> Result<Option<Arc<IntermediateKey>>, EnvelopeError> {
    move |session| match may_wait {
        true => session.reading_key_in_memory(named),
        false => session.cached_reading_key(named).map(Some),
    }
}

/// A promise of what `into_js` makes of the value of `work`. Closing the factory waits for it.
///
/// # Errors
/// [`EnvelopeError::Closed`].
pub(super) fn later<'env, T, Work>(
    env: &'env Env,
    number: f64,
    cancel_id: u32,
    work: impl FnOnce(Session) -> Work,
    into_js: impl for<'a> FnOnce(&'a Env, T) -> Result<Unknown<'a>, Failure> + 'static,
) -> Result<Unknown<'env>, Failure>
where
    T: Send + 'static,
    Work: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let Some((session, operation)) = begin(number)? else {
        return unknown(env, Null);
    };
    let work = |_cancellation| work(session);
    unknown(
        env,
        promise_holding(env, cancel_id, operation, work, into_js)?,
    )
}

/// The session, held for an operation that waits; `None` if it had to make room.
fn begin(number: f64) -> Result<Option<(Session, Operation)>, Failure> {
    sessions::with(SessionNumber::from_js(number), |session| {
        Ok((session.clone(), session.begin()?))
    })
}

/// Short work is done where the future runs, long work on a processor of its own.
///
/// # Errors
/// Those of `work`.
pub(super) async fn work_on<T: Send + 'static>(
    len: usize,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    if len > INLINE_LEN_BYTES {
        FOR_RECORDS.run(work).await
    } else {
        work()
    }
}

/// Makes decrypted bytes a Buffer, or a string with `as_text`, for a promise.
pub(super) fn plaintext_to_js(
    as_text: bool,
) -> impl for<'a> FnOnce(&'a Env, WipedVec<u8>) -> Result<Unknown<'a>, Failure> {
    move |env, plaintext| match as_text {
        true => text_to_js(env, &plaintext),
        false => owned_buffer(env, plaintext),
    }
}

/// [`plaintext_to_js`] for a call that is made at once, with a copy: memory that was handed over
/// comes back between turns of the event loop, and a loop of such calls has none.
///
/// # Errors
/// [`Failure::NotText`], [`Failure::ResultTooLarge`].
pub(super) fn plaintext_now<'env>(
    env: &'env Env,
    plaintext: &[u8],
    as_text: bool,
) -> Result<Unknown<'env>, Failure> {
    match as_text {
        true => text_to_js(env, plaintext),
        false => buffer(env, plaintext),
    }
}

/// What isn't UTF-8 is no text, and replacing parts of it would lose them.
fn text_to_js<'env>(env: &'env Env, plaintext: &[u8]) -> Result<Unknown<'env>, Failure> {
    match std::str::from_utf8(plaintext) {
        Ok(_) => string(env, plaintext),
        Err(_) => Err(Failure::NotText),
    }
}
