//! Whole lines that two texts have in common at both ends, found on bytes.

use crate::bytes::{common_last_lines, common_lines};
use crate::tokens::trim::Trim;

/// Lengths in bytes of the lines in common at the start, then of those at the end of what is left.
/// Linear.
pub(super) fn common_ends(old: &[u8], new: &[u8]) -> Trim {
    let (prefix, _) = common_lines(old, new);
    let (suffix, _) = common_last_lines(&old[prefix..], &new[prefix..]);
    Trim {
        prefix: prefix as u32,
        suffix: suffix as u32,
    }
}
