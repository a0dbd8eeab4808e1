//! XAES-256-GCM: AES-256-GCM with 192-bit nonces, safe to draw at random for any number of records.
//! Source: c2sp.org/XAES-256-GCM; the derivation is NIST SP 800-108r1 in counter mode over CMAC.

use aes::Aes256Enc;
use aes::cipher::consts::U16;
use aes::cipher::{
    Array, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit,
};
use aws_lc_rs::aead::{Aad, Nonce};
use aws_lc_rs::error::Unspecified;
use sealdiff_secure_memory::{wipe, with_clean_shallow_stack};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::gcm;
use super::gcm::Forged;
use crate::error::EnvelopeError;
use crate::secret::KEY_LEN_BYTES;

/// Length of the nonce in bytes.
pub const NONCE_LEN_BYTES: usize = 24;
/// Length of the tag in bytes.
pub const TAG_LEN_BYTES: usize = gcm::TAG_LEN_BYTES;

const BLOCK_LEN_BYTES: usize = 16;
/// How much of the nonce goes into the derivation; the rest is the nonce of AES-GCM.
const DERIVATION_PART: usize = 12;

/// A key with its AES schedule and CMAC subkey computed once.
#[derive(ZeroizeOnDrop)]
pub struct XaesKey {
    schedule: Aes256Enc,
    subkey: [u8; BLOCK_LEN_BYTES],
}

impl XaesKey {
    /// Computes the schedule and the CMAC subkey K1 (SP 800-38B, section 6.1).
    #[must_use]
    pub fn new(key: &[u8; KEY_LEN_BYTES]) -> Self {
        let schedule = Aes256Enc::new(key.into());
        let mut block = Array::from([0; BLOCK_LEN_BYTES]);
        schedule.encrypt_block(&mut block);
        let subkey = double(block.0);
        block.zeroize();
        Self { schedule, subkey }
    }

    /// Writes the ciphertext of `plaintext`, which is as long, and gives the tag.
    ///
    /// The caller must not use a nonce twice under one key: 24 random bytes keep that promise for
    /// 2⁸⁰ records with a risk of collision under 2⁻³².
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`].
    pub fn seal(
        &self,
        nonce: &[u8; NONCE_LEN_BYTES],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LEN_BYTES], EnvelopeError> {
        let mut tag = [0; TAG_LEN_BYTES];
        gcm::cipher(&self.derive(nonce))
            .seal_out_of_place_scatter(
                gcm_nonce(nonce),
                Aad::from(aad),
                plaintext,
                ciphertext,
                &[],
                &mut tag,
            )
            .map_err(too_large)?;
        Ok(tag)
    }

    /// [`Self::seal`] of `data` in place.
    ///
    /// # Errors
    /// [`EnvelopeError::DataTooLarge`].
    pub fn seal_in_place(
        &self,
        nonce: &[u8; NONCE_LEN_BYTES],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LEN_BYTES], EnvelopeError> {
        let mut tag = [0; TAG_LEN_BYTES];
        gcm::cipher(&self.derive(nonce))
            .seal_in_place_scatter(gcm_nonce(nonce), Aad::from(aad), data, &[], &mut tag)
            .map_err(too_large)?;
        Ok(tag)
    }

    /// Decrypts `ciphertext` into `plaintext`, which is as long.
    ///
    /// # Errors
    /// [`Forged`] if the tag fails; `plaintext` is then erased.
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LEN_BYTES],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
        plaintext: &mut [u8],
    ) -> Result<(), Forged> {
        gcm::cipher(&self.derive(nonce))
            .open_separate_gather(gcm_nonce(nonce), Aad::from(aad), ciphertext, tag, plaintext)
            .map_err(|_unspecified| {
                wipe(plaintext);
                Forged
            })
    }

    /// Decrypts `ciphertext ‖ tag` in place; the plaintext is its first bytes.
    ///
    /// # Errors
    /// [`Forged`] if the tag fails, with every decrypted byte erased.
    pub fn open_in_place(
        &self,
        nonce: &[u8; NONCE_LEN_BYTES],
        aad: &[u8],
        ciphertext_and_tag: &mut [u8],
    ) -> Result<(), Forged> {
        // The library erases the buffer when the tag fails.
        gcm::cipher(&self.derive(nonce))
            .open_in_place(gcm_nonce(nonce), Aad::from(aad), ciphertext_and_tag)
            .map(drop)
            .map_err(|_unspecified| Forged)
    }

    /// The key of one record: CMAC of the two counter blocks, each a single block long, so that
    /// CMAC is one encryption of the block XOR K1.
    fn derive(&self, nonce: &[u8; NONCE_LEN_BYTES]) -> Zeroizing<[u8; KEY_LEN_BYTES]> {
        let mut blocks = [
            Array::from([0; BLOCK_LEN_BYTES]),
            Array::from([0; BLOCK_LEN_BYTES]),
        ];
        for (counter, block) in (1..).zip(&mut blocks) {
            block[..4].copy_from_slice(&[0, counter, b'X', 0]);
            block[4..].copy_from_slice(&nonce[..DERIVATION_PART]);
            for (byte, mask) in block.iter_mut().zip(self.subkey) {
                *byte ^= mask;
            }
        }
        // With vector instructions for AES, the cipher copies the whole schedule to the stack, whose
        // first two round keys are the key itself.
        with_clean_shallow_stack(|| {
            self.schedule.encrypt_with_backend(OneByOne(&mut blocks));
        });
        let mut key = Zeroizing::new([0; KEY_LEN_BYTES]);
        for (part, block) in key.chunks_exact_mut(BLOCK_LEN_BYTES).zip(&mut blocks) {
            part.copy_from_slice(block);
            block.zeroize();
        }
        key
    }
}

/// Encrypts blocks one at a time: two are too few for the parallel form, which would only copy more
/// of the schedule.
struct OneByOne<'a>(&'a mut [aes::Block; 2]);

impl BlockSizeUser for OneByOne<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for OneByOne<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        for block in self.0 {
            backend.encrypt_block(block.into());
        }
    }
}

/// The one way in which sealing fails where all lengths are right.
fn too_large(_unspecified: Unspecified) -> EnvelopeError {
    EnvelopeError::DataTooLarge {
        limit: gcm::MAX_PLAINTEXT_LEN_BYTES,
    }
}

/// The last 12 bytes are AES-GCM's nonce, under a key that depends on the first 12.
fn gcm_nonce(nonce: &[u8; NONCE_LEN_BYTES]) -> Nonce {
    let rest = nonce[DERIVATION_PART..]
        .try_into()
        .expect("24 - 12 = 12 bytes");
    Nonce::assume_unique_for_key(rest)
}

/// Multiplication by x in GF(2¹²⁸) (SP 800-38B, section 6.1), without a branch on the secret.
fn double(block: [u8; BLOCK_LEN_BYTES]) -> [u8; BLOCK_LEN_BYTES] {
    let value = u128::from_be_bytes(block);
    let carry_mask = (value >> 127).wrapping_neg();
    ((value << 1) ^ (carry_mask & 0x87)).to_be_bytes()
}
