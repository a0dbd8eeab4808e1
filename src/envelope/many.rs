//! The export behind `sealMany`, `unsealMany`, `encryptMany` and `decryptMany` where they are done at
//! once: short records, their keys in memory, nothing copied. What waits is in `many_later.rs`.

use std::sync::Arc;

use napi::bindgen_prelude::{Array, JsObjectValue, Object, Unknown};
use napi::{Env, JsValue};
use napi_derive::napi;
use sealdiff_envelope::record::{DataRowRecord, SealedRecord};
use sealdiff_envelope::{EnvelopeError, IntermediateKey, RecordKey, Session};
use zeroize::Zeroizing;

use super::data_row::encrypted_at;
use super::sealed::{sealed, sealed_bytes, sealed_into, sealed_to_js, unsealed_into};
use super::session::{at_once, plaintext_to_js};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::promise::unknown;
use crate::text::{Data, string};

/// What is done to each item.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    Seal { as_text: bool },
    Unseal,
    Encrypt,
    Decrypt,
}

/// Additional data for each item, or for all of them, or none.
pub(super) struct AdditionalData(Vec<Arc<[u8]>>);

/// One item of a call.
struct Item<'env, 'a> {
    value: &'a Unknown<'env>,
    aad: Arc<[u8]>,
    out: Unknown<'env>,
}

/// Works on `items` at once, each result in that of `outs` if it has its length; `undefined` if a key
/// is cold. `additional_data` has one for each, or one for all, or none. With `settled` each outcome is
/// told by itself, else the first failure fails all.
#[napi(catch_unwind)]
pub(crate) fn many<'env>(
    env: &'env Env,
    session: f64,
    operation: String,
    items: Vec<Unknown<'env>>,
    additional_data: Vec<Unknown<'env>>,
    outs: Vec<Unknown<'env>>,
    settled: bool,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let operation = Operation::named(&operation)?;
        let aads = AdditionalData::read(env, &additional_data)?;
        let nowhere = unknown(env, ())?;
        let each = items.iter().enumerate().map(|(i, value)| Item {
            value,
            aad: aads.of(i),
            out: outs.get(i).copied().unwrap_or(nowhere),
        });
        at_once(env, session, operation.key(), |session, writing| {
            let outcomes = each
                .map(|item| operation.done(env, session, writing.as_deref(), &item))
                .map(|outcome| outcome.transpose());
            match outcomes.collect::<Option<Vec<_>>>() {
                Some(outcomes) => in_one(env, outcomes.into_iter(), settled),
                None => unknown(env, ()),
            }
        })
    });
    finish(env, outcome)
}

impl Operation {
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        Ok(match name {
            "seal" => Self::Seal { as_text: false },
            "sealToText" => Self::Seal { as_text: true },
            "unseal" => Self::Unseal,
            "encrypt" => Self::Encrypt,
            "decrypt" => Self::Decrypt,
            _ => return Err(Failure::Internal),
        })
    }

    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Seal { .. } | Self::Encrypt)
    }

    /// Finds the key that writes, if it is needed.
    fn key(
        self,
    ) -> impl FnOnce(&Session) -> Result<Option<Option<Arc<IntermediateKey>>>, EnvelopeError> {
        move |session| match self.writes() {
            true => Ok(session.writing_key_in_memory()?.map(Some)),
            false => Ok(Some(None)),
        }
    }

    /// What comes of an item; `None` if its key is cold.
    fn done<'env>(
        self,
        env: &'env Env,
        session: &Session,
        writing: Option<&IntermediateKey>,
        item: &Item<'env, '_>,
    ) -> Result<Option<Unknown<'env>>, Failure> {
        let key = |named| session.reading_key_in_memory(named);
        let written = |write: &dyn Fn(&IntermediateKey, &[u8]) -> Result<_, Failure>| {
            let data = Data::of(env, item.value, "items")?;
            writing.map(|key| write(key, &data)).transpose()
        };
        match self {
            Self::Seal { as_text: false } => {
                written(&|key, data| sealed_into(env, key, data, &item.aad, item.out))
            }
            Self::Seal { as_text: true } => written(&|key, data| {
                sealed_to_js(env, sealed(key, data, &item.aad)?.in_form(true)?)
            }),
            Self::Encrypt => written(&|key, data| {
                string(env, encrypted_at(session.now(), key, data)?.as_bytes())
            }),
            Self::Unseal => {
                let bytes = sealed_bytes(env, item.value)?;
                let record = SealedRecord::parse(&bytes)?;
                let key = key(RecordKey::Sealed(record.header()))?;
                key.map(|key| unsealed_into(env, &key, &record, &item.aad, item.out))
                    .transpose()
            }
            Self::Decrypt => {
                let record = DataRowRecord::from_json(&Data::of(env, item.value, "records")?)?;
                let key = key(RecordKey::DataRow(&record.parent))?;
                key.map(|key| plaintext_to_js(false)(env, Zeroizing::new(key.decrypt(record)?)))
                    .transpose()
            }
        }
    }
}

impl AdditionalData {
    pub(super) fn read(env: &Env, each: &[Unknown<'_>]) -> Result<Self, Failure> {
        let each = each.iter();
        let bytes = each.map(|aad| Ok(Arc::from(&*Data::optional(env, aad, "additionalData")?)));
        Ok(Self(bytes.collect::<Result<_, Failure>>()?))
    }

    pub(super) fn of(&self, item: usize) -> Arc<[u8]> {
        match &self.0[..] {
            [] => Arc::default(),
            [of_all] => Arc::clone(of_all),
            of_each => Arc::clone(&of_each[item]),
        }
    }
}

/// All outcomes in an array: each in the shape of `Promise.allSettled` with `settled`, else the values.
///
/// # Errors
/// The first failure, unless `settled`.
pub(super) fn in_one<'env>(
    env: &'env Env,
    outcomes: impl Iterator<Item = Result<Unknown<'env>, Failure>>,
    settled: bool,
) -> Result<Unknown<'env>, Failure> {
    let each = outcomes.map(|outcome| match settled {
        false => outcome,
        true => settled_to_js(env, outcome),
    });
    let each = each.collect::<Result<Vec<_>, Failure>>()?;
    Ok(Array::from_vec(env, each)?.to_unknown())
}

fn settled_to_js<'env>(
    env: &'env Env,
    outcome: Result<Unknown<'env>, Failure>,
) -> Result<Unknown<'env>, Failure> {
    let mut object = Object::new(env)?;
    match outcome {
        Ok(value) => {
            object.set_named_property("status", "fulfilled")?;
            object.set_named_property("value", value)?;
        }
        Err(failure) => {
            object.set_named_property("status", "rejected")?;
            object.set_named_property("reason", failure.into_js(env)?)?;
        }
    }
    unknown(env, object)
}
