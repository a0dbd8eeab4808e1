//! Numbers for tokens: equal numbers for equal bytes. It knows no rule of comparison.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;

use super::Tokens;

/// Tokens that are looked up together: the misses of the cache in the table of a large text, which
/// cost more than the hashes, then overlap.
const BATCH: u32 = 32;

const LEAST_SLOTS: usize = 256;

/// A slot without a number, and a byte without one.
const FREE: u64 = u64::MAX;
const NONE: u32 = u32::MAX;

/// Gives numbers counted from 0 in order of appearance.
///
/// An open table, at most half full. A slot holds half of a 64-bit hash, which decides its place,
/// and a number; bytes are compared on a hit. The hash is keyed at random, so that nobody can
/// prepare texts whose lines collide.
pub(crate) struct Interner<'t> {
    hashing: RandomState,
    slots: Vec<u64>,
    /// The first token of each number.
    tokens: Vec<&'t [u8]>,
    /// The numbers of tokens of one byte, which are most characters and many words.
    of_bytes: [u32; 256],
}

impl<'t> Interner<'t> {
    /// A table for about `distinct` tokens; it grows when there are more.
    pub(crate) fn new(distinct: u32) -> Self {
        let slots = (distinct as usize).next_power_of_two().max(LEAST_SLOTS);
        Self {
            hashing: RandomState::default(),
            slots: vec![FREE; slots],
            tokens: Vec::new(),
            of_bytes: [NONE; 256],
        }
    }

    /// The numbers of the tokens in `range`. Linear in their bytes.
    pub(crate) fn ids(&mut self, text: &'t [u8], tokens: &Tokens, range: Range<u32>) -> Vec<u32> {
        let mut ids = Vec::with_capacity(range.len());
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start.saturating_add(BATCH));
            self.push_batch(text, tokens, start..end, &mut ids);
            start = end;
        }
        ids
    }

    fn push_batch(
        &mut self,
        text: &'t [u8],
        tokens: &Tokens,
        range: Range<u32>,
        ids: &mut Vec<u32>,
    ) {
        self.make_room();
        let mut batch = [(&text[..0], 0); BATCH as usize];
        let mut start = tokens.start(range.start);
        let ends = &tokens.ends[range.start as usize..range.end as usize];
        let mut touched = 0;
        for (slot, &end) in batch.iter_mut().zip(ends) {
            let token = &text[start..end as usize];
            let tag = self.tag(token);
            // Nothing waits for this load, so the next ones are under way before it is done.
            touched ^= self.slots[self.place(tag)];
            *slot = (token, tag);
            start = end as usize;
        }
        std::hint::black_box(touched);
        for &(token, tag) in &batch[..ends.len()] {
            ids.push(match *token {
                [byte] => self.id_of_byte(token, byte),
                _ => self.id(token, tag),
            });
        }
    }

    fn tag(&self, token: &[u8]) -> u32 {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(token);
        (hasher.finish() >> 32) as u32
    }

    fn place(&self, tag: u32) -> usize {
        tag as usize & (self.slots.len() - 1)
    }

    fn id_of_byte(&mut self, token: &'t [u8], byte: u8) -> u32 {
        let known = self.of_bytes[usize::from(byte)];
        if known != NONE {
            return known;
        }
        let id = self.number(token);
        self.of_bytes[usize::from(byte)] = id;
        id
    }

    fn id(&mut self, token: &'t [u8], tag: u32) -> u32 {
        let mut place = self.place(tag);
        loop {
            let slot = self.slots[place];
            if slot == FREE {
                break;
            }
            let id = slot as u32;
            if (slot >> 32) as u32 == tag && self.tokens[id as usize] == token {
                return id;
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
        let id = self.number(token);
        self.slots[place] = u64::from(tag) << 32 | u64::from(id);
        id
    }

    fn number(&mut self, token: &'t [u8]) -> u32 {
        self.tokens.push(token);
        self.tokens.len() as u32 - 1
    }

    /// Keeps half of the table free, also after the next batch.
    fn make_room(&mut self) {
        if 2 * (self.tokens.len() + BATCH as usize) <= self.slots.len() {
            return;
        }
        let slots = vec![FREE; 2 * self.slots.len()];
        for slot in std::mem::replace(&mut self.slots, slots) {
            if slot != FREE {
                let mut place = self.place((slot >> 32) as u32);
                while self.slots[place] != FREE {
                    place = (place + 1) & (self.slots.len() - 1);
                }
                self.slots[place] = slot;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::{Interner, Tokens};
    use crate::Granularity;

    proptest! {
        #[test]
        fn equal_tokens_have_equal_numbers_and_others_do_not(
            lines in proptest::collection::vec(0u16..2_000, 0..400),
        ) {
            let line = |number: &u16| format!("{:x}\n", number % 500);
            let text = lines.iter().map(line).collect::<String>().into_bytes();
            let tokens = Tokens::split(&text, Granularity::Lines).expect("small");
            let mut known = HashMap::new();
            let naive: Vec<u32> = (0..tokens.len()).map(|index| {
                let next = known.len() as u32;
                *known.entry(tokens.get(&text, index)).or_insert(next)
            }).collect();
            prop_assert_eq!(Interner::new(0).ids(&text, &tokens, 0..tokens.len()), naive);
        }
    }
}
