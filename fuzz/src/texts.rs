//! Texts made of a fuzz input: as they are, or large ones of few bytes, so that a search of four
//! thousand bytes also meets texts on which time shows.

use crate::Input;

/// No text is made longer.
pub const MAX_TEXT_BYTES: usize = 1 << 15;

/// Mostly once, for a search lives on many inputs: a large text costs as much as a thousand small ones.
const REPEATS: [usize; 16] = [
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    2,
    3,
    4,
    16,
    64,
    512,
    MAX_TEXT_BYTES,
];

/// The texts of an input.
///
/// The first choice says what its bytes mean. Bits 0 and 1: the texts themselves; a short line for
/// each byte; the first text, and edits of it ([`edited_lines`]); the same with a short line for
/// each byte of the first. Bits 2 to 5: how often each text is repeated ([`REPEATS`]). Bit 6: with
/// a line of its own after each repetition. Bit 7: the first text is repeated before it is edited.
pub fn texts<const N: usize>(mut input: Input<'_>) -> [Vec<u8>; N] {
    let shape = input.byte();
    let parts = input.parts::<N>();
    let (is_short, is_edited) = (shape & 1 != 0, shape & 2 != 0);
    let repeats = REPEATS[usize::from(shape >> 2 & 15)];
    let (is_numbered, is_edited_last) = (shape & 0x40 != 0, shape & 0x80 != 0);
    let text = |part: &[u8]| {
        if is_short {
            short_lines(part)
        } else {
            part.to_vec()
        }
    };
    let repeated = |text: Vec<u8>| repeated(&text, repeats, is_numbered);
    let first = text(parts[0]);
    if is_edited && is_edited_last {
        let first = repeated(first);
        return std::array::from_fn(|n| match n {
            0 => first.clone(),
            n => edited_lines(&first, parts[n]),
        });
    }
    std::array::from_fn(|n| match n {
        n if n > 0 && is_edited => repeated(edited_lines(&first, parts[n])),
        n => repeated(text(parts[n])),
    })
}

/// A line for each byte; 0 ends none.
fn short_lines(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for &byte in bytes {
        match byte {
            0 => text.push(b'0'),
            _ => text.extend_from_slice(format!("{byte:x}\n").as_bytes()),
        }
    }
    text.truncate(MAX_TEXT_BYTES);
    text
}

fn repeated(text: &[u8], repeats: usize, is_numbered: bool) -> Vec<u8> {
    let mut out = text.to_vec();
    for n in 1..repeats {
        if out.len() + text.len() > MAX_TEXT_BYTES || text.is_empty() {
            break;
        }
        if is_numbered {
            out.extend_from_slice(format!("#{n}\n").as_bytes());
        }
        out.extend_from_slice(text);
    }
    out
}

/// Lines of a text as pairs of bytes say: how many to take, to leave out, to go back, or a line to add.
/// What the edits don't reach is taken.
fn edited_lines(text: &[u8], edits: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let (mut out, mut at) = (Vec::new(), 0);
    for edit in edits.chunks_exact(2) {
        let count = usize::from(edit[1]);
        match edit[0] & 3 {
            0 => {
                let end = lines.len().min(at + count);
                lines[at..end]
                    .iter()
                    .for_each(|line| out.extend_from_slice(line));
                at = end;
            }
            1 => at = lines.len().min(at + count),
            2 => at = at.saturating_sub(count),
            _ => out.extend_from_slice(format!("{count:x}\n").as_bytes()),
        }
        if out.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    lines[at..]
        .iter()
        .for_each(|line| out.extend_from_slice(line));
    out.truncate(MAX_TEXT_BYTES);
    out
}
