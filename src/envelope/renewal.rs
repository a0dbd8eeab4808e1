//! The exports behind `isCurrent` and `reseal`: putting records under the newest key.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::record::{NamedKey, SealedRecord};
use sealdiff_envelope::{RecordKey, ResealKeys, Session};

use super::sealed::{Sealed, sealed, sealed_bytes, sealed_now, sealed_to_js, unsealed};
use super::session::{at_once, later, record_bytes, work_on};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::unknown;
use crate::text::Data;

/// Whether a write would use the key of `record`; `undefined` if that has to be asked for.
#[napi(catch_unwind)]
pub(crate) fn is_current<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let named = NamedKey::of(&record_bytes(env, &record)?)?;
        let find = |session: &Session| session.is_current_in_memory((&named).into());
        at_once(env, session, find, |_, is_current| unknown(env, is_current))
    });
    finish(env, outcome)
}

/// Whether a write would use the key of `record`; a promise of it.
#[napi(catch_unwind)]
pub(crate) fn is_current_async<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let named = NamedKey::of(&record_bytes(env, &record)?)?;
        let work = |session: Session| async move { Ok(session.is_current((&named).into()).await?) };
        later(env, session, cancel_id, work, |env, is_current: bool| {
            unknown(env, is_current)
        })
    });
    finish(env, outcome)
}

/// Seals the data of `record` under the newest key at once, to text with `as_text`. A cold key gives
/// `undefined`.
#[napi(catch_unwind)]
pub(crate) fn reseal<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    additional_data: Unknown<'env>,
    as_text: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let record = sealed_bytes(env, &record)?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let record = SealedRecord::parse(&record)?;
        let named = RecordKey::Sealed(record.header());
        let find = |session: &Session| session.reseal_keys_in_memory(named);
        at_once(env, session, find, |_, keys| {
            sealed_now(env, resealed(&keys, &record, &aad)?.in_form(as_text)?)
        })
    });
    finish(env, outcome)
}

/// Seals the data of `record` under the newest key; a promise of the record, or of its text with
/// `as_text`.
#[napi(catch_unwind)]
pub(crate) fn reseal_async<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    additional_data: Unknown<'env>,
    as_text: bool,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let record = sealed_bytes(env, &record)?.into_owned()?;
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let named = SealedRecord::parse(&record)?.header();
            let keys = session.reseal_keys(RecordKey::Sealed(named)).await?;
            let len = record.len();
            work_on(len, move || {
                resealed(&keys, &SealedRecord::parse(&record)?, &aad)?.in_form(as_text)
            })
            .await
        };
        later(env, session, cancel_id, work, sealed_to_js)
    });
    finish(env, outcome)
}

fn resealed(keys: &ResealKeys, record: &SealedRecord<'_>, aad: &[u8]) -> Result<Sealed, Failure> {
    let plaintext = unsealed(&keys.reading, record, aad)?;
    sealed(&keys.writing, &plaintext, aad)
}
