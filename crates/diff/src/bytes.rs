//! Searches on plain bytes: where two texts part, and where lines begin. No table, no hash.
//!
//! Lines end with `\n` only. Each search is linear in the bytes that it passes, at the speed of
//! vector instructions.

use memchr::{memchr, memchr_iter, memrchr, memrchr_iter};

use crate::blocks::{BLOCK, differences, line_feeds};

/// Length of what two texts have in common at the start.
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.as_chunks::<BLOCK>().0.iter();
    let blocks = blocks.zip(b.as_chunks::<BLOCK>().0);
    let at = blocks.take_while(|(a, b)| is_same(a, b)).count() * BLOCK;
    match (a[at..].first_chunk(), b[at..].first_chunk()) {
        (Some(a), Some(b)) => at + differences(a, b).trailing_zeros() as usize,
        _ => {
            let rest = a[at..].iter().zip(&b[at..]);
            at + rest.take_while(|(a, b)| a == b).count()
        }
    }
}

/// Length of what two texts have in common at the end.
pub(crate) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.as_rchunks::<BLOCK>().1.iter().rev();
    let blocks = blocks.zip(b.as_rchunks::<BLOCK>().1.iter().rev());
    let len = blocks.take_while(|(a, b)| is_same(a, b)).count() * BLOCK;
    let (a, b) = (&a[..a.len() - len], &b[..b.len() - len]);
    match (a.last_chunk(), b.last_chunk()) {
        (Some(a), Some(b)) => len + differences(a, b).leading_zeros() as usize,
        _ => {
            let rest = a.iter().rev().zip(b.iter().rev());
            len + rest.take_while(|(a, b)| a == b).count()
        }
    }
}

/// `==` would call the C library for so many bytes, and musl's compares byte by byte.
fn is_same(a: &[u8; BLOCK], b: &[u8; BLOCK]) -> bool {
    a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// Length of the whole lines that two texts have in common at the start, and of what they have in
/// common at all.
pub(crate) fn common_lines(a: &[u8], b: &[u8]) -> (usize, usize) {
    // Most texts that are compared soon differ: the first block tells both lengths.
    if let (Some(a), Some(b)) = (a.first_chunk(), b.first_chunk()) {
        let different = differences(a, b);
        if different != 0 {
            let before = different ^ (different - 1);
            let ends = line_feeds(a) & before >> 1;
            let lines = u64::BITS - ends.leading_zeros();
            return (lines as usize, different.trailing_zeros() as usize);
        }
    }
    let len = common_prefix(a, b);
    if len == a.len() && len == b.len() {
        (len, len)
    } else {
        (last_line_start(&a[..len]), len)
    }
}

/// As [`common_lines`], at the end. The texts end where lines do.
pub(crate) fn common_last_lines(a: &[u8], b: &[u8]) -> (usize, usize) {
    if let (Some(a), Some(b)) = (a.last_chunk(), b.last_chunk()) {
        let different = differences(a, b);
        if different != 0 {
            let in_common = different.leading_zeros();
            // The bytes before what is in common differ, so no line begins there on both sides.
            let ends = line_feeds(a) & u64::MAX.unbounded_shl(u64::BITS - in_common);
            let lines = match ends {
                0 => 0,
                _ => u64::BITS - 1 - ends.trailing_zeros(),
            };
            return (lines as usize, in_common as usize);
        }
    }
    let len = common_suffix(a, b);
    let is_line_start = |text: &[u8]| match &text[..text.len() - len] {
        [] => true,
        before => before.ends_with(b"\n"),
    };
    if is_line_start(a) && is_line_start(b) {
        (len, len)
    } else {
        (a.len() - next_line(a, a.len() - len), len)
    }
}

/// Where the line after the last `\n` of `text` begins; 0 if there is none.
pub(crate) fn last_line_start(text: &[u8]) -> usize {
    let Some((rest, block)) = text.split_last_chunk() else {
        return memrchr(b'\n', text).map_or(0, |at| at + 1);
    };
    match line_feeds(block) {
        0 => memrchr(b'\n', rest).map_or(0, |at| at + 1),
        found => text.len() - found.leading_zeros() as usize,
    }
}

/// Where the line after the one at `at` begins; the end of the text after the last.
pub(crate) fn next_line(text: &[u8], at: usize) -> usize {
    // Calling memchr costs more than a short line does.
    let from = match text[at..].first_chunk().map(line_feeds) {
        Some(0) => at + BLOCK,
        Some(found) => return at + found.trailing_zeros() as usize + 1,
        None => at,
    };
    memchr(b'\n', &text[from..]).map_or(text.len(), |len| from + len + 1)
}

/// Offsets after each `\n`.
pub(crate) fn push_line_ends(text: &[u8], ends: &mut Vec<u32>) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for (index, block) in blocks.iter().enumerate() {
        let mut found = line_feeds(block);
        while found != 0 {
            ends.push((index * BLOCK) as u32 + found.trailing_zeros() + 1);
            found &= found - 1;
        }
    }
    let at = (blocks.len() * BLOCK) as u32;
    let in_rest = (1u32..).zip(rest).filter(|&(_, &byte)| byte == b'\n');
    ends.extend(in_rest.map(|(end, _)| at + end));
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
        common_last_lines, common_lines, common_prefix, common_suffix, last_line_start, next_line,
        push_line_ends, skip_lines, skip_lines_back,
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
        fn common_lines_at_both_ends_are_those_of_a_loop_over_lines(
            ends in (0usize..40, 0usize..40), middles in ("[ab\n]{0,9}", "[ab\n]{0,9}"),
        ) {
            let text = |middle: &str| {
                format!("{}{middle}\n{}", "x\n".repeat(ends.0), "yy\n".repeat(ends.1)).into_bytes()
            };
            let (a, b) = (text(&middles.0), text(&middles.1));
            let lines = |text| <[u8]>::split_inclusive(text, |&byte| byte == b'\n').collect::<Vec<_>>();
            let (a_lines, b_lines) = (lines(&a), lines(&b));
            let same = a_lines.iter().zip(&b_lines).take_while(|(a, b)| a == b);
            let naive: usize = same.map(|(a, _)| a.len()).sum();
            prop_assert_eq!(common_lines(&a, &b).0, naive);
            let same = a_lines.iter().rev().zip(b_lines.iter().rev()).take_while(|(a, b)| a == b);
            let naive: usize = same.map(|(a, _)| a.len()).sum();
            prop_assert_eq!(common_last_lines(&a, &b).0, naive);
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
