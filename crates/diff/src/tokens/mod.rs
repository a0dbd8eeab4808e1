//! Token tables: where the compared units of a text begin and end. They know no other text.

mod chars;
pub(crate) mod intern;
pub(crate) mod key;
pub(crate) mod trim;
mod unicode;
mod words;

pub(crate) use chars::decode;

use std::ops::Range;

use crate::bytes::push_line_ends;
use crate::{DiffError, Granularity};

/// The tokens of one text as offsets; the text itself stays with the caller.
///
/// Shape: four bytes a token, the byte offset where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    ends: Vec<u32>,
}

impl Tokens {
    /// The longest text in bytes that 32-bit offsets can describe.
    pub const MAX_TEXT_BYTES: usize = u32::MAX as usize;

    /// Splits `text`. Linear in its length.
    ///
    /// # Errors
    ///
    /// [`DiffError::TooLarge`] above [`Tokens::MAX_TEXT_BYTES`].
    pub fn split(text: &[u8], granularity: Granularity) -> Result<Self, DiffError> {
        Self::check_len(text.len())?;
        let ends = match granularity {
            Granularity::Lines => line_ends(text),
            Granularity::Words => words::ends(text),
            Granularity::Chars => chars::ends(text),
            Granularity::Graphemes => unicode::grapheme_ends(text),
            Granularity::Sentences => unicode::sentence_ends(text),
        };
        Ok(Self { ends })
    }

    /// Refuses a text that 32-bit offsets can't describe.
    pub(crate) fn check_len(bytes: usize) -> Result<(), DiffError> {
        let limit = Self::MAX_TEXT_BYTES;
        if bytes > limit {
            Err(DiffError::TooLarge { bytes, limit })
        } else {
            Ok(())
        }
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Says whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes from the start of token `start` up to the start of token `start + len`.
    ///
    /// # Panics
    ///
    /// If the tokens don't exist.
    #[must_use]
    pub fn bytes(&self, start: u32, len: u32) -> Range<usize> {
        self.start(start)..self.start(start + len)
    }

    /// Bytes of heap memory that the table holds.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.ends.capacity() * size_of::<u32>()
    }

    /// Where each token ends.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Where token `index` begins; the end of the text for the index after the last.
    pub(crate) fn start(&self, index: u32) -> usize {
        match index {
            0 => 0,
            _ => self.ends[index as usize - 1] as usize,
        }
    }

    /// The bytes of token `index` of `text`.
    pub(crate) fn get<'t>(&self, text: &'t [u8], index: u32) -> &'t [u8] {
        &text[self.bytes(index, 1)]
    }
}

/// Offsets after each `\n`, and the end of a last line without one.
fn line_ends(text: &[u8]) -> Vec<u32> {
    // Counting first costs one pass at memory speed and saves the copies of a growing vector.
    let newlines = memchr::memchr_iter(b'\n', text).count();
    let mut ends = Vec::with_capacity(newlines + 1);
    push_line_ends(text, &mut ends);
    if text.last().is_some_and(|&last| last != b'\n') {
        ends.push(text.len() as u32);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::Tokens;
    use crate::DiffError;

    #[test]
    fn refuses_what_offsets_of_32_bits_cannot_describe() {
        let limit = Tokens::MAX_TEXT_BYTES;
        assert_eq!(Tokens::check_len(limit), Ok(()));
        let refusal = DiffError::TooLarge {
            bytes: limit + 1,
            limit,
        };
        assert_eq!(Tokens::check_len(limit + 1), Err(refusal));
    }
}
