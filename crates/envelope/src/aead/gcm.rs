//! Asherah's AES-256-GCM blob: `ciphertext(n) ‖ tag(16) ‖ nonce(12)`, no additional data.
//! Source: NIST SP 800-38D. Nonces are 96 random bits (section 8.2.2).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sealdiff_secure_memory::wipe;

use crate::error::EnvelopeError;
use crate::secret::{KEY_LEN_BYTES, SecretKey};

/// Length of the nonce in bytes.
pub const NONCE_LEN_BYTES: usize = 12;
/// Length of the tag in bytes.
pub const TAG_LEN_BYTES: usize = 16;
/// What a blob is longer than its plaintext, in bytes.
pub const OVERHEAD_BYTES: usize = TAG_LEN_BYTES + NONCE_LEN_BYTES;
/// Length of a wrapped key in bytes.
pub const WRAPPED_KEY_LEN_BYTES: usize = KEY_LEN_BYTES + OVERHEAD_BYTES;
/// Longest plaintext under one key and nonce, in bytes: 2³⁶ − 32 (SP 800-38D, section 5.2.1.1).
pub const MAX_PLAINTEXT_LEN_BYTES: u64 = (1 << 36) - 32;

/// The blob doesn't authenticate under this key, or is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forged;

/// Appends the blob of `plaintext` under `key` and a fresh random nonce to `out`.
///
/// # Errors
/// [`EnvelopeError::RandomUnavailable`], [`EnvelopeError::DataTooLarge`].
pub(crate) fn seal(
    key: &[u8; KEY_LEN_BYTES],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EnvelopeError> {
    let mut nonce = [0; NONCE_LEN_BYTES];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_unspecified| EnvelopeError::RandomUnavailable)?;
    seal_with_nonce(key, nonce, plaintext, out)
}

/// [`seal`] under 96 bits that the caller has just drawn at random.
///
/// # Errors
/// [`EnvelopeError::DataTooLarge`].
pub(crate) fn seal_with_nonce(
    key: &[u8; KEY_LEN_BYTES],
    nonce: [u8; NONCE_LEN_BYTES],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EnvelopeError> {
    out.reserve(plaintext.len() + OVERHEAD_BYTES);
    let start = out.len();
    out.extend_from_slice(plaintext);
    let sealed = cipher(key).seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut out[start..],
    );
    let Ok(tag) = sealed else {
        wipe(&mut out[start..]);
        out.truncate(start);
        return Err(EnvelopeError::DataTooLarge {
            limit: MAX_PLAINTEXT_LEN_BYTES,
        });
    };
    out.extend_from_slice(tag.as_ref());
    out.extend_from_slice(&nonce);
    Ok(())
}

/// Decrypts `blob` in place and gives the plaintext, its first bytes.
///
/// # Errors
/// [`Forged`] if the tag fails, with every decrypted byte erased, or if `blob` is shorter than 28.
pub fn open_in_place<'a>(key: &SecretKey, blob: &'a mut [u8]) -> Result<&'a mut [u8], Forged> {
    let nonce_at = blob.len().checked_sub(NONCE_LEN_BYTES).ok_or(Forged)?;
    if nonce_at < TAG_LEN_BYTES {
        return Err(Forged);
    }
    let (sealed, nonce) = blob.split_at_mut(nonce_at);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| Forged)?;
    // The library erases the buffer when the tag fails.
    cipher(key.expose())
        .open_in_place(nonce, Aad::empty(), sealed)
        .map_err(|_unspecified| Forged)
}

/// Decrypts `blob` into `plaintext`, which is 28 bytes shorter, and nowhere else.
///
/// # Errors
/// [`Forged`] if the tag fails, with `plaintext` erased, or if a length is wrong.
pub(crate) fn open_into(
    key: &[u8; KEY_LEN_BYTES],
    blob: &[u8],
    plaintext: &mut [u8],
) -> Result<(), Forged> {
    if blob.len() != plaintext.len() + OVERHEAD_BYTES {
        return Err(Forged);
    }
    let (ciphertext, rest) = blob.split_at(plaintext.len());
    let (tag, nonce) = rest.split_at(TAG_LEN_BYTES);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| Forged)?;
    cipher(key)
        .open_separate_gather(nonce, Aad::empty(), ciphertext, tag, plaintext)
        .map_err(|_unspecified| {
            wipe(plaintext);
            Forged
        })
}

/// Wraps `key` under `parent`: a blob of 60 bytes.
///
/// # Errors
/// [`EnvelopeError::RandomUnavailable`].
pub fn wrap_key(parent: &SecretKey, key: &SecretKey) -> Result<Vec<u8>, EnvelopeError> {
    wrap_under(parent.expose(), key.expose())
}

/// [`wrap_key`] for keys that lie elsewhere than in a [`SecretKey`].
///
/// # Errors
/// Those of [`wrap_key`].
pub(crate) fn wrap_under(
    parent: &[u8; KEY_LEN_BYTES],
    key: &[u8; KEY_LEN_BYTES],
) -> Result<Vec<u8>, EnvelopeError> {
    let mut blob = Vec::with_capacity(WRAPPED_KEY_LEN_BYTES);
    seal(parent, key, &mut blob)?;
    Ok(blob)
}

/// Unwraps what [`wrap_key`] made.
///
/// # Errors
/// [`Forged`] if the blob isn't 60 bytes long or doesn't authenticate.
pub fn unwrap_key(parent: &SecretKey, blob: &[u8]) -> Result<SecretKey, Forged> {
    unwrap_under(parent.expose(), blob)
}

/// [`unwrap_key`] under a key that lies elsewhere than in a [`SecretKey`].
///
/// # Errors
/// Those of [`unwrap_key`].
pub(crate) fn unwrap_under(parent: &[u8; KEY_LEN_BYTES], blob: &[u8]) -> Result<SecretKey, Forged> {
    SecretKey::filled_by(|key| open_into(parent, blob, key))
}

/// The cipher under `key`. Made per call (0.15 µs): a long-lived one would keep the raw key in
/// ordinary heap; the library erases it when it is dropped.
pub(super) fn cipher(key: &[u8; KEY_LEN_BYTES]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256-GCM takes keys of 32 bytes");
    LessSafeKey::new(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_slice(&[byte; 32]).unwrap()
    }

    #[test]
    fn opens_what_it_sealed() {
        for len in [0, 1, 15, 16, 17, 1000] {
            let plaintext: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut blob = Vec::new();
            seal(key(1).expose(), &plaintext, &mut blob).unwrap();
            assert_eq!(blob.len(), len + OVERHEAD_BYTES);
            assert_eq!(open_in_place(&key(1), &mut blob).unwrap(), plaintext);
        }
    }

    #[test]
    fn refuses_every_flipped_byte_and_every_cut() {
        let mut blob = Vec::new();
        seal(key(1).expose(), b"plaintext", &mut blob).unwrap();
        for at in 0..blob.len() {
            let mut forged = blob.clone();
            forged[at] ^= 0x80;
            assert_eq!(
                open_in_place(&key(1), &mut forged),
                Err(Forged),
                "byte {at}"
            );
            assert_eq!(
                open_in_place(&key(1), &mut blob[..at].to_vec()),
                Err(Forged),
                "cut {at}"
            );
        }
        assert_eq!(open_in_place(&key(2), &mut blob), Err(Forged));
    }

    #[test]
    fn erases_what_it_decrypted_when_the_tag_fails() {
        let mut blob = Vec::new();
        seal(key(1).expose(), b"plaintext", &mut blob).unwrap();
        let tag_at = blob.len() - NONCE_LEN_BYTES - 1;
        blob[tag_at] ^= 1;
        assert_eq!(open_in_place(&key(1), &mut blob), Err(Forged));
        assert!(!blob.windows(4).any(|w| w == b"plai"));
    }

    #[test]
    fn unwraps_only_sixty_bytes() {
        let blob = wrap_key(&key(1), &key(7)).unwrap();
        assert_eq!(blob.len(), WRAPPED_KEY_LEN_BYTES);
        assert_eq!(unwrap_key(&key(1), &blob).unwrap().expose(), &[7; 32]);
        let mut long = Vec::new();
        seal(key(1).expose(), &[7; 33], &mut long).unwrap();
        assert!(unwrap_key(&key(1), &long).is_err());
        assert!(unwrap_key(&key(1), &blob[..59]).is_err());
        assert!(unwrap_key(&key(2), &blob).is_err());
    }
}
