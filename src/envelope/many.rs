//! The export behind `sealMany`, `unsealMany`, `encryptMany` and `decryptMany` where they are done at
//! once: short records, their keys in memory, bytes worked on where they lie. What waits is in `many_later.rs`.

use std::sync::Arc;

use napi::bindgen_prelude::{Array, Unknown};
use napi::{Env, JsValue};
use napi_derive::napi;
use sealdiff_envelope::record::{DataRowRecord, SealedRecord};
use sealdiff_envelope::{EnvelopeError, IntermediateKey, RecordKey, Session};

use super::data_row::encrypted_at;
use super::sealed::{sealed, sealed_bytes, sealed_into, sealed_now, unsealed_into};
use super::session::{at_once, plaintext_now};
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

/// An item as it was read.
enum Input<'a> {
    Data(Data<'a>),
    SealedRecord(Data<'a>),
    DataRowRecord(DataRowRecord),
}

/// An item and its key.
type Job<'a> = (Input<'a>, Arc<IntermediateKey>);

/// Works on `items` at once, each result in that of `outs` if it fits; `undefined` if a key is cold,
/// and then nothing was done. `additional_data` has one for each, or one for all, or none. With
/// `settled` a failure is an error in its item's place, else the first one fails all.
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
        let inputs = items.iter().map(|item| operation.read(env, item)).collect();
        let nowhere = unknown(env, ())?;
        let find = |session: &Session| operation.with_keys(session, inputs);
        at_once(env, session, find, |session, jobs| {
            let outcomes = jobs.into_iter().enumerate().map(|(i, job)| {
                let out = outs.get(i).copied().unwrap_or(nowhere);
                operation.done(env, session, job?, &aads.of(i), out)
            });
            in_one(env, outcomes, settled)
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

    fn read<'a>(self, env: &'a Env, item: &'a Unknown<'a>) -> Result<Input<'a>, Failure> {
        Ok(match self {
            Self::Seal { .. } | Self::Encrypt => Input::Data(Data::of(env, item, "items")?),
            Self::Unseal => Input::SealedRecord(sealed_bytes(env, item)?),
            Self::Decrypt => {
                let text = Data::of(env, item, "records")?;
                Input::DataRowRecord(DataRowRecord::from_json(&text)?)
            }
        })
    }

    /// The items with their keys; `None` if one is cold.
    fn with_keys<'a>(
        self,
        session: &Session,
        inputs: Vec<Result<Input<'a>, Failure>>,
    ) -> Result<Option<Vec<Result<Job<'a>, Failure>>>, EnvelopeError> {
        let writing = match self.writes() {
            true => session.writing_key_in_memory()?,
            false => None,
        };
        let with_key = |input: Result<Input<'a>, Failure>| {
            let found = input.and_then(|input| {
                let key = input.key(session, writing.as_ref())?;
                Ok(key.map(|key| (input, key)))
            });
            found.transpose()
        };
        Ok(inputs.into_iter().map(with_key).collect())
    }

    /// What comes of an item.
    fn done<'env>(
        self,
        env: &'env Env,
        session: &Session,
        (input, key): Job<'_>,
        aad: &[u8],
        out: Unknown<'env>,
    ) -> Result<Unknown<'env>, Failure> {
        match (self, input) {
            (Self::Seal { as_text: false }, Input::Data(data)) => {
                sealed_into(env, &key, &data, aad, out)
            }
            (Self::Seal { as_text: true }, Input::Data(data)) => {
                sealed_now(env, sealed(&key, &data, aad)?.in_form(true)?)
            }
            (_, Input::Data(data)) => {
                string(env, encrypted_at(session.now(), &key, &data)?.as_bytes())
            }
            (_, Input::SealedRecord(record)) => {
                unsealed_into(env, &key, &SealedRecord::parse(&record)?, aad, out)
            }
            (_, Input::DataRowRecord(record)) => plaintext_now(env, &key.decrypt(record)?, false),
        }
    }
}

impl Input<'_> {
    /// Its key, if that is in memory.
    fn key(
        &self,
        session: &Session,
        writing: Option<&Arc<IntermediateKey>>,
    ) -> Result<Option<Arc<IntermediateKey>>, EnvelopeError> {
        match self {
            Self::Data(_) => Ok(writing.cloned()),
            Self::SealedRecord(record) => {
                let named = SealedRecord::parse(record)?.header();
                session.reading_key_in_memory(RecordKey::Sealed(named))
            }
            Self::DataRowRecord(record) => {
                session.reading_key_in_memory(RecordKey::DataRow(&record.parent))
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

/// All outcomes in an array, with `settled` failures as errors among the values.
///
/// # Errors
/// The first failure, unless `settled`.
pub(super) fn in_one<'env>(
    env: &'env Env,
    outcomes: impl Iterator<Item = Result<Unknown<'env>, Failure>>,
    settled: bool,
) -> Result<Unknown<'env>, Failure> {
    let each = outcomes.map(|outcome| match outcome {
        Err(failure) if settled => Ok(failure.into_js(env)?),
        outcome => outcome,
    });
    let each = each.collect::<Result<Vec<_>, Failure>>()?;
    Ok(Array::from_vec(env, each)?.to_unknown())
}
