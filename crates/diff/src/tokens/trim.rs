//! What two texts have in common at both ends, found on bytes before anything is hashed.

use super::Tokens;
use crate::bytes;

/// What is in common at the two ends, in tokens or in bytes; it doesn't overlap on either side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Trim {
    pub(crate) prefix: u32,
    pub(crate) suffix: u32,
}

/// Counts the tokens in common at the start, then those at the end of what is left.
pub(crate) fn trim(old: (&[u8], &Tokens), new: (&[u8], &Tokens)) -> Trim {
    let (prefix, at) = common_prefix(old, new);
    let suffix = common_suffix(old, new, prefix, at);
    Trim { prefix, suffix }
}

fn common_prefix(old: (&[u8], &Tokens), new: (&[u8], &Tokens)) -> (u32, usize) {
    let in_common = bytes::common_prefix(old.0, new.0);
    let same = old.1.ends.iter().zip(&new.1.ends);
    let count = same
        .take_while(|(a, b)| a == b && **a as usize <= in_common)
        .count() as u32;
    (count, old.1.start(count))
}

fn common_suffix(old: (&[u8], &Tokens), new: (&[u8], &Tokens), prefix: u32, at: usize) -> u32 {
    let in_common = bytes::common_suffix(&old.0[at..], &new.0[at..]);
    let most = (old.1.len() - prefix).min(new.1.len() - prefix);
    let from_end = |side: (&[u8], &Tokens), n: u32| side.0.len() - side.1.start(side.1.len() - n);
    (1..=most)
        .take_while(|&n| {
            let distance = from_end(old, n);
            distance <= in_common && distance == from_end(new, n)
        })
        .last()
        .unwrap_or(0)
}
