//! What two texts have in common at both ends, found on bytes before anything is hashed.

use super::Tokens;

/// Tokens in common at the two ends; they don't overlap on either side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Trim {
    pub(crate) prefix: u32,
    pub(crate) suffix: u32,
}

/// Bytes compared at once; a power of two that compilers turn into a few vector compares.
const STRIDE: usize = 64;

/// Counts the tokens in common at the start, then those at the end of what is left.
pub(crate) fn trim(old: (&[u8], &Tokens), new: (&[u8], &Tokens)) -> Trim {
    let (prefix, at) = common_prefix(old, new);
    let suffix = common_suffix(old, new, prefix, at);
    Trim { prefix, suffix }
}

fn common_prefix(old: (&[u8], &Tokens), new: (&[u8], &Tokens)) -> (u32, usize) {
    let bytes = common_prefix_bytes(old.0, new.0);
    let same = old.1.ends.iter().zip(&new.1.ends);
    let count = same
        .take_while(|(a, b)| a == b && **a as usize <= bytes)
        .count() as u32;
    (count, old.1.start(count))
}

fn common_suffix(old: (&[u8], &Tokens), new: (&[u8], &Tokens), prefix: u32, at: usize) -> u32 {
    let bytes = common_suffix_bytes(&old.0[at..], &new.0[at..]);
    let most = (old.1.len() - prefix).min(new.1.len() - prefix);
    let from_end = |side: (&[u8], &Tokens), n: u32| side.0.len() - side.1.start(side.1.len() - n);
    (1..=most)
        .take_while(|&n| {
            let distance = from_end(old, n);
            distance <= bytes && distance == from_end(new, n)
        })
        .last()
        .unwrap_or(0)
}

fn common_prefix_bytes(a: &[u8], b: &[u8]) -> usize {
    let strides = a.chunks_exact(STRIDE).zip(b.chunks_exact(STRIDE));
    let at = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    at + a[at..]
        .iter()
        .zip(&b[at..])
        .take_while(|(a, b)| a == b)
        .count()
}

fn common_suffix_bytes(a: &[u8], b: &[u8]) -> usize {
    let strides = a.rchunks_exact(STRIDE).zip(b.rchunks_exact(STRIDE));
    let at = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let (a, b) = (&a[..a.len() - at], &b[..b.len() - at]);
    at + a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count()
}
