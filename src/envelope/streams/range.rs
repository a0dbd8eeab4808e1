//! The exports behind `unsealRange`: where the chunks of a stream lie, and their data.

use std::ops::Range;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::aead::cobblestone::{CHUNK_LEN_BYTES, SEALED_CHUNK_LEN_BYTES};
use sealdiff_envelope::record::{MAX_START_LEN_BYTES, StreamLayout};
use sealdiff_envelope::stream::ChunkReader;
use sealdiff_envelope::{IntermediateKey, RecordKey, Session, WipedVec};

use super::super::session::{at_once, later, reading_key, work_on};
use super::whole_start;
use crate::bytes::{filled_buffer, owned_buffer, zeroed};
use crate::error::{Failure, finish};
use crate::guard::guard;
use crate::text::Data;

/// Where the chunks of a stream lie.
#[napi(object, object_from_js = false)]
pub(crate) struct LayoutFields {
    pub start_length: u32,
    pub plaintext_length: f64,
    pub last_chunk: f64,
    pub chunk_length: u32,
    pub sealed_chunk_length: u32,
}

/// Chunks of a stream, by number, of which the last is not among them.
#[napi(object, object_to_js = false)]
pub(crate) struct ChunkNumbers {
    pub stream_length: f64,
    pub first: f64,
    pub end: f64,
}

/// The most bytes that come before the first chunk of a stream.
#[napi(catch_unwind)]
pub(crate) fn max_stream_start_length(env: &Env) -> napi::Result<u32> {
    finish(env, guard(|| Ok(MAX_START_LEN_BYTES as u32)))
}

/// Where the chunks of a stream lie that begins with `head` and is so long.
#[napi(catch_unwind)]
pub(crate) fn stream_layout<'env>(
    env: &'env Env,
    head: Unknown<'env>,
    stream_length: f64,
) -> napi::Result<LayoutFields> {
    let outcome = guard(|| {
        let head = Data::of(env, &head, "source")?;
        let start_len = whole_start(&head)?.len();
        let layout = StreamLayout::new(start_len, stream_length as u64)?;
        Ok(LayoutFields {
            start_length: start_len as u32,
            plaintext_length: layout.plaintext_len() as f64,
            last_chunk: layout.last_chunk() as f64,
            chunk_length: CHUNK_LEN_BYTES as u32,
            sealed_chunk_length: SEALED_CHUNK_LEN_BYTES as u32,
        })
    });
    finish(env, outcome)
}

/// The data of the chunks in `sealed`, as a Buffer; `undefined` if the key has to be waited for.
#[napi(catch_unwind)]
pub(crate) fn unseal_chunks<'env>(
    env: &'env Env,
    session: f64,
    head: Unknown<'env>,
    chunks: ChunkNumbers,
    sealed: Unknown<'env>,
    additional_data: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let may_wait = true;
        let head = Data::of(env, &head, "source")?;
        let sealed = Data::of(env, &sealed, "source")?;
        let aad = Data::optional(env, &additional_data, "additionalData")?;
        let named = RecordKey::Sealed(whole_start(&head)?.header());
        at_once(env, session, reading_key(may_wait, named), |_, key| {
            let reader = chunks.reader(&key, &head, &aad)?;
            let (chunks, sealed) = (chunks.range(), &*sealed);
            filled_buffer(env, reader.plaintext_len(&chunks, sealed.len())?, |out| {
                Ok(reader.open(&chunks, sealed, out)?)
            })
        })
    });
    finish(env, outcome)
}

/// The data of the chunks in `sealed`; a promise of a Buffer.
#[napi(catch_unwind)]
pub(crate) fn unseal_chunks_async<'env>(
    env: &'env Env,
    session: f64,
    head: Unknown<'env>,
    chunks: ChunkNumbers,
    sealed: Unknown<'env>,
    additional_data: Unknown<'env>,
    cancel_id: u32,
) -> napi::Result<Unknown<'env>> {
    let outcome = guard(|| {
        let head = Data::of(env, &head, "source")?.into_owned()?;
        let sealed = Data::of(env, &sealed, "source")?.into_owned()?;
        let aad = Data::optional(env, &additional_data, "additionalData")?.into_owned()?;
        let work = |session: Session| async move {
            let named = RecordKey::Sealed(whole_start(&head)?.header());
            let key = session.reading_key(named).await?;
            work_on(sealed.len(), move || {
                let reader = chunks.reader(&key, &head, &aad)?;
                opened(&reader, &chunks.range(), &sealed)
            })
            .await
        };
        later(env, session, cancel_id, work, owned_buffer)
    });
    finish(env, outcome)
}

fn opened(
    reader: &ChunkReader,
    chunks: &Range<u64>,
    sealed: &[u8],
) -> Result<WipedVec<u8>, Failure> {
    let len = reader.plaintext_len(chunks, sealed.len())?;
    let mut out = WipedVec::new(zeroed(len)?);
    reader.open(chunks, sealed, &mut out)?;
    Ok(out)
}

impl ChunkNumbers {
    fn range(&self) -> Range<u64> {
        self.first as u64..self.end as u64
    }

    fn reader(
        &self,
        key: &IntermediateKey,
        head: &[u8],
        aad: &[u8],
    ) -> Result<ChunkReader, Failure> {
        let start = whole_start(head)?;
        let layout = StreamLayout::new(start.len(), self.stream_length as u64)?;
        Ok(ChunkReader::new(key, &start, layout, aad)?)
    }
}
