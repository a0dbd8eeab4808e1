//! A 256-bit key in memory: erased when dropped, never cloned, never printed.

use std::fmt;

use aws_lc_rs::rand;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::EnvelopeError;

/// Length of every key of the hierarchy, in bytes.
pub const KEY_LEN_BYTES: usize = 32;

/// A 32-byte secret on the heap, so that moving it leaves no copy on the stack.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Box<[u8; KEY_LEN_BYTES]>);

impl SecretKey {
    /// A key from the system's random generator.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`] if the generator fails.
    pub fn generate() -> Result<Self, EnvelopeError> {
        Self::filled_by(|bytes| {
            rand::fill(bytes).map_err(|_unspecified| EnvelopeError::RandomUnavailable)
        })
    }

    /// A key written in place by `fill`; what it wrote before an error is erased.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn filled_by<E>(
        fill: impl FnOnce(&mut [u8; KEY_LEN_BYTES]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut key = Self(Box::new([0; KEY_LEN_BYTES]));
        fill(&mut key.0)?;
        Ok(key)
    }

    /// A copy of `bytes` as a key; `None` unless there are exactly 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; KEY_LEN_BYTES] = bytes.try_into().ok()?;
        let mut key = Box::new([0; KEY_LEN_BYTES]);
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// The raw bytes, for the call that uses them and no longer.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN_BYTES] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_byte() {
        let key = SecretKey::from_slice(&[0xAB; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "SecretKey(redacted)");
    }

    #[test]
    fn takes_exactly_32_bytes() {
        for wrong in [0, 31, 33] {
            assert!(SecretKey::from_slice(&vec![1; wrong]).is_none());
        }
    }

    #[test]
    fn two_generated_keys_differ() {
        let (a, b) = (
            SecretKey::generate().unwrap(),
            SecretKey::generate().unwrap(),
        );
        assert_ne!(a.expose(), b.expose());
    }
}
