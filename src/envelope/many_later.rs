//! The exports behind `sealMany`, `unsealMany`, `encryptMany` and `decryptMany` where they wait: many
//! records read at once, their keys looked up together, worked on by all processors.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use futures_util::{StreamExt, stream};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::record::{DataRowRecord, MAX_OVERHEAD_BYTES, NamedKey};
use sealdiff_envelope::{EnvelopeError, IntermediateKey, Session, Timestamp, WipedVec};

use super::data_row::encrypted_at;
use super::many::{AdditionalData, Operation, in_one};
use super::sealed::{Sealed, sealed_bytes, sealed_to_js};
use super::session::{later, plaintext_to_js};
use crate::cpu::FOR_RECORDS;
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::text::{Data, string};

/// What one thread works on at a stretch, in bytes: half a millisecond at the most, so that an abort
/// leaves little behind.
const STRETCH_LEN_BYTES: usize = 1 << 20;
/// What an item costs besides its bytes, as bytes that take as long.
const ITEM_LEN_BYTES: usize = 4 << 10;

/// The items of a call, read: none is JavaScript's any more.
struct Items {
    operation: Operation,
    each: Vec<Result<Item, Failure>>,
}

struct Item {
    data: WipedVec<u8>,
    aad: Arc<[u8]>,
}

type Keys = Vec<Result<Arc<IntermediateKey>, EnvelopeError>>;
/// An item and its key; or why there is none.
type Job = Result<(Item, Arc<IntermediateKey>), Failure>;
type Outcomes = Vec<Result<Done, Failure>>;

/// What came of an item.
enum Done {
    Record(Sealed),
    Text(String),
    Data(WipedVec<u8>),
}

/// Works on `items`; a promise of the outcomes. `additional_data` has one for each, or one for all, or
/// none. With `settled` a failure is an error in its item's place, else the first one fails all.
#[napi(catch_unwind)]
pub(crate) fn many_async<'env>(
    env: &'env Env,
    session: f64,
    operation: String,
    items: Vec<Unknown<'env>>,
    additional_data: Vec<Unknown<'env>>,
    settled: bool,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let items = Items::read(env, &operation, &items, &additional_data)?;
        let work = |session: Session| async move {
            let keys = items.keys(&session).await;
            let (operation, now) = (items.operation, session.now());
            let stretches = stretches(items.jobs(keys))
                .into_iter()
                .map(|stretch| FOR_RECORDS.run(move || Ok(done_all(operation, now, stretch))));
            let processors = available_parallelism().map_or(1, NonZeroUsize::get);
            let parts: Vec<_> = stream::iter(stretches).buffered(processors).collect().await;
            let parts: Vec<Outcomes> = parts.into_iter().collect::<Result<_, _>>()?;
            Ok(parts.into_iter().flatten().collect::<Outcomes>())
        };
        later(env, session, cancel_id, work, move |env, outcomes| {
            outcomes_to_js(env, outcomes, settled)
        })
    });
    finish(env, outcome)
}

impl Items {
    fn read<'env>(
        env: &'env Env,
        operation: &str,
        items: &'env [Unknown<'env>],
        additional_data: &'env [Unknown<'env>],
    ) -> Result<Self, Failure> {
        let operation = Operation::named(operation)?;
        let aads = AdditionalData::read(env, additional_data)?;
        let each = items.iter().enumerate().map(|(i, item)| {
            Ok(Item {
                data: owned(env, operation, item)?,
                aad: aads.of(i),
            })
        });
        let each = each.collect();
        Ok(Self { operation, each })
    }

    async fn keys(&self, session: &Session) -> Keys {
        match self.operation.writes() {
            true => vec![session.writing_key().await; self.each.len()],
            false => session.reading_keys(self.names().collect()).await,
        }
    }

    /// The key that each record names; of an item that could not be read any error serves.
    fn names(&self) -> impl Iterator<Item = Result<NamedKey, EnvelopeError>> {
        self.each.iter().map(|item| match item {
            Ok(item) => NamedKey::of(&item.data),
            Err(_unreadable) => Err(EnvelopeError::Internal),
        })
    }

    fn jobs(self, keys: Keys) -> Vec<Job> {
        let jobs = self.each.into_iter().zip(keys);
        jobs.map(|(item, key)| Ok((item?, key?))).collect()
    }
}

/// An item's bytes, with room to be sealed in.
fn owned(env: &Env, operation: Operation, item: &Unknown<'_>) -> Result<WipedVec<u8>, Failure> {
    match operation {
        Operation::Seal { .. } => Data::owned_with_room(env, item, "items", MAX_OVERHEAD_BYTES),
        Operation::Unseal => sealed_bytes(env, item)?.into_owned(),
        Operation::Encrypt | Operation::Decrypt => Data::of(env, item, "items")?.into_owned(),
    }
}

/// The jobs in order, in parts that are worth a thread's while.
fn stretches(jobs: Vec<Job>) -> Vec<Vec<Job>> {
    let mut stretches = vec![Vec::new()];
    let mut len = 0;
    for job in jobs {
        if len >= STRETCH_LEN_BYTES {
            stretches.push(Vec::new());
            len = 0;
        }
        len += ITEM_LEN_BYTES + job.as_ref().map_or(0, |(item, _)| item.data.len());
        stretches.last_mut().expect("it begins with one").push(job);
    }
    stretches
}

fn done_all(operation: Operation, now: Timestamp, jobs: Vec<Job>) -> Outcomes {
    let done = |(item, key): (Item, Arc<IntermediateKey>)| done(operation, now, item, &key);
    jobs.into_iter().map(|job| job.and_then(done)).collect()
}

fn done(
    operation: Operation,
    now: Timestamp,
    item: Item,
    key: &IntermediateKey,
) -> Result<Done, Failure> {
    let Item { data, aad } = item;
    Ok(match operation {
        Operation::Seal { as_text } => {
            Done::Record(Sealed::Record(key.seal_owned(data, &aad)?).in_form(as_text)?)
        }
        Operation::Unseal => Done::Data(key.unseal_owned(data, &aad)?),
        Operation::Encrypt => Done::Text(encrypted_at(now, key, &data)?),
        Operation::Decrypt => Done::Data(key.decrypt(DataRowRecord::from_json(&data)?)?),
    })
}

fn outcomes_to_js(
    env: &Env,
    mut outcomes: Outcomes,
    settled: bool,
) -> Result<Unknown<'_>, Failure> {
    // Before any plaintext becomes a Buffer that nobody gets, or erases.
    let failed = outcomes
        .iter()
        .position(Result::is_err)
        .filter(|_| !settled);
    if let Some(Err(failure)) = failed.map(|first| outcomes.swap_remove(first)) {
        return Err(failure);
    }
    let each = outcomes.into_iter();
    in_one(
        env,
        each.map(|outcome| outcome.and_then(|done| done.into_js(env))),
        settled,
    )
}

impl Done {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>, Failure> {
        match self {
            Self::Record(sealed) => sealed_to_js(env, sealed),
            Self::Text(text) => string(env, text.as_bytes()),
            Self::Data(data) => plaintext_to_js(false)(env, data),
        }
    }
}
