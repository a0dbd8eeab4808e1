//! The native half of a stream, and the place where JavaScript's object, the finalizer and work on
//! another thread find it, one at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdiff_envelope::record::StreamStart;
use sealdiff_envelope::stream::{StreamOpener, StreamSealer};
use sealdiff_envelope::{EnvelopeError, IntermediateKey};

use crate::error::Failure;

/// One of the two directions, from its first byte to its last.
pub(super) enum NativeStream {
    Seals(StreamSealer),
    Opens {
        opener: StreamOpener,
        /// Bytes still to be pushed that come before the first chunk.
        start_len: usize,
    },
}

/// A stream with a place to be, empty while somebody works with it.
#[derive(Clone)]
pub(crate) struct StreamCell(Arc<Mutex<Place>>);

enum Place {
    Waiting(NativeStream),
    AtWork,
    Closed,
}

impl NativeStream {
    pub(super) fn opening(
        key: &IntermediateKey,
        start: &StreamStart<'_>,
        aad: &[u8],
    ) -> Result<Self, EnvelopeError> {
        Ok(Self::Opens {
            opener: StreamOpener::new(key, start, aad)?,
            start_len: start.len(),
        })
    }

    /// Length of what input of that length completes.
    pub(super) fn output_len(&self, len: usize) -> usize {
        match self {
            Self::Seals(sealer) => sealer.sealed_len(len),
            Self::Opens { opener, start_len } => {
                opener.plaintext_len(len.saturating_sub(*start_len))
            }
        }
    }

    /// Takes input, and writes what it completes.
    pub(super) fn push(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        match self {
            Self::Seals(sealer) => sealer.seal(input, out),
            Self::Opens { opener, start_len } => {
                let (before, chunks) = input.split_at((*start_len).min(input.len()));
                *start_len -= before.len();
                opener.open(chunks, out)
            }
        }
    }

    /// Length of what the end completes.
    pub(super) fn end_len(&self) -> Result<usize, EnvelopeError> {
        match self {
            Self::Seals(sealer) => Ok(sealer.end_len()),
            Self::Opens { opener, .. } => opener.end_len(),
        }
    }

    /// Writes what the end completes.
    pub(super) fn finish(self, out: &mut [u8]) -> Result<(), EnvelopeError> {
        match self {
            Self::Seals(sealer) => sealer.finish(out),
            Self::Opens { opener, .. } => opener.finish(out),
        }
    }
}

impl StreamCell {
    /// What V8 is told that a stream takes: its pending chunk.
    pub(super) const SIZE_BYTES: usize = 17 << 10;

    pub(super) fn new(native: NativeStream) -> Self {
        Self(Arc::new(Mutex::new(Place::Waiting(native))))
    }

    /// Works with the stream, away from its place: closed meanwhile, it doesn't come back. Nor does
    /// it after a failure.
    ///
    /// # Errors
    /// Those of `work` and of [`Self::take`].
    pub(super) fn work<T>(
        &self,
        work: impl FnOnce(&mut NativeStream) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut native = self.take()?;
        let done = work(&mut native)?;
        let mut place = self.place();
        if matches!(*place, Place::AtWork) {
            *place = Place::Waiting(native);
        }
        Ok(done)
    }

    /// Takes the stream out of its place.
    ///
    /// # Errors
    /// [`Failure::Internal`] if it isn't there: `lib/` asks for one thing after the other, and for
    /// nothing after the end.
    pub(super) fn take(&self) -> Result<NativeStream, Failure> {
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::AtWork) {
            Place::Waiting(native) => Ok(native),
            elsewhere => {
                *place = elsewhere;
                Err(Failure::Internal)
            }
        }
    }

    /// Erases the stream, now or when the work with it is done.
    pub(super) fn close(&self) {
        *self.place() = Place::Closed;
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
