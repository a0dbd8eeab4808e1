//! What the keys of the two levels compute with.

use std::sync::Arc;

use aws_lc_rs::hkdf;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::protected_key::{KeyMemory, ProtectedKey, Secret};
use crate::aead::gcm;
use crate::aead::xaes::XaesKey;
use crate::error::EnvelopeError;
use crate::secret::{KEY_LEN_BYTES, SecretKey};

/// Label of the key that seals records (docs/wire-format.md, section B).
const SEAL_LABEL: &[u8] = b"sealdiff/v1 seal";
/// Label of the key that streams' keys are derived from (section C).
const STREAM_LABEL: &[u8] = b"sealdiff/v1 stream";

/// A system key: wraps intermediate keys.
#[derive(ZeroizeOnDrop)]
pub(super) struct SystemSecret([u8; KEY_LEN_BYTES]);

/// An intermediate key and the key derived from it.
#[derive(ZeroizeOnDrop)]
pub(super) struct IntermediateSecret {
    /// Wraps data row keys.
    pub(super) wrapping_key: [u8; KEY_LEN_BYTES],
    /// Seals records.
    pub(super) sealing_key: XaesKey,
}

impl SystemSecret {
    /// A protected copy of `key`.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`].
    pub(super) fn protect(
        memory: &Arc<KeyMemory>,
        key: &SecretKey,
    ) -> Result<ProtectedKey<Self>, EnvelopeError> {
        memory.protect(|seed| {
            seed.copy_from_slice(key.expose());
            Ok(())
        })
    }

    pub(super) fn expose(&self) -> &[u8; KEY_LEN_BYTES] {
        &self.0
    }
}

impl Secret for SystemSecret {
    const SEED_LEN_BYTES: usize = KEY_LEN_BYTES;

    fn from_seed(seed: &[u8]) -> Self {
        let mut own = Self([0; KEY_LEN_BYTES]);
        own.0.copy_from_slice(seed);
        own
    }
}

impl IntermediateSecret {
    /// The key that `write` writes, and the sealing key derived from it for `context`.
    ///
    /// # Errors
    /// Those of `write`; [`EnvelopeError::RandomUnavailable`].
    pub(super) fn protect(
        memory: &Arc<KeyMemory>,
        context: &[u8],
        write: impl FnOnce(&mut [u8; KEY_LEN_BYTES]) -> Result<(), EnvelopeError>,
    ) -> Result<ProtectedKey<Self>, EnvelopeError> {
        memory.protect(|seed| {
            let (key, sealing_key) = seed
                .split_first_chunk_mut()
                .expect("the seed begins with a key");
            write(key)?;
            derive(key, SEAL_LABEL, context, sealing_key);
            Ok(())
        })
    }
}

impl IntermediateSecret {
    /// The key that streams' keys are derived from. Not kept: streams are few beside records, and
    /// memory for keys is small.
    pub(super) fn stream_key(&self, context: &[u8]) -> Zeroizing<[u8; KEY_LEN_BYTES]> {
        let mut key = Zeroizing::new([0; KEY_LEN_BYTES]);
        derive(&self.wrapping_key, STREAM_LABEL, context, &mut key[..]);
        key
    }
}

impl ProtectedKey<IntermediateSecret> {
    /// The intermediate key, wrapped for its row in the metastore.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`].
    pub(super) fn wrapped_under(&self, parent: &SystemSecret) -> Result<Vec<u8>, EnvelopeError> {
        self.with(|own| gcm::wrap_under(&parent.0, &own.wrapping_key))?
    }
}

impl Secret for IntermediateSecret {
    const SEED_LEN_BYTES: usize = 2 * KEY_LEN_BYTES;

    fn from_seed(seed: &[u8]) -> Self {
        let halves = seed.split_first_chunk::<KEY_LEN_BYTES>();
        let (wrapping_key, rest) = halves.expect("the seed begins with a key");
        let sealing_key = rest.try_into().expect("and ends with another");
        Self {
            wrapping_key: *wrapping_key,
            sealing_key: XaesKey::new(sealing_key),
        }
    }
}

/// HKDF-Expand-SHA-512 (RFC 5869) of the intermediate key, which is uniformly random and so needs
/// no extraction: the raw key stays out of XAES, which would share its block 0 with GCM's.
fn derive(key: &[u8; KEY_LEN_BYTES], label: &[u8], context: &[u8], out: &mut [u8]) {
    struct KeyLen;
    impl hkdf::KeyType for KeyLen {
        fn len(&self) -> usize {
            KEY_LEN_BYTES
        }
    }
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA512, key)
        .expand(&[label, &[0], context], KeyLen)
        .and_then(|okm| okm.fill(out))
        .expect("32 bytes are within the limit of HKDF-SHA-512");
}
