//! The exports behind `seal` and `unseal`: sealed records.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::record::{
    MAX_OVERHEAD_BYTES, SealedRecord, sealed_from_text, text_from_sealed, text_len,
};
use sealdiff_envelope::{IntermediateKey, RecordKey, Session, WipedVec};

use super::session::{
    at_once, later, plaintext_now, plaintext_to_js, reading_key, work_on, writing_key,
};
use crate::bytes::{buffer, filled, owned_buffer, zeroed};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::text::{Data, MAX_STRING_LEN, refuse_what_fits_no_string, string};

/// Seals `data` at once: to text with `as_text`, else to `out` if that has the record's length. With
/// `may_wait`, a cold key gives `undefined`.
#[napi(catch_unwind)]
pub(crate) fn seal<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    additional_data: Unknown<'env>,
    out: Unknown<'env>,
    as_text: bool,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        if as_text {
            refuse_what_fits_no_string(env, &data)?;
        }
        let plaintext = Data::of(env, &data, "data")?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        at_once(
            env,
            session,
            writing_key(may_wait),
            |_, key| match as_text {
                true => sealed_now(env, sealed(&key, &plaintext, &aad)?.in_form(true)?),
                false => sealed_into(env, &key, &plaintext, &aad, out),
            },
        )
    });
    finish(env, outcome)
}

/// Seals `data`; a promise of the record, or of its text with `as_text`.
#[napi(catch_unwind)]
pub(crate) fn seal_async<'env>(
    env: &'env Env,
    session: f64,
    data: Unknown<'env>,
    additional_data: Unknown<'env>,
    as_text: bool,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        if as_text {
            refuse_what_fits_no_string(env, &data)?;
        }
        let plaintext = Data::owned_with_room(env, &data, "data", MAX_OVERHEAD_BYTES)?;
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let key = session.writing_key().await?;
            work_on(plaintext.len(), move || {
                Sealed::Record(key.seal_owned(plaintext, &aad)?).in_form(as_text)
            })
            .await
        };
        later(env, session, cancel_id, work, sealed_to_js)
    });
    finish(env, outcome)
}

/// Unseals `record` at once: to a string with `as_text`, else to `out` if that has the plaintext's
/// length.
#[napi(catch_unwind)]
pub(crate) fn unseal<'env>(
    env: &'env Env,
    session: f64,
    record: Unknown<'env>,
    additional_data: Unknown<'env>,
    out: Unknown<'env>,
    as_text: bool,
    may_wait: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let record = sealed_bytes(env, &record)?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let record = SealedRecord::parse(&record)?;
        let key = reading_key(may_wait, RecordKey::Sealed(record.header()));
        at_once(env, session, key, |_, key| match as_text {
            true => plaintext_now(env, &unsealed(&key, &record, &aad)?, true),
            false => unsealed_into(env, &key, &record, &aad, out),
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
        let record = sealed_bytes(env, &record)?.into_owned()?;
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let named = SealedRecord::parse(&record)?.header();
            let key = session.reading_key(RecordKey::Sealed(named)).await?;
            work_on(record.len(), move || Ok(key.unseal_owned(record, &aad)?)).await
        };
        later(env, session, cancel_id, work, plaintext_to_js(as_text))
    });
    finish(env, outcome)
}

/// The bytes of a sealed record that may have come as text.
///
/// # Errors
/// [`Failure::ArgumentType`], [`sealdiff_envelope::EnvelopeError::RecordInvalid`].
pub(super) fn sealed_bytes<'a>(env: &'a Env, record: &'a Unknown<'a>) -> Result<Data<'a>, Failure> {
    let mut data = Data::of(env, record, "record")?;
    if let Data::Text(text) = &mut data {
        sealed_from_text(text)?;
    }
    Ok(data)
}

/// A sealed record on its way to JavaScript.
pub(super) enum Sealed {
    Record(Vec<u8>),
    Text(String),
}

impl Sealed {
    /// The record, as text with `as_text`.
    ///
    /// # Errors
    /// [`Failure::ResultTooLarge`].
    pub(super) fn in_form(self, as_text: bool) -> Result<Self, Failure> {
        match self {
            Self::Record(record) if as_text => {
                if text_len(record.len()) > MAX_STRING_LEN {
                    return Err(Failure::ResultTooLarge);
                }
                Ok(Self::Text(text_from_sealed(&record)))
            }
            unchanged => Ok(unchanged),
        }
    }
}

/// A Buffer or a string, for a call that is made at once.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(super) fn sealed_now(env: &Env, sealed: Sealed) -> Result<Unknown<'_>, Failure> {
    match sealed {
        Sealed::Record(record) => buffer(env, &record),
        Sealed::Text(text) => string(env, text.as_bytes()),
    }
}

/// A Buffer or a string, for a promise.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(super) fn sealed_to_js(env: &Env, sealed: Sealed) -> Result<Unknown<'_>, Failure> {
    match sealed {
        Sealed::Record(record) => owned_buffer(env, WipedVec::new(record)),
        Sealed::Text(text) => string(env, text.as_bytes()),
    }
}

/// The sealed record of `plaintext`, in `out` if that has its length.
///
/// # Errors
/// [`Failure::ResultTooLarge`] and those of [`IntermediateKey::seal`].
pub(super) fn sealed_into<'env>(
    env: &'env Env,
    key: &IntermediateKey,
    plaintext: &[u8],
    aad: &[u8],
    out: Unknown<'env>,
) -> Result<Unknown<'env>, Failure> {
    let len = key.sealed_len(plaintext.len());
    filled(env, out, len, [plaintext, aad], |out| {
        Ok(key.seal(plaintext, aad, out)?)
    })
}

/// The plaintext of `record`, in `out` if that has its length.
///
/// # Errors
/// [`Failure::ResultTooLarge`] and those of [`IntermediateKey::unseal`].
pub(super) fn unsealed_into<'env>(
    env: &'env Env,
    key: &IntermediateKey,
    record: &SealedRecord<'_>,
    aad: &[u8],
    out: Unknown<'env>,
) -> Result<Unknown<'env>, Failure> {
    let inputs = [record.bytes(), aad];
    filled(env, out, record.plaintext_len(), inputs, |out| {
        Ok(key.unseal(record, aad, out)?)
    })
}

/// The sealed record of `plaintext`.
///
/// # Errors
/// [`Failure::ResultTooLarge`] and those of [`IntermediateKey::seal`].
pub(super) fn sealed(
    key: &IntermediateKey,
    plaintext: &[u8],
    aad: &[u8],
) -> Result<Sealed, Failure> {
    let mut record = zeroed(key.sealed_len(plaintext.len()))?;
    key.seal(plaintext, aad, &mut record)?;
    Ok(Sealed::Record(record))
}

/// The plaintext of `record`.
///
/// # Errors
/// [`Failure::ResultTooLarge`] and those of [`IntermediateKey::unseal`].
pub(super) fn unsealed(
    key: &IntermediateKey,
    record: &SealedRecord<'_>,
    aad: &[u8],
) -> Result<WipedVec<u8>, Failure> {
    let mut plaintext = WipedVec::new(zeroed(record.plaintext_len())?);
    key.unseal(record, aad, &mut plaintext)?;
    Ok(plaintext)
}
