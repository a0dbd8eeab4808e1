//! Comparison keys: tokens become numbers that are equal exactly when the tokens compare equal.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::{Tokens, chars::decode};
use crate::DiffOptions;

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
    fn key(self, token: &[u8]) -> Cow<'_, [u8]> {
        if self.is_bytewise() {
            return Cow::Borrowed(token);
        }
        let mut key = Vec::with_capacity(token.len());
        let mut at = 0;
        while at < token.len() {
            let (code, len) = decode(&token[at..]);
            if !(self.ignore_whitespace && is_white_space(code)) {
                self.push_character(&mut key, code, &token[at..at + len]);
            }
            at += len;
        }
        Cow::Owned(key)
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

/// Gives equal numbers to equal keys, counted from 0 in order of appearance.
///
/// The hash is the keyed SipHash of the standard library: hostile input can't make it collide.
pub(crate) struct Interner<'t> {
    rule: KeyRule,
    ids: HashMap<Cow<'t, [u8]>, u32>,
    /// The numbers of tokens of one byte, which are most characters and many words: a look-up
    /// here costs a tenth of a hash.
    of_bytes: [Option<u32>; 256],
}

impl<'t> Interner<'t> {
    pub(crate) fn new(rule: KeyRule) -> Self {
        Self {
            rule,
            ids: HashMap::new(),
            of_bytes: [None; 256],
        }
    }

    /// The numbers of the tokens in `range`.
    pub(crate) fn ids(&mut self, text: &'t [u8], tokens: &Tokens, range: Range<u32>) -> Vec<u32> {
        range
            .map(|index| self.id(tokens.get(text, index)))
            .collect()
    }

    fn id(&mut self, token: &'t [u8]) -> u32 {
        let [byte] = *token else {
            return self.hashed_id(token);
        };
        if let Some(id) = self.of_bytes[usize::from(byte)] {
            return id;
        }
        let id = self.hashed_id(token);
        self.of_bytes[usize::from(byte)] = Some(id);
        id
    }

    fn hashed_id(&mut self, token: &'t [u8]) -> u32 {
        let next = self.ids.len() as u32;
        *self.ids.entry(self.rule.key(token)).or_insert(next)
    }
}
