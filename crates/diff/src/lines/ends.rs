//! Whole lines that two texts have in common at both ends, found on bytes.

use crate::bytes::{common_lines, common_suffix, next_line};
use crate::tokens::trim::Trim;

/// Lengths in bytes of the lines in common at the start, then of those at the end of what is left.
/// Linear.
pub(super) fn common_ends(old: &[u8], new: &[u8]) -> Trim {
    let (prefix, _) = common_lines(old, new);
    let suffix = common_last_lines(&old[prefix..], &new[prefix..]);
    Trim {
        prefix: prefix as u32,
        suffix: suffix as u32,
    }
}

fn common_last_lines(old: &[u8], new: &[u8]) -> usize {
    let suffix = common_suffix(old, new);
    let is_line_start = |text: &[u8]| match &text[..text.len() - suffix] {
        [] => true,
        before => before.ends_with(b"\n"),
    };
    if is_line_start(old) && is_line_start(new) {
        suffix
    } else {
        old.len() - next_line(old, old.len() - suffix)
    }
}
