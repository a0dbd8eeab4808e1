//! Where the keys of a factory lie while they are cached: in locked memory, or, past its budget,
//! on the heap, sealed under a key that lies there.
//! Knows no metastore, record or clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::rand;
use sealdiff_secure_memory::{
    MemoryMode, MemoryProtection, MemoryUse, SecretBox, SecureMemory, with_clean_stack,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::aead::gcm;
use crate::error::EnvelopeError;
use crate::secret::KEY_LEN_BYTES;
use crate::stats::{FactoryStats, Member, Population};

/// Length of the longest seed, in bytes: a key and one derived from it.
pub(super) const MAX_SEED_LEN_BYTES: usize = 2 * KEY_LEN_BYTES;

/// What a key computes with, made of a few bytes that are kept where it has no room itself.
pub(super) trait Secret: ZeroizeOnDrop + Send + Sync {
    /// Length of its seed in bytes, at most [`MAX_SEED_LEN_BYTES`].
    const SEED_LEN_BYTES: usize;

    /// Computes it from its seed.
    fn from_seed(seed: &[u8]) -> Self;
}

/// The memory for the keys of one factory.
pub(crate) struct KeyMemory {
    memory: SecureMemory,
    /// Seals the keys that have no room.
    guard_key: SecretBox<[u8; KEY_LEN_BYTES]>,
    /// Where each key arrives, one at a time: for microseconds, while a load takes a round trip.
    arrival: Mutex<SecretBox<[u8; MAX_SEED_LEN_BYTES]>>,
    stream_keys: Population,
}

/// A key's secret, wherever it lies.
pub(super) struct ProtectedKey<T> {
    form: Form<T>,
    memory: Arc<KeyMemory>,
}

enum Form<T> {
    /// Ready for use, in its own slot.
    Placed(SecretBox<T>),
    /// `ciphertext ‖ tag ‖ nonce` of its seed, on the heap.
    Sealed(Box<[u8]>),
}

impl KeyMemory {
    /// Memory with room for its own two secrets at least, and at most `budget` bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::SecureMemoryUnavailable`], [`EnvelopeError::RandomUnavailable`].
    pub(crate) fn new(mode: MemoryMode, budget: Option<usize>) -> Result<Arc<Self>, EnvelopeError> {
        let memory = SecureMemory::open(mode, budget).map_err(|denied| {
            EnvelopeError::SecureMemoryUnavailable {
                source: Arc::new(denied),
            }
        })?;
        let no_room = "memory that was opened has a page of room";
        let mut guard_key = SecretBox::new_in(&memory, || [0; KEY_LEN_BYTES]).expect(no_room);
        rand::fill(guard_key.expose_mut())
            .map_err(|_unspecified| EnvelopeError::RandomUnavailable)?;
        let arrival = SecretBox::new_in(&memory, || [0; MAX_SEED_LEN_BYTES]).expect(no_room);
        Ok(Arc::new(Self {
            memory,
            guard_key,
            arrival: Mutex::new(arrival),
            stream_keys: Population::default(),
        }))
    }

    /// Takes in the secret whose seed `write` writes, straight into secure memory.
    ///
    /// # Errors
    /// Those of `write`; [`EnvelopeError::RandomUnavailable`].
    pub(super) fn protect<T: Secret>(
        self: &Arc<Self>,
        write: impl FnOnce(&mut [u8]) -> Result<(), EnvelopeError>,
    ) -> Result<ProtectedKey<T>, EnvelopeError> {
        with_clean_stack(|| {
            let mut arrival = self.arrival.lock().unwrap_or_else(PoisonError::into_inner);
            let seed = WipedAfterwards(&mut arrival.expose_mut()[..T::SEED_LEN_BYTES]);
            write(seed.0)?;
            let form = match SecretBox::new_in(&self.memory, || T::from_seed(seed.0)) {
                Some(placed) => Form::Placed(placed),
                None => Form::Sealed(self.seal(seed.0)?),
            };
            Ok(ProtectedKey {
                form,
                memory: Arc::clone(self),
            })
        })
    }

    /// What `stats` says of memory.
    pub(crate) fn write_stats(&self, stats: &mut FactoryStats) {
        let MemoryUse {
            protection,
            mapped_bytes,
            budget_bytes,
        } = self.memory.in_use();
        let is_locked = protection == MemoryProtection::Locked;
        stats.stream_keys = self.stream_keys.size();
        stats.memory_protection = protection;
        stats.locked_bytes = if is_locked { mapped_bytes } else { 0 };
        stats.locked_bytes_limit = if is_locked { budget_bytes } else { 0 };
    }

    /// Counts the key of a stream until what it gives is dropped.
    pub(super) fn count_stream_key(&self) -> Member {
        self.stream_keys.join()
    }

    /// Random nonces: a factory would have to load 2³² keys to come near their limit.
    fn seal(&self, seed: &[u8]) -> Result<Box<[u8]>, EnvelopeError> {
        let mut blob = Vec::with_capacity(seed.len() + gcm::OVERHEAD_BYTES);
        gcm::seal(self.guard_key.expose(), seed, &mut blob)?;
        Ok(blob.into())
    }

    /// Writes the secret to `place`, the caller's to wipe, and leaves no other copy.
    fn open_into<T: Secret>(&self, blob: &[u8], place: &mut Option<T>) -> Result<(), gcm::Forged> {
        with_clean_stack(|| {
            let mut seed = Zeroizing::new([0; MAX_SEED_LEN_BYTES]);
            let seed = &mut seed[..T::SEED_LEN_BYTES];
            gcm::open_into(self.guard_key.expose(), blob, seed)?;
            *place = Some(T::from_seed(seed));
            Ok(())
        })
    }
}

struct WipedAfterwards<'a>(&'a mut [u8]);

impl Drop for WipedAfterwards<'_> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T> ProtectedKey<T> {
    /// Where it lies, for keys that are derived from it.
    pub(super) fn memory(&self) -> &Arc<KeyMemory> {
        &self.memory
    }
}

impl<T: Secret> ProtectedKey<T> {
    /// Calls `call` with the secret. A sealed one is opened for the call: 0.6 µs more.
    ///
    /// # Errors
    /// [`EnvelopeError::Internal`] if a sealed one was altered in memory.
    pub(super) fn with<R>(&self, call: impl FnOnce(&T) -> R) -> Result<R, EnvelopeError> {
        match &self.form {
            Form::Placed(secret) => Ok(call(secret.expose())),
            Form::Sealed(blob) => with_opened(&self.memory, blob, call),
        }
    }
}

/// Apart, so that the usual case needs no stack for a secret.
#[cold]
#[inline(never)]
fn with_opened<T: Secret, R>(
    memory: &KeyMemory,
    blob: &[u8],
    call: impl FnOnce(&T) -> R,
) -> Result<R, EnvelopeError> {
    let mut opened: Option<T> = None;
    memory
        .open_into(blob, &mut opened)
        .map_err(|_forged| EnvelopeError::Internal)?;
    opened.as_ref().map(call).ok_or(EnvelopeError::Internal)
}

impl<T> fmt::Debug for ProtectedKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProtectedKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than its seed, as the secrets that are worth a slot are.
    #[derive(ZeroizeOnDrop)]
    struct Expanded([u8; 320]);

    impl Secret for Expanded {
        const SEED_LEN_BYTES: usize = 48;

        fn from_seed(seed: &[u8]) -> Self {
            Self(std::array::from_fn(|at| seed[at % seed.len()]))
        }
    }

    fn memory(budget: usize) -> Arc<KeyMemory> {
        KeyMemory::new(MemoryMode::Prefer, Some(budget)).unwrap()
    }

    fn protect(memory: &Arc<KeyMemory>, byte: u8) -> ProtectedKey<Expanded> {
        let write = |seed: &mut [u8]| {
            seed.fill(byte);
            Ok(())
        };
        memory.protect(write).unwrap()
    }

    fn is_sealed(key: &ProtectedKey<Expanded>) -> bool {
        matches!(key.form, Form::Sealed(_))
    }

    #[test]
    fn keys_past_the_budget_are_sealed_and_serve_all_the_same() {
        let memory = memory(2 * 4096);
        let keys: Vec<_> = (0..40).map(|byte| (byte, protect(&memory, byte))).collect();
        let sealed = keys.iter().filter(|(_, key)| is_sealed(key)).count();
        assert_eq!(sealed, 40 - 4096 / 320, "one slab is for short secrets");
        for (byte, key) in &keys {
            let is_own = key.with(|own| own.0 == [*byte; 320]).unwrap();
            assert!(is_own, "key {byte}");
        }
    }

    #[test]
    fn the_least_memory_holds_what_seals_the_keys() {
        let key = protect(&memory(1), 7);
        assert!(is_sealed(&key));
        assert!(key.with(|own| own.0 == [7; 320]).unwrap());
    }

    #[test]
    fn a_key_that_is_dropped_makes_room() {
        let memory = memory(2 * 4096);
        let mut keys: Vec<_> = (0..40).map(|byte| protect(&memory, byte)).collect();
        keys.remove(0);
        assert!(!is_sealed(&protect(&memory, 1)));
    }

    #[test]
    fn a_sealed_key_shows_nothing_of_its_seed() {
        let memory = memory(1);
        let (a, b) = (protect(&memory, 7), protect(&memory, 7));
        let (Form::Sealed(a), Form::Sealed(b)) = (&a.form, &b.form) else {
            panic!("both are sealed");
        };
        assert_eq!(a.len(), 48 + gcm::OVERHEAD_BYTES);
        assert_ne!(a, b, "nonces are fresh");
        assert!(!a.windows(4).any(|window| window == [7; 4]));
    }

    #[test]
    fn a_sealed_key_altered_in_memory_is_refused() {
        let memory = memory(1);
        let mut key = protect(&memory, 7);
        if let Form::Sealed(blob) = &mut key.form {
            blob[3] ^= 1;
        }
        let outcome = key.with(|_key| ());
        assert!(matches!(outcome, Err(EnvelopeError::Internal)));
    }

    #[test]
    fn a_key_that_can_not_be_written_leaves_nothing_behind() {
        let memory = memory(1 << 20);
        let write = |seed: &mut [u8]| {
            seed.fill(0xA5);
            Err(EnvelopeError::RandomUnavailable)
        };
        assert!(memory.protect::<Expanded>(write).is_err());
        let arrival = memory.arrival.lock().unwrap();
        assert_eq!(arrival.expose(), &[0; MAX_SEED_LEN_BYTES]);
    }

    #[test]
    fn a_panic_while_a_key_arrives_stops_no_other_key() {
        let memory = memory(1 << 20);
        let work = || memory.protect::<Expanded>(|_seed| std::panic::resume_unwind(Box::new(())));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        assert!(outcome.is_err());
        assert!(protect(&memory, 1).with(|own| own.0 == [1; 320]).unwrap());
    }

    #[test]
    fn debug_shows_no_byte() {
        let key = protect(&memory(1), 0xAB);
        assert_eq!(format!("{key:?}"), "ProtectedKey(redacted)");
    }
}
