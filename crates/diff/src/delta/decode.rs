//! From the old bytes and a delta to the new bytes. It trusts no delta.

use zstd_safe::{DCtx, find_frame_compressed_size, get_frame_content_size};

use super::header::Header;
use crate::DiffError;

/// Options of [`apply_delta`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApplyDeltaOptions {
    /// The longest result, in bytes: a delta of some kilobytes may state gigabytes. Default:
    /// [`ApplyDeltaOptions::DEFAULT_MAX_OUTPUT_BYTES`].
    pub max_output_bytes: u64,
}

impl ApplyDeltaOptions {
    /// 256 MiB: what a small server can spare.
    pub const DEFAULT_MAX_OUTPUT_BYTES: u64 = 256 << 20;
}

impl Default for ApplyDeltaOptions {
    fn default() -> Self {
        Self {
            max_output_bytes: Self::DEFAULT_MAX_OUTPUT_BYTES,
        }
    }
}

/// The magic number of a zstd frame (RFC 8878, section 3.1.1); others mark what is skipped.
const FRAME_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Applies a delta to the bytes that it was made from; gives the bytes that it leads to, checked.
///
/// A delta is not authenticated: whoever can alter it decides what comes out. The checksums find
/// the wrong old bytes and damage, with a chance of 2⁻⁶⁴ of missing either.
///
/// # Errors
///
/// [`DiffError::DeltaInvalid`] for what is no delta, is damaged or was cut;
/// [`DiffError::DeltaMismatch`] for another one's old bytes; [`DiffError::DeltaOutputTooLarge`]
/// above `max_output_bytes`; [`DiffError::OutOfMemory`].
///
/// Complexity: linear. Beyond inputs and result it takes some 200 KB of memory; it takes none for
/// the result before all that can be checked without it has been.
///
/// # Example
///
/// See [`delta`](super::delta).
pub fn apply_delta(
    old: &[u8],
    delta: &[u8],
    options: &ApplyDeltaOptions,
) -> Result<Vec<u8>, DiffError> {
    let (header, frame) = Header::split(delta)?;
    let new_len = header.new.len() as u64;
    if new_len > options.max_output_bytes {
        return Err(DiffError::DeltaOutputTooLarge {
            bytes: new_len,
            limit: options.max_output_bytes,
        });
    }
    if !header.old.is_of(old) {
        return Err(DiffError::DeltaMismatch);
    }
    check_frame(frame, new_len)?;
    let new = decompress(old, frame, header.new.len())?;
    if !header.new.is_of(&new) {
        return Err(invalid("it leads to other bytes than it states"));
    }
    Ok(new)
}

/// Without the contents: one whole frame, nothing after it, of the stated length.
fn check_frame(frame: &[u8], new_len: u64) -> Result<(), DiffError> {
    if !frame.starts_with(&FRAME_MAGIC) || find_frame_compressed_size(frame) != Ok(frame.len()) {
        return Err(invalid("its frame is damaged or truncated"));
    }
    if !matches!(get_frame_content_size(frame), Ok(Some(len)) if len == new_len) {
        return Err(invalid("its lengths contradict each other"));
    }
    Ok(())
}

/// In one go, for which zstd needs no window besides the result.
fn decompress(old: &[u8], frame: &[u8], new_len: usize) -> Result<Vec<u8>, DiffError> {
    let mut new = Vec::new();
    new.try_reserve_exact(new_len)
        .map_err(|_no_memory| DiffError::OutOfMemory)?;
    let mut context = DCtx::try_create().ok_or(DiffError::OutOfMemory)?;
    context
        .ref_prefix(old)
        .map_err(|_no_memory| DiffError::OutOfMemory)?;
    context
        .decompress(&mut new, frame)
        .map_err(|_zstd| invalid("its contents are damaged"))?;
    Ok(new)
}

fn invalid(reason: &'static str) -> DiffError {
    DiffError::DeltaInvalid { reason }
}
