//! Binary deltas: any bytes, as the little that they differ from other bytes by. It knows no text.
//!
//! A delta is a header of ours and a zstd frame (RFC 8878) for which the old bytes are the prefix,
//! as `docs/delta-format.md` specifies. Zstandard's matches at a distance do the search.

mod decode;
mod encode;
mod header;

pub use decode::{ApplyDeltaOptions, apply_delta};
pub(crate) use encode::scratch_bytes;
pub use encode::{DeltaOptions, delta};

/// Most bytes of old and new together: how far back a zstd match can reach. Beyond it the start of
/// the old bytes would be out of sight, and a delta as large as what it leads to.
const MAX_BYTES: u64 = 1 << 31;

/// zstd's own limits of a window.
const WINDOW_LOGS: std::ops::RangeInclusive<u32> = 10..=31;

/// The smallest window from which the last of the new bytes sees the first of the old ones.
fn window_log(old_len: u64, new_len: u64) -> u32 {
    let bytes = old_len.saturating_add(new_len).clamp(1, MAX_BYTES);
    let log = bytes.next_power_of_two().ilog2();
    log.clamp(*WINDOW_LOGS.start(), *WINDOW_LOGS.end())
}
