//! Cobblestone-256: messages of any size as chunks of 16 KiB, each authenticated in its place, the
//! last one always shorter. Source: c2sp.org/chunked-encryption with SHA-512 and AES-256-GCM.

use aws_lc_rs::aead::{Aad, Nonce};
use aws_lc_rs::{constant_time, hkdf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::gcm;
use super::gcm::Forged;
use crate::error::EnvelopeError;
use crate::secret::KEY_LEN_BYTES;

/// Length of the salt in bytes.
pub const SALT_LEN_BYTES: usize = 24;
/// Length of the commitment in bytes.
pub const COMMITMENT_LEN_BYTES: usize = 32;
/// Plaintext of every chunk but the last, in bytes.
pub const CHUNK_LEN_BYTES: usize = 16 * 1024;
/// Length of the tag in bytes.
pub const TAG_LEN_BYTES: usize = gcm::TAG_LEN_BYTES;
/// Length of every sealed chunk but the last, in bytes.
pub const SEALED_CHUNK_LEN_BYTES: usize = CHUNK_LEN_BYTES + TAG_LEN_BYTES;
/// Most chunks of one message.
pub const MAX_CHUNKS: u64 = 1 << 38;
/// Longest plaintext of one message, in bytes: the last chunk is short.
pub const MAX_PLAINTEXT_LEN_BYTES: u64 = MAX_CHUNKS * CHUNK_LEN_BYTES as u64 - 1;
/// Length of key and base nonce in bytes.
pub(crate) const SEED_LEN_BYTES: usize = KEY_LEN_BYTES + gcm::NONCE_LEN_BYTES;

const INFO_LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";

/// What key, base nonce and commitment of a message are derived from, besides the input key.
#[derive(Clone, Copy)]
pub(crate) struct Derivation<'a> {
    /// Never used twice with one input key: 24 random bytes.
    pub(crate) salt: &'a [u8; SALT_LEN_BYTES],
    /// The context, in parts that are joined as they are.
    pub(crate) context: [&'a [u8]; 2],
}

/// Key and base nonce of one message.
#[derive(ZeroizeOnDrop)]
pub(crate) struct MessageKey {
    key: [u8; KEY_LEN_BYTES],
    base_nonce: [u8; gcm::NONCE_LEN_BYTES],
}

impl Derivation<'_> {
    /// Writes key and base nonce to `seed`, and gives the commitment:
    /// `key(32) ‖ base nonce(12) ‖ commitment(32)` is HKDF-Expand-SHA-512 (RFC 5869) of
    /// `input_key`, which must be uniformly random.
    pub(crate) fn derive(
        &self,
        input_key: &[u8; KEY_LEN_BYTES],
        seed: &mut [u8],
    ) -> [u8; COMMITMENT_LEN_BYTES] {
        const LEN: usize = SEED_LEN_BYTES + COMMITMENT_LEN_BYTES;
        struct Len;
        impl hkdf::KeyType for Len {
            fn len(&self) -> usize {
                LEN
            }
        }
        let [context, more_context] = self.context;
        let info = [INFO_LABEL, &[0], self.salt, context, more_context];
        let mut output = Zeroizing::new([0; LEN]);
        hkdf::Prk::new_less_safe(hkdf::HKDF_SHA512, input_key)
            .expand(&info, Len)
            .and_then(|okm| okm.fill(&mut output[..]))
            .expect("76 bytes are within the limit of HKDF-SHA-512");
        let (key_and_nonce, commitment) = output.split_at(SEED_LEN_BYTES);
        seed.copy_from_slice(key_and_nonce);
        commitment.try_into().expect("the last 32 of 76 bytes")
    }
}

/// Whether a message's commitment is the one that was derived; in constant time.
pub(crate) fn is_committed(
    expected: &[u8; COMMITMENT_LEN_BYTES],
    found: &[u8; COMMITMENT_LEN_BYTES],
) -> bool {
    constant_time::verify_slices_are_equal(expected, found).is_ok()
}

impl MessageKey {
    /// Takes what [`Derivation::derive`] wrote.
    pub(crate) fn from_seed(seed: &[u8]) -> Self {
        let mut own = Self {
            key: [0; KEY_LEN_BYTES],
            base_nonce: [0; gcm::NONCE_LEN_BYTES],
        };
        let (key, base_nonce) = seed.split_at(KEY_LEN_BYTES);
        own.key.copy_from_slice(key);
        own.base_nonce.copy_from_slice(base_nonce);
        own
    }

    /// Encrypts chunk `index` in place and gives the tag. The caller seals each index once: the
    /// key is the message's own, so that no nonce is then used twice.
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`] from chunk 2³⁸ on.
    pub(crate) fn seal_chunk(
        &self,
        index: u64,
        chunk: &mut [u8],
    ) -> Result<[u8; TAG_LEN_BYTES], EnvelopeError> {
        let too_large = EnvelopeError::DataTooLarge {
            limit: MAX_PLAINTEXT_LEN_BYTES,
        };
        if index >= MAX_CHUNKS {
            return Err(too_large);
        }
        let tag = gcm::cipher(&self.key)
            .seal_in_place_separate_tag(self.nonce(index), Aad::empty(), chunk)
            .map_err(|_unspecified| too_large)?;
        Ok(tag
            .as_ref()
            .try_into()
            .expect("tags of AES-GCM are 16 bytes long"))
    }

    /// Decrypts chunk `index`, `ciphertext ‖ tag`, into `plaintext`, which is 16 bytes shorter.
    ///
    /// # Errors
    /// [`Forged`] if the tag fails, or from chunk 2³⁸ on; `plaintext` is then erased.
    pub(crate) fn open_chunk(
        &self,
        index: u64,
        sealed: &[u8],
        plaintext: &mut [u8],
    ) -> Result<(), Forged> {
        let (ciphertext, tag) = sealed.split_at_checked(plaintext.len()).ok_or(Forged)?;
        let opened = if index < MAX_CHUNKS {
            gcm::cipher(&self.key)
                .open_separate_gather(self.nonce(index), Aad::empty(), ciphertext, tag, plaintext)
                .map_err(|_unspecified| Forged)
        } else {
            Err(Forged)
        };
        opened.inspect_err(|_forged| plaintext.zeroize())
    }

    /// The base nonce XOR the index, big endian.
    fn nonce(&self, index: u64) -> Nonce {
        let mut nonce = self.base_nonce;
        let counter = &mut nonce[gcm::NONCE_LEN_BYTES - size_of::<u64>()..];
        for (byte, mask) in counter.iter_mut().zip(index.to_be_bytes()) {
            *byte ^= mask;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message_key() -> MessageKey {
        let mut seed = [0; SEED_LEN_BYTES];
        let derivation = Derivation {
            salt: &[7; SALT_LEN_BYTES],
            context: [b"header", b"data"],
        };
        derivation.derive(&[1; KEY_LEN_BYTES], &mut seed);
        MessageKey::from_seed(&seed)
    }

    #[test]
    fn every_chunk_has_a_nonce_of_its_own() {
        let key = message_key();
        let of = |index| *key.nonce(index).as_ref();
        assert_eq!(of(0), key.base_nonce);
        for index in [1, 255, 256, 1 << 32, MAX_CHUNKS - 1] {
            let differs: Vec<u8> = key
                .base_nonce
                .iter()
                .zip(of(index))
                .map(|(a, b)| a ^ b)
                .collect();
            assert_eq!(differs[..4], [0; 4]);
            assert_eq!(differs[4..], u64::to_be_bytes(index));
        }
    }

    #[test]
    fn the_last_chunk_that_may_be_sealed_opens_and_the_next_one_is_refused() {
        let key = message_key();
        let mut chunk = *b"data";
        let tag = key.seal_chunk(MAX_CHUNKS - 1, &mut chunk).unwrap();
        let sealed = [&chunk[..], &tag].concat();
        let mut opened = [0; 4];
        key.open_chunk(MAX_CHUNKS - 1, &sealed, &mut opened)
            .unwrap();
        assert_eq!(&opened, b"data");
        let refused = key.seal_chunk(MAX_CHUNKS, &mut chunk);
        assert!(matches!(
            refused,
            Err(EnvelopeError::DataTooLarge {
                limit: 0xF_FFFF_FFFF_FFFF
            })
        ));
        assert_eq!(
            key.open_chunk(MAX_CHUNKS, &sealed, &mut opened),
            Err(Forged)
        );
        assert_eq!(opened, [0; 4]);
    }

    #[test]
    fn a_chunk_opens_in_its_place_alone() {
        let key = message_key();
        let mut chunk = *b"data";
        let tag = key.seal_chunk(1, &mut chunk).unwrap();
        let sealed = [&chunk[..], &tag].concat();
        for index in [0, 2, 1 << 32 | 1] {
            let mut opened = [9; 4];
            assert_eq!(key.open_chunk(index, &sealed, &mut opened), Err(Forged));
            assert_eq!(opened, [0; 4]);
        }
        assert_eq!(key.open_chunk(1, &sealed[..3], &mut [0; 4]), Err(Forged));
    }

    #[test]
    fn the_parts_of_a_context_are_joined_as_they_are() {
        let commitment = |context| {
            let derivation = Derivation {
                salt: &[7; SALT_LEN_BYTES],
                context,
            };
            derivation.derive(&[1; KEY_LEN_BYTES], &mut [0; SEED_LEN_BYTES])
        };
        let joined = commitment([b"headerdata", b""]);
        assert!(is_committed(&joined, &commitment([b"header", b"data"])));
        assert!(!is_committed(&joined, &commitment([b"header", b"Data"])));
    }
}
