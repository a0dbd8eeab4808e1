//! The exports behind `Session`, each operation twice: at once, if the key is cached, and as a
//! promise. `null` means that the session had to make room and must be opened again, `undefined`
//! that the call has to wait and may.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Null, Unknown};
use napi_derive::napi;
use sealdiff_envelope::record::{DataRowRecord, SealedRecord};
use sealdiff_envelope::{EnvelopeError, IntermediateKey, Operation, RecordKey, Session};
use zeroize::Zeroizing;

use super::sessions::{self, SessionNumber};
use crate::bytes::{buffer, filled_buffer};
use crate::cpu::on_processor;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::{promise_holding, undefined, unknown};
use crate::text::{Data, string};

/// Up to this length a record is worked on where the call is: 20 µs at the most, about what a hop
/// to another thread costs.
const INLINE_LEN_BYTES: usize = 64 * 1024;

/// V8's longest string on 64-bit systems, in characters.
const MAX_STRING_LEN: usize = 0x1FFF_FFE8;

/// Seals `data` at once. With `may_wait`, a cold key or large data gives `undefined`.
#[napi(catch_unwind)]
pub(crate) fn seal<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    additional_data: Unknown<'env>,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let plaintext = Data::of(env, &data, "data")?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        at_once(
            env,
            session,
            may_wait,
            plaintext.len(),
            Session::cached_writing_key,
            |_, key| {
                filled_buffer(env, key.sealed_len(plaintext.len()), |out| {
                    Ok(key.seal(&plaintext, &aad, out)?)
                })
            },
        )
    });
    finish(env, outcome)
}

/// Seals `data`; a promise of the record.
#[napi(catch_unwind)]
pub(crate) fn seal_async<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    additional_data: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let plaintext = Data::of(env, &data, "data")?.into_owned();
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned();
        let Some((session, operation)) = begin(session)? else {
            return unknown(env, Null);
        };
        let work = async move {
            let key = session.writing_key().await?;
            work_on(plaintext.len(), move || {
                let mut record = vec![0; key.sealed_len(plaintext.len())];
                key.seal(&plaintext, &aad, &mut record)?;
                Ok(record)
            })
            .await
        };
        let promise = promise_holding(
            env,
            cancel_id,
            operation,
            |_| work,
            |env, record| buffer(env, &record),
        )?;
        unknown(env, promise)
    });
    finish(env, outcome)
}

/// Unseals `record` at once, to a string with `as_text`.
#[napi(catch_unwind)]
pub(crate) fn unseal<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    additional_data: Unknown<'env>,
    as_text: bool,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let record = Data::of(env, &record, "record")?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let record = SealedRecord::parse(&record)?;
        let len = record.plaintext_len();
        let key_of =
            |session: &Session| session.cached_reading_key(RecordKey::Sealed(record.header()));
        at_once(env, session, may_wait, len, key_of, |_, key| {
            if as_text {
                return text(env, &unsealed(key, &record, &aad)?);
            }
            filled_buffer(env, len, |out| Ok(key.unseal(&record, &aad, out)?))
        })
    });
    finish(env, outcome)
}

/// Unseals `record`; a promise of its plaintext.
#[napi(catch_unwind)]
pub(crate) fn unseal_async<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    additional_data: Unknown<'env>,
    as_text: bool,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let record = Data::of(env, &record, "record")?.into_owned();
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned();
        let Some((session, operation)) = begin(session)? else {
            return unknown(env, Null);
        };
        let work = async move {
            let named = SealedRecord::parse(&record)?.header();
            let key = session.reading_key(RecordKey::Sealed(named)).await?;
            work_on(record.len(), move || {
                unsealed(&key, &SealedRecord::parse(&record)?, &aad)
            })
            .await
        };
        let promise = promise_holding(
            env,
            cancel_id,
            operation,
            |_| work,
            plaintext_to_js(as_text),
        )?;
        unknown(env, promise)
    });
    finish(env, outcome)
}

/// Encrypts `data` to a DataRowRecord at once.
#[napi(catch_unwind)]
pub(crate) fn encrypt<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let plaintext = Data::of(env, &data, "data")?;
        let len = plaintext.len();
        at_once(
            env,
            session,
            may_wait,
            len,
            Session::cached_writing_key,
            |session, key| {
                let record = encrypted(session, key, &plaintext)?;
                string(env, record.as_bytes())
            },
        )
    });
    finish(env, outcome)
}

/// Encrypts `data`; a promise of the DataRowRecord.
#[napi(catch_unwind)]
pub(crate) fn encrypt_async<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let plaintext = Data::of(env, &data, "data")?.into_owned();
        let Some((session, operation)) = begin(session)? else {
            return unknown(env, Null);
        };
        let work = async move {
            let key = session.writing_key().await?;
            work_on(plaintext.len(), move || {
                encrypted(&session, &key, &plaintext)
            })
            .await
        };
        let promise = promise_holding(
            env,
            cancel_id,
            operation,
            |_| work,
            |env, record| string(env, record.as_bytes()),
        )?;
        unknown(env, promise)
    });
    finish(env, outcome)
}

/// Decrypts a DataRowRecord at once, to a string with `as_text`.
#[napi(catch_unwind)]
pub(crate) fn decrypt<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    as_text: bool,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let text = Data::of(env, &record, "record")?;
        let record = DataRowRecord::from_json(&text)?;
        let named = record.parent.clone();
        let key_of = |session: &Session| session.cached_reading_key(RecordKey::DataRow(&named));
        at_once(env, session, may_wait, text.len(), key_of, |_, key| {
            plaintext_to_js(as_text)(env, Zeroizing::new(key.decrypt(record)?))
        })
    });
    finish(env, outcome)
}

/// Decrypts a DataRowRecord; a promise of its plaintext.
#[napi(catch_unwind)]
pub(crate) fn decrypt_async<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    as_text: bool,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let text = Data::of(env, &record, "record")?.into_owned();
        let Some((session, operation)) = begin(session)? else {
            return unknown(env, Null);
        };
        let work = async move {
            let record = work_on(text.len(), move || Ok(DataRowRecord::from_json(&text)?)).await?;
            let key = session
                .reading_key(RecordKey::DataRow(&record.parent))
                .await?;
            let len = record.data.len();
            work_on(len, move || Ok(Zeroizing::new(key.decrypt(record)?))).await
        };
        unknown(
            env,
            promise_holding(
                env,
                cancel_id,
                operation,
                |_| work,
                plaintext_to_js(as_text),
            )?,
        )
    });
    finish(env, outcome)
}

/// Loads the key that writes, so that the forms that never wait have it.
#[napi(catch_unwind)]
pub(crate) fn warm<'env>(
    env: &'env Env,
    session: f64,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let Some((session, operation)) = begin(session)? else {
            return unknown(env, Null);
        };
        let work = async move {
            session.writing_key().await?;
            Ok(())
        };
        unknown(
            env,
            promise_holding(env, cancel_id, operation, |_| work, undefined)?,
        )
    });
    finish(env, outcome)
}

/// Works with a cached key, if there is one and the work is short enough for a call that may wait.
fn at_once<'env>(
    env: &'env Env,
    number: f64,
    may_wait: bool,
    len: usize,
    key_of: impl FnOnce(&Session) -> Result<Arc<IntermediateKey>, EnvelopeError>,
    work: impl FnOnce(&Session, &IntermediateKey) -> Result<Unknown<'env>, Failure>,
) -> Result<Unknown<'env>, Failure> {
    let answer = sessions::with(SessionNumber::from_js(number), |session| {
        if may_wait && len > INLINE_LEN_BYTES {
            return unknown(env, ());
        }
        match key_of(session) {
            Ok(key) => work(session, &key),
            Err(EnvelopeError::KeyNotCached) if may_wait => unknown(env, ()),
            Err(error) => Err(error.into()),
        }
    });
    answer?.map_or_else(|| unknown(env, Null), Ok)
}

/// The session, held for an operation that waits; `None` if it had to make room.
fn begin(number: f64) -> Result<Option<(Session, Operation)>, Failure> {
    sessions::with(SessionNumber::from_js(number), |session| {
        Ok((session.clone(), session.begin()?))
    })
}

/// Short work is done where the future runs, long work on a processor of its own.
async fn work_on<T: Send + 'static>(
    len: usize,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    if len > INLINE_LEN_BYTES {
        on_processor(work).await
    } else {
        work()
    }
}

fn unsealed(
    key: &IntermediateKey,
    record: &SealedRecord<'_>,
    aad: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut plaintext = Zeroizing::new(vec![0; record.plaintext_len()]);
    key.unseal(record, aad, &mut plaintext)?;
    Ok(plaintext)
}

fn encrypted(session: &Session, key: &IntermediateKey, data: &[u8]) -> Result<String, Failure> {
    if key.encrypted_len(data.len()) > MAX_STRING_LEN {
        return Err(Failure::ResultTooLarge);
    }
    Ok(key.encrypt(data, session.now())?)
}

fn plaintext_to_js(
    as_text: bool,
) -> impl for<'a> FnOnce(&'a Env, Zeroizing<Vec<u8>>) -> Result<Unknown<'a>, Failure> {
    move |env, plaintext| {
        if as_text {
            text(env, &plaintext)
        } else {
            buffer(env, &plaintext)
        }
    }
}

/// Decrypted text; what isn't UTF-8 is no text, and replacing parts of it would lose them.
fn text<'env>(env: &'env Env, plaintext: &[u8]) -> Result<Unknown<'env>, Failure> {
    if std::str::from_utf8(plaintext).is_err() {
        return Err(Failure::NotText);
    }
    string(env, plaintext)
}
