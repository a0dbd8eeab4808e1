//! Comparison keys: what of a token counts when white space or case is ignored.

use super::{Tokens, chars::decode};
use crate::{DiffError, DiffOptions};

/// What is left out of a token before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRule {
    ignore_whitespace: bool,
    ignore_case: bool,
}

impl KeyRule {
    pub(crate) fn new(options: &DiffOptions) -> Self {
        Self {
            ignore_whitespace: options.ignore_whitespace,
            ignore_case: options.ignore_case,
        }
    }

    /// Says whether tokens are compared byte by byte.
    pub(crate) fn is_bytewise(self) -> bool {
        !self.ignore_whitespace && !self.ignore_case
    }

    /// Says whether two tokens compare equal.
    pub(crate) fn is_same(self, one: &[u8], other: &[u8]) -> bool {
        one == other || (!self.is_bytewise() && self.key(one) == self.key(other))
    }

    /// The bytes of `token` that count.
    fn key(self, token: &[u8]) -> Vec<u8> {
        let mut key = Vec::with_capacity(token.len());
        self.push_key(&mut key, token);
        key
    }

    /// A text of keys, in which each token is the key of that of `text`. Linear.
    ///
    /// # Errors
    ///
    /// [`DiffError::TooLarge`] if lower case makes the text so.
    pub(crate) fn keys(self, text: &[u8], tokens: &Tokens) -> Result<(Vec<u8>, Tokens), DiffError> {
        let mut keys = Vec::with_capacity(text.len());
        let mut ends = Vec::with_capacity(tokens.ends.len());
        for index in 0..tokens.len() {
            self.push_key(&mut keys, tokens.get(text, index));
            ends.push(keys.len() as u32);
        }
        Tokens::check_len(keys.len())?;
        Ok((keys, Tokens { ends }))
    }

    fn push_key(self, keys: &mut Vec<u8>, token: &[u8]) {
        let mut at = 0;
        while at < token.len() {
            let (code, len) = decode(&token[at..]);
            if !(self.ignore_whitespace && is_white_space(code)) {
                self.push_character(keys, code, &token[at..at + len]);
            }
            at += len;
        }
    }

    fn push_character(self, key: &mut Vec<u8>, code: u32, bytes: &[u8]) {
        let lower = char::from_u32(code)
            .filter(|_| self.ignore_case)
            .and_then(simple_lower_case);
        match lower {
            Some(lower) => key.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes()),
            None => key.extend_from_slice(bytes),
        }
    }
}

/// White space of the C locale, as `diff -w` ignores it.
fn is_white_space(code: u32) -> bool {
    matches!(code, 0x09..=0x0D | 0x20)
}

/// The lower case of `c` if it is one character.
fn simple_lower_case(c: char) -> Option<char> {
    let mut lower = c.to_lowercase();
    lower.next().filter(|_| lower.next().is_none())
}
