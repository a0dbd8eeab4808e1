//! The exports behind `encrypt` and `decrypt`: Asherah's DataRowRecords.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::record::DataRowRecord;
use sealdiff_envelope::{IntermediateKey, RecordKey, Session, Timestamp};

use super::session::{
    at_once, later, plaintext_now, plaintext_to_js, reading_key, work_on, writing_key,
};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::text::{Data, MAX_STRING_LEN, refuse_what_fits_no_string, string};

/// Encrypts `data` to a DataRowRecord at once. With `may_wait`, a cold key gives `undefined`.
#[napi(catch_unwind)]
pub(crate) fn encrypt<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        refuse_what_fits_no_string(env, &data)?;
        let plaintext = Data::of(env, &data, "data")?;
        at_once(env, session, writing_key(may_wait), |session, key| {
            string(env, encrypted(session, &key, &plaintext)?.as_bytes())
        })
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
        refuse_what_fits_no_string(env, &data)?;
        let plaintext = Data::of(env, &data, "data")?.into_owned()?;
        let work = |session: Session| async move {
            let key = session.writing_key().await?;
            work_on(plaintext.len(), move || {
                encrypted(&session, &key, &plaintext)
            })
            .await
        };
        later(env, session, cancel_id, work, |env, record: String| {
            string(env, record.as_bytes())
        })
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
        let record = DataRowRecord::from_json(&Data::of(env, &record, "record")?)?;
        let named = record.parent.clone();
        let key = reading_key(may_wait, RecordKey::DataRow(&named));
        at_once(env, session, key, |_, key| {
            plaintext_now(env, &key.decrypt(record)?, as_text)
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
        let text = Data::of(env, &record, "record")?.into_owned()?;
        let work = |session: Session| async move {
            let len = text.len();
            let record = work_on(len, move || Ok(DataRowRecord::from_json(&text)?)).await?;
            let key = session
                .reading_key(RecordKey::DataRow(&record.parent))
                .await?;
            work_on(len, move || Ok(key.decrypt(record)?)).await
        };
        later(env, session, cancel_id, work, plaintext_to_js(as_text))
    });
    finish(env, outcome)
}

fn encrypted(session: &Session, key: &IntermediateKey, data: &[u8]) -> Result<String, Failure> {
    encrypted_at(session.now(), key, data)
}

/// The DataRowRecord of `data`, dated `now`.
///
/// # Errors
/// [`Failure::ResultTooLarge`] and those of [`IntermediateKey::encrypt`].
pub(super) fn encrypted_at(
    now: Timestamp,
    key: &IntermediateKey,
    data: &[u8],
) -> Result<String, Failure> {
    if key.encrypted_len(data.len()) > MAX_STRING_LEN {
        return Err(Failure::ResultTooLarge);
    }
    Ok(key.encrypt(data, now)?)
}
