//! From two byte strings to a delta. It knows no file and no host.

use zstd_safe::zstd_sys::ZSTD_EndDirective::{self, ZSTD_e_continue, ZSTD_e_end};
use zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer, compress_bound};

use super::header::{Header, Print};
use super::{MAX_BYTES, window_log};
use crate::{CancelFlag, DiffError};

/// Options of [`delta`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeltaOptions {
    /// How hard to look, from 1 to 19, as zstd's levels; others are taken for the nearest. Default:
    /// 3. Of two executables of 10 MB, 9 makes the delta a tenth smaller in ten times the time.
    pub level: u8,
}

impl Default for DeltaOptions {
    fn default() -> Self {
        Self { level: 3 }
    }
}

/// The levels that zstd has for ordinary amounts of memory.
const LEVELS: (u8, u8) = (1, 19);

/// Bytes between two looks at the flag: a tenth of a second at the highest level.
const STEP_BYTES: usize = 256 << 10;

/// Makes the delta that leads from `old` to `new`, for [`apply_delta`](super::apply_delta).
///
/// **Shape**: a header of 28 bytes, then a zstd frame; `docs/delta-format.md` has all of it. The
/// same bytes give the same delta with the same version of this crate only.
///
/// # Errors
///
/// [`DiffError::DeltaInputsTooLarge`] above 2 GiB of both; [`DiffError::OutOfMemory`];
/// [`DiffError::Cancelled`] at the next 256 KiB of `new` after the flag was raised, once `old` is
/// indexed, which nothing stops: a quarter of a second a megabyte at the highest level.
///
/// Complexity: linear. Beyond the inputs and the delta it takes memory for the new bytes once more,
/// and for tables by level ([`delta_scratch_bytes`](crate::delta_scratch_bytes)).
///
/// # Example
///
/// ```
/// use sealdiff_diff::{ApplyDeltaOptions, CancelFlag, DeltaOptions, apply_delta, delta};
///
/// let (old, new) = (b"some bytes".repeat(1000), b"some other bytes".repeat(1000));
/// let small = delta(&old, &new, &DeltaOptions::default(), &CancelFlag::new())?;
/// assert!(small.len() < 100);
/// assert_eq!(apply_delta(&old, &small, &ApplyDeltaOptions::default())?, new);
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn delta(
    old: &[u8],
    new: &[u8],
    options: &DeltaOptions,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    let header = header(old, new)?;
    let mut delta = Vec::new();
    reserve(&mut delta, compress_bound(new.len()).min(CCtx::out_size()))?;
    delta.extend_from_slice(&header.to_bytes());
    let mut context = context(old, new, options)?;
    let mut rest = new;
    loop {
        if cancel.is_cancelled() {
            return Err(DiffError::Cancelled);
        }
        let (step, after) = rest.split_at(rest.len().min(STEP_BYTES));
        let end = if after.is_empty() {
            ZSTD_e_end
        } else {
            ZSTD_e_continue
        };
        compress(&mut context, step, end, &mut delta)?;
        if after.is_empty() {
            return Ok(delta);
        }
        rest = after;
    }
}

/// At most so many bytes does [`delta`] take beyond its inputs and its result.
pub(crate) fn scratch_bytes(old_len: u64, new_len: u64, level: u8) -> u64 {
    /// The state of a context and what it holds of one block.
    const FIXED: u64 = 2 << 20;
    let window = 1 << window_log(old_len, new_len);
    // Of zstd's parameters by level: hash and chain tables of 32-bit numbers, where they aren't
    // bounded by the window.
    let tables = match level {
        ..=2 => 1 << 20,
        3..=4 => 2 << 20,
        5..=8 => 8 << 20,
        9..=15 => 64 << 20,
        16.. => 96 << 20,
    };
    let far_matches = window / 2;
    new_len + FIXED + tables.min(16 * window) + far_matches
}

fn header(old: &[u8], new: &[u8]) -> Result<Header, DiffError> {
    let bytes = (old.len() as u64).saturating_add(new.len() as u64);
    let too_large = DiffError::DeltaInputsTooLarge {
        bytes,
        limit: MAX_BYTES,
    };
    if bytes > MAX_BYTES {
        return Err(too_large);
    }
    match (Print::of(old), Print::of(new)) {
        (Some(old), Some(new)) => Ok(Header { old, new }),
        _ => Err(too_large),
    }
}

/// A context whose next frame is to be `new`, with `old` before it.
fn context<'o>(old: &'o [u8], new: &[u8], options: &DeltaOptions) -> Result<CCtx<'o>, DiffError> {
    let mut context = CCtx::try_create().ok_or(DiffError::OutOfMemory)?;
    let level = options.level.clamp(LEVELS.0, LEVELS.1);
    for parameter in [
        CParameter::CompressionLevel(level.into()),
        CParameter::WindowLog(window_log(old.len() as u64, new.len() as u64)),
        CParameter::EnableLongDistanceMatching(true),
    ] {
        context
            .set_parameter(parameter)
            .expect("within zstd's bounds");
    }
    context
        .set_pledged_src_size(Some(new.len() as u64))
        .and_then(|_| context.ref_prefix(old))
        .map_err(out_of_memory)?;
    Ok(context)
}

/// Compresses all of `step` onto the end of `delta`, and with [`ZSTD_e_end`] finishes the frame.
fn compress(
    context: &mut CCtx<'_>,
    step: &[u8],
    end: ZSTD_EndDirective,
    delta: &mut Vec<u8>,
) -> Result<(), DiffError> {
    let mut input = InBuffer::around(step);
    loop {
        if delta.len() == delta.capacity() {
            reserve(delta, CCtx::out_size())?;
        }
        let len = delta.len();
        let mut output = OutBuffer::around_pos(delta, len);
        let unwritten = context
            .compress_stream2(&mut output, &mut input, end)
            .map_err(out_of_memory)?;
        let is_done = match end {
            ZSTD_e_end => unwritten == 0,
            _ => input.pos() == step.len(),
        };
        if is_done {
            return Ok(());
        }
    }
}

fn reserve(delta: &mut Vec<u8>, bytes: usize) -> Result<(), DiffError> {
    delta
        .try_reserve(bytes)
        .map_err(|_no_memory| DiffError::OutOfMemory)
}

/// All bytes are compressible, so that nothing but memory can be lacking.
fn out_of_memory(_zstd: usize) -> DiffError {
    DiffError::OutOfMemory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_takes_no_more_memory_than_is_estimated() {
        for level in LEVELS.0..=LEVELS.1 {
            for len in [0, 1, 1 << 10, 1 << 17, 3 << 19, 5 << 20] {
                let new = vec![7; len];
                let options = DeltaOptions { level };
                let mut context = context(&new, &new, &options).unwrap();
                compress(&mut context, &new, ZSTD_e_continue, &mut Vec::new()).unwrap();
                let (taken, len) = (context.sizeof() as u64, len as u64);
                let estimate = scratch_bytes(len, len, level);
                assert!(
                    taken <= estimate,
                    "level {level}, {len} bytes: {taken} > {estimate}"
                );
            }
        }
    }
}
