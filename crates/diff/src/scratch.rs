//! How much memory operations take beyond their inputs and results, for hosts that keep a budget.
//! Estimates from lengths alone: it looks at no text.

use crate::{DeltaOptions, Granularity, delta};

/// An estimate of the bytes that comparing texts of `text_bytes` together takes, at most for usual
/// texts: lines of 20 bytes or more, words of 4. Texts made of line ends only take twenty times
/// that.
#[must_use]
pub fn text_scratch_bytes(granularity: Granularity, text_bytes: u64) -> u64 {
    // Offsets, ids and search state take up to some 20 bytes a token.
    let bytes_per_byte = match granularity {
        Granularity::Lines | Granularity::Sentences => 1,
        Granularity::Words => 5,
        Granularity::Chars | Granularity::Graphemes => 12,
    };
    text_bytes.saturating_mul(bytes_per_byte)
}

/// An upper bound of the bytes that [`delta()`](crate::delta()) takes for inputs of these lengths.
#[must_use]
pub fn delta_scratch_bytes(old_len: u64, new_len: u64, options: &DeltaOptions) -> u64 {
    delta::scratch_bytes(old_len, new_len, options.level)
}
