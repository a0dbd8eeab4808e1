//! The exports behind `seal` and `unseal`: sealed records.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::record::SealedRecord;
use sealdiff_envelope::{IntermediateKey, RecordKey, Session};
use zeroize::Zeroizing;

use super::session::{at_once, is_better_awaited, later, plaintext_to_js, work_on};
use crate::bytes::{buffer, filled_buffer, zeroed};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::unknown;
use crate::text::Data;

/// Seals `data` at once. With `may_wait`, a cold key or long data gives `undefined`.
#[napi(catch_unwind)]
pub(crate) fn seal<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    additional_data: Unknown<'env>,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        if is_better_awaited(env, may_wait, &data)? {
            return unknown(env, ());
        }
        let plaintext = Data::of(env, &data, "data")?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        at_once(
            env,
            session,
            may_wait,
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
        let plaintext = Data::of(env, &data, "data")?.into_owned()?;
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let key = session.writing_key().await?;
            work_on(plaintext.len(), move || {
                let mut record = zeroed(key.sealed_len(plaintext.len()))?;
                key.seal(&plaintext, &aad, &mut record)?;
                Ok(record)
            })
            .await
        };
        later(env, session, cancel_id, work, |env, record| {
            buffer(env, &record)
        })
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
        if is_better_awaited(env, may_wait, &record)? {
            return unknown(env, ());
        }
        let record = Data::of(env, &record, "record")?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let record = SealedRecord::parse(&record)?;
        let named = RecordKey::Sealed(record.header());
        let key_of = |session: &Session| session.cached_reading_key(named);
        at_once(env, session, may_wait, key_of, |_, key| {
            if as_text {
                return plaintext_to_js(true)(env, unsealed(key, &record, &aad)?);
            }
            filled_buffer(env, record.plaintext_len(), |out| {
                Ok(key.unseal(&record, &aad, out)?)
            })
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
        let record = Data::of(env, &record, "record")?.into_owned()?;
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let named = SealedRecord::parse(&record)?.header();
            let key = session.reading_key(RecordKey::Sealed(named)).await?;
            let len = record.len();
            work_on(len, move || {
                unsealed(&key, &SealedRecord::parse(&record)?, &aad)
            })
            .await
        };
        later(env, session, cancel_id, work, plaintext_to_js(as_text))
    });
    finish(env, outcome)
}

fn unsealed(
    key: &IntermediateKey,
    record: &SealedRecord<'_>,
    aad: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut plaintext = Zeroizing::new(zeroed(record.plaintext_len())?);
    key.unseal(record, aad, &mut plaintext)?;
    Ok(plaintext)
}
