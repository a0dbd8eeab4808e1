//! Sixty-four bytes at once, as masks with a bit for each byte, the first byte lowest. It knows no
//! text.
//!
//! Written so that compilers make vector instructions of the comparisons, for any processor and
//! without `unsafe`.

/// Bytes of a block: as many as a mask has bits.
pub(crate) const BLOCK: usize = u64::BITS as usize;

/// Bytes of a word.
const ROW: usize = size_of::<u64>();

/// Which bytes are `\n`.
pub(crate) fn line_feeds(block: &[u8; BLOCK]) -> u64 {
    mask(|at| block[at] == b'\n')
}

/// Which bytes of two blocks differ.
pub(crate) fn differences(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u64 {
    mask(|at| a[at] != b[at])
}

fn mask(is_set: impl Fn(usize) -> bool) -> u64 {
    // A bit for the row of eight bytes that a byte is in: so the rows can be laid upon each other.
    let mut bits = [0; BLOCK];
    for (at, bit) in bits.iter_mut().enumerate() {
        *bit = if is_set(at) { 1 << (at / ROW) } else { 0 };
    }
    let rows = bits.as_chunks::<ROW>().0.iter();
    transposed(rows.fold(0, |all, row| all | u64::from_le_bytes(*row)))
}

/// Swaps rows and columns of eight by eight bits.
///
/// Source: Warren, "Hacker's Delight", section 7-3.
fn transposed(mut bits: u64) -> u64 {
    for (shift, moved) in [
        (7, 0x00AA_00AA_00AA_00AA),
        (14, 0x0000_CCCC_0000_CCCC),
        (28, 0x0000_0000_F0F0_F0F0),
    ] {
        let swapped = (bits ^ bits >> shift) & moved;
        bits ^= swapped ^ swapped << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, differences, line_feeds};

    fn naive(is_set: impl Fn(usize) -> bool) -> u64 {
        (0..BLOCK).fold(0, |mask, at| mask | u64::from(is_set(at)) << at)
    }

    fn block() -> impl Strategy<Value = [u8; BLOCK]> {
        let byte = prop::sample::select(vec![b'\n', 0x0B, 0x8A, 0, 1, 0x7F, 0x80, 0xFF, b'a']);
        prop::collection::vec(byte, BLOCK)
            .prop_map(|bytes| bytes.try_into().expect("it has that length"))
    }

    proptest! {
        #[test]
        fn masks_say_what_a_loop_over_bytes_finds(a in block(), b in block()) {
            prop_assert_eq!(line_feeds(&a), naive(|at| a[at] == b'\n'));
            prop_assert_eq!(differences(&a, &b), naive(|at| a[at] != b[at]));
        }
    }
}
