//! Searches on plain bytes: where two texts part, and where lines begin. No table, no hash.
//!
//! Lines end with `\n` only. Each search is linear in the bytes that it passes, at the speed of
//! vector instructions.

use memchr::{memchr, memchr_iter, memrchr, memrchr_iter};

const WORD: usize = size_of::<u64>();

/// Bytes compared at once.
const STRIDE: usize = 8 * WORD;

/// Length of what two texts have in common at the start.
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let head = len.min(STRIDE);
    let in_head = first_difference(&a[..head], &b[..head]);
    if in_head < STRIDE {
        return in_head;
    }
    let strides = a.as_chunks::<STRIDE>().0.iter();
    let strides = strides.zip(b.as_chunks::<STRIDE>().0).skip(1);
    let same = strides.take_while(|(a, b)| is_same(a, b)).count();
    let at = (1 + same) * STRIDE;
    at + first_difference(&a[at..], &b[at..])
}

/// Compares without a branch between the words, so that compilers make vectors of them; `==` would
/// call the C library for so many bytes, and musl's compares byte by byte.
fn is_same(a: &[u8; STRIDE], b: &[u8; STRIDE]) -> bool {
    let words = a.as_chunks::<WORD>().0.iter().zip(b.as_chunks::<WORD>().0);
    let difference =
        |(a, b): (&[u8; WORD], &[u8; WORD])| u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b);
    words
        .map(difference)
        .fold(0, |all, difference| all | difference)
        == 0
}

/// As [`common_prefix`], word by word: for texts that soon differ.
fn first_difference(a: &[u8], b: &[u8]) -> usize {
    let (a_words, a_rest) = a.as_chunks::<WORD>();
    let (b_words, b_rest) = b.as_chunks::<WORD>();
    for (index, (a, b)) in a_words.iter().zip(b_words).enumerate() {
        let difference = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if difference != 0 {
            return index * WORD + difference.trailing_zeros() as usize / 8;
        }
    }
    let rest = a_rest.iter().zip(b_rest);
    a_words.len() * WORD + rest.take_while(|(a, b)| a == b).count()
}

/// Length of what two texts have in common at the end.
pub(crate) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    let len = a.len().min(b.len());
    let (a, b) = (&a[a.len() - len..], &b[b.len() - len..]);
    let strides = a.as_rchunks::<STRIDE>().1.iter().rev();
    let strides = strides.zip(b.as_rchunks::<STRIDE>().1.iter().rev());
    let at = strides.take_while(|(a, b)| is_same(a, b)).count() * STRIDE;
    let (a, b) = (&a[..len - at], &b[..len - at]);
    let rest = a.iter().rev().zip(b.iter().rev());
    at + rest.take_while(|(a, b)| a == b).count()
}

/// Length of the whole lines that two texts have in common at the start, and of what they have in
/// common at all.
pub(crate) fn common_lines(a: &[u8], b: &[u8]) -> (usize, usize) {
    let len = common_prefix(a, b);
    if len == a.len() && len == b.len() {
        (len, len)
    } else {
        (last_line_start(&a[..len]), len)
    }
}

/// Where the line after the last `\n` of `text` begins; 0 if there is none.
pub(crate) fn last_line_start(text: &[u8]) -> usize {
    let mut end = text.len();
    for word in text.as_rchunks::<WORD>().1.iter().rev().take(NEAR) {
        let found = line_feeds(*word);
        if found != 0 {
            return end - found.leading_zeros() as usize / 8;
        }
        end -= WORD;
    }
    memrchr(b'\n', &text[..end]).map_or(0, |at| at + 1)
}

/// Where the line after the one at `at` begins; the end of the text after the last.
pub(crate) fn next_line(text: &[u8], mut at: usize) -> usize {
    for word in text[at..].as_chunks::<WORD>().0.iter().take(NEAR) {
        let found = line_feeds(*word);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8 + 1;
        }
        at += WORD;
    }
    memchr(b'\n', &text[at..]).map_or(text.len(), |len| at + len + 1)
}

/// Words in which a line end is looked for before memchr is called, which costs more than a short
/// line does.
const NEAR: usize = 8;

/// The highest bit of each byte that is `\n`, the first byte lowest.
///
/// Source: Warren, "Hacker's Delight", section 6-1; the form without carries between bytes.
fn line_feeds(word: [u8; WORD]) -> u64 {
    const LOW: u64 = u64::MAX / 255 * 0x7F;
    let word = u64::from_le_bytes(word) ^ u64::from_le_bytes([b'\n'; WORD]);
    !(((word & LOW) + LOW) | word | LOW)
}

/// Offsets after each `\n`.
pub(crate) fn push_line_ends(text: &[u8], ends: &mut Vec<u32>) {
    let (strides, rest) = text.as_chunks::<STRIDE>();
    for (index, stride) in strides.iter().enumerate() {
        let mut found = line_feed_bits(stride);
        while found != 0 {
            ends.push((index * STRIDE) as u32 + found.trailing_zeros() + 1);
            found &= found - 1;
        }
    }
    let at = (strides.len() * STRIDE) as u32;
    let in_rest = (1u32..).zip(rest).filter(|&(_, &byte)| byte == b'\n');
    ends.extend(in_rest.map(|(end, _)| at + end));
}

/// A bit for each byte that is `\n`, the first byte lowest.
fn line_feed_bits(stride: &[u8; STRIDE]) -> u64 {
    // Gathers the lowest bits of the eight bytes in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let words = stride.as_chunks::<WORD>().0.iter().rev();
    words.fold(0, |bits, word| {
        bits << 8 | (line_feeds(*word) >> 7).wrapping_mul(GATHER) >> 56
    })
}

/// As [`next_line`], `count` times.
pub(crate) fn skip_lines(text: &[u8], at: usize, count: u32) -> usize {
    let Some(before) = count.checked_sub(1) else {
        return at;
    };
    let end = memchr_iter(b'\n', &text[at..]).nth(before as usize);
    end.map_or(text.len(), |len| at + len + 1)
}

/// Where the line begins that is `count` lines before the one at `at`; 0 if there are too few.
pub(crate) fn skip_lines_back(text: &[u8], at: usize, count: u32) -> usize {
    let Some(before) = count.checked_sub(1) else {
        return at;
    };
    // The last byte ends the line before, or is content of a last line without `\n`.
    let text = &text[..at.saturating_sub(1)];
    let end = memrchr_iter(b'\n', text).nth(before as usize);
    end.map_or(0, |at| at + 1)
}

/// Lines of a text that begins where a line does; a last one without `\n` counts.
pub(crate) fn count_lines(text: &[u8]) -> u32 {
    let has_tail = text.last().is_some_and(|&last| last != b'\n');
    memchr_iter(b'\n', text).count() as u32 + u32::from(has_tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        common_prefix, common_suffix, last_line_start, next_line, push_line_ends, skip_lines,
        skip_lines_back,
    };

    fn naive_prefix<'b>(a: impl Iterator<Item = &'b u8>, b: impl Iterator<Item = &'b u8>) -> usize {
        a.zip(b).take_while(|(a, b)| a == b).count()
    }

    proptest! {
        #[test]
        fn common_ends_are_what_a_loop_over_bytes_finds(
            ends in (0usize..300, 0usize..300), middles in ("[ab]{0,9}", "[ab]{0,9}"),
        ) {
            let text = |middle: &str| {
                format!("{}{middle}{}", "x".repeat(ends.0), "y".repeat(ends.1)).into_bytes()
            };
            let (a, b) = (text(&middles.0), text(&middles.1));
            prop_assert_eq!(common_prefix(&a, &b), naive_prefix(a.iter(), b.iter()));
            let naive = naive_prefix(a.iter().rev(), b.iter().rev());
            prop_assert_eq!(common_suffix(&a, &b), naive);
        }

        #[test]
        fn line_ends_are_found_among_any_bytes(text in "[\\x00\\x09-\\x0b\\x7f\\u{80}-\\u{8b}]{0,200}", at: prop::sample::Index) {
            let text = text.as_bytes();
            let naive = (1..=text.len()).filter(|&end| text[end - 1] == b'\n');
            let naive: Vec<u32> = naive.map(|end| end as u32).collect();
            let mut ends = Vec::new();
            push_line_ends(text, &mut ends);
            prop_assert_eq!(&ends, &naive);
            let at = at.index(text.len() + 1);
            let next = naive.iter().find(|&&end| end as usize > at);
            prop_assert_eq!(next_line(text, at), next.map_or(text.len(), |&end| end as usize));
            let last = naive.iter().rfind(|&&end| end as usize <= at);
            prop_assert_eq!(last_line_start(&text[..at]), last.map_or(0, |&end| end as usize));
        }

        #[test]
        fn lines_are_skipped_in_both_directions(text in "[a\n]{0,40}") {
            let text = text.as_bytes();
            let lines = text.split_inclusive(|&byte| byte == b'\n');
            let mut starts: Vec<usize> = lines.scan(0, |end, line| {
                *end += line.len();
                Some(*end)
            }).collect();
            starts.insert(0, 0);
            for (from, &start) in starts.iter().enumerate() {
                for (to, &end) in starts.iter().enumerate().skip(from) {
                    let count = (to - from) as u32;
                    prop_assert_eq!(skip_lines(text, start, count), end);
                    prop_assert_eq!(skip_lines_back(text, end, count), start);
                }
            }
        }
    }
}
