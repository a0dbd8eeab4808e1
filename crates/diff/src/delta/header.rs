//! The header of a delta: what it leads from and to. It knows no compression.

use twox_hash::XxHash3_64;

use super::MAX_BYTES;
use crate::DiffError;

/// A byte that no text begins with, two letters, and the version.
const MAGIC: [u8; 3] = [0xD3, b'S', b'D'];
const VERSION: u8 = 1;

/// Length of the header, in bytes.
pub(super) const LEN_BYTES: usize = 28;

/// What identifies some bytes: their number and their XXH3-64 with seed 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Print {
    len: u32,
    checksum: u64,
}

impl Print {
    /// The print of `bytes`; `None` above 4 GiB. Complexity: linear, some 10 GB a second.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let len = u32::try_from(bytes.len()).ok()?;
        let checksum = XxHash3_64::oneshot(bytes);
        Some(Self { len, checksum })
    }

    pub(super) fn len(self) -> usize {
        self.len as usize
    }

    /// Whether these are the bytes. Compares the lengths first.
    pub(super) fn is_of(self, bytes: &[u8]) -> bool {
        bytes.len() == self.len() && Self::of(bytes) == Some(self)
    }
}

/// **Shape**, 28 bytes, numbers big endian: magic (3), version (1), length of the old bytes (4) and
/// of the new ones (4), checksum of the old bytes (8) and of the new ones (8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) old: Print,
    pub(super) new: Print,
}

impl Header {
    pub(super) fn to_bytes(self) -> [u8; LEN_BYTES] {
        let mut bytes = [0; LEN_BYTES];
        bytes[..3].copy_from_slice(&MAGIC);
        bytes[3] = VERSION;
        bytes[4..8].copy_from_slice(&self.old.len.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.new.len.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.old.checksum.to_be_bytes());
        bytes[20..].copy_from_slice(&self.new.checksum.to_be_bytes());
        bytes
    }

    /// The header, and the frame after it.
    ///
    /// # Errors
    ///
    /// [`DiffError::DeltaInvalid`].
    pub(super) fn split(delta: &[u8]) -> Result<(Self, &[u8]), DiffError> {
        let invalid = |reason| DiffError::DeltaInvalid { reason };
        let (bytes, frame) = delta
            .split_first_chunk::<LEN_BYTES>()
            .ok_or(invalid("it is truncated"))?;
        if bytes[..3] != MAGIC {
            return Err(invalid("it does not begin as a delta does"));
        }
        if bytes[3] != VERSION {
            return Err(invalid("its version is not known"));
        }
        let header = Self::read(bytes);
        if u64::from(header.old.len) + u64::from(header.new.len) > MAX_BYTES {
            return Err(invalid("its lengths are larger than the format allows"));
        }
        Ok((header, frame))
    }

    fn read(bytes: &[u8; LEN_BYTES]) -> Self {
        let number = |from: usize, len: usize| {
            let digits = bytes[from..from + len].iter();
            digits.fold(0, |number: u64, &byte| number << 8 | u64::from(byte))
        };
        // Four bytes fit 32 bits.
        let print = |len: usize, checksum: usize| Print {
            len: number(len, 4) as u32,
            checksum: number(checksum, 8),
        };
        Self {
            old: print(4, 12),
            new: print(8, 20),
        }
    }
}
