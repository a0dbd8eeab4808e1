//! Numbers for tokens: equal numbers for equal bytes. It knows no rule of comparison.
//!
//! The old tokens get numbers counted from 0 in order of appearance. New tokens are only looked
//! up: those that the old text doesn't have share one number, since no search can use them. Where
//! the new tokens follow each other as the old ones do, their bytes are compared, and only the one
//! after them is hashed.
//!
//! Linear in bytes; four bytes for a token, and some twenty for a distinct one of the old text.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;

use super::Tokens;
use crate::bytes::common_prefix;

/// Tokens that are looked up together: the misses of the cache in the table of a large text, which
/// cost more than the hashes, then overlap.
const BATCH: usize = 32;

const LEAST_SLOTS: usize = 256;

/// The most tokens whose bytes are compared at once.
const LONGEST_PIECE: usize = 256;

/// A slot without a number, and a byte without one.
const FREE: u32 = u32::MAX;
const NONE: u32 = u32::MAX;

/// Some tokens of a text.
#[derive(Clone)]
pub(crate) struct Part<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) tokens: &'t Tokens,
    pub(crate) range: Range<u32>,
}

impl<'t> Part<'t> {
    fn len(&self) -> usize {
        self.range.len()
    }

    /// Where each token ends.
    fn ends(&self) -> &'t [u32] {
        &self.tokens.ends[self.range.start as usize..self.range.end as usize]
    }

    /// Where the token at `index` of the part begins.
    fn start(&self, index: usize) -> usize {
        self.tokens.start(self.range.start + index as u32)
    }

    fn get(&self, index: u32) -> &'t [u8] {
        self.tokens.get(self.text, self.range.start + index)
    }

    /// The tokens from `start` on.
    fn tokens(&self, start: usize) -> impl Iterator<Item = &'t [u8]> {
        let (text, mut at) = (self.text, self.start(start));
        self.ends()[start..].iter().map(move |&end| {
            let token = &text[at..end as usize];
            at = end as usize;
            token
        })
    }
}

/// The numbers of the old tokens, and what is needed to find new ones among them.
///
/// An open table, at most half full. Of half of a 64-bit hash the low bits decide the place, and as
/// many high bits as a number leaves free stand before it in the slot; bytes are compared where they
/// agree. The hash is keyed at random, so that nobody can prepare texts whose lines collide.
pub(crate) struct Interner<'t> {
    old: Part<'t>,
    ids: Vec<u32>,
    hashing: RandomState,
    slots: Vec<u32>,
    /// The bits of a slot that hold a number, which are never all set.
    number_bits: u32,
    /// The first token of each number.
    first: Vec<u32>,
    /// The numbers of tokens of one byte, which are most characters and many words.
    of_bytes: [u32; 256],
}

impl<'t> Interner<'t> {
    /// Numbers the old tokens, of which about `distinct` differ.
    pub(crate) fn new(old: Part<'t>, distinct: u32) -> Self {
        let slots = (2 * distinct as usize).next_power_of_two();
        let most = old.len() as u32;
        let mut interner = Self {
            ids: Vec::with_capacity(old.len()),
            old,
            hashing: RandomState::default(),
            slots: vec![FREE; slots.max(LEAST_SLOTS)],
            number_bits: u32::MAX.unbounded_shr(most.leading_zeros()),
            first: Vec::new(),
            of_bytes: [NONE; 256],
        };
        while interner.ids.len() < interner.old.len() {
            interner.number_batch();
        }
        interner
    }

    /// The numbers of the old tokens.
    pub(crate) fn into_ids(self) -> Vec<u32> {
        self.ids
    }

    /// The numbers of new tokens, in which those that are new share the number after the last.
    pub(crate) fn find(&self, new: &Part<'_>) -> Vec<u32> {
        let mut ids = Vec::with_capacity(new.len());
        let mut follows = 0;
        while ids.len() < new.len() {
            let run = self.common_run(follows, new, ids.len());
            ids.extend_from_slice(&self.ids[follows..follows + run]);
            // What follows a token that was replaced follows most often in both texts.
            follows += run;
            let len = if run == 0 { BATCH } else { 1 };
            self.find_batch(new, len, &mut ids, &mut follows);
        }
        ids
    }

    /// How many tokens are the same from one of the old text and one of the new text on. Bytes are
    /// compared in pieces that grow with what was found: equal bytes may be other tokens, as where
    /// white space is ignored, or lie after the part, and are then compared again from the next
    /// token on.
    fn common_run(&self, old: usize, new: &Part<'_>, at: usize) -> usize {
        let (old_ends, new_ends) = (&self.old.ends()[old..], &new.ends()[at..]);
        let most = old_ends.len().min(new_ends.len());
        let (mut run, mut piece) = (0, 1);
        while run < most {
            piece = piece.min(most - run);
            let starts = (self.old.start(old + run), new.start(at + run));
            let (old_piece, new_piece) = (&old_ends[run..][..piece], &new_ends[run..][..piece]);
            let len = common_prefix(
                &self.old.text[starts.0..old_piece[piece - 1] as usize],
                &new.text[starts.1..new_piece[piece - 1] as usize],
            );
            let is_same = |&(&old, &new): &(&u32, &u32)| {
                let lens = (old as usize - starts.0, new as usize - starts.1);
                lens.0 <= len && lens.0 == lens.1
            };
            let same = old_piece.iter().zip(new_piece).take_while(is_same).count();
            run += same;
            if same < piece {
                break;
            }
            piece = (2 * piece).min(LONGEST_PIECE);
        }
        run
    }

    /// Looks up to `len` tokens up; `follows` becomes the old token after the last one.
    fn find_batch(&self, new: &Part<'_>, len: usize, ids: &mut Vec<u32>, follows: &mut usize) {
        let start = ids.len();
        let tags = self.tags(new, start, len);
        for (token, tag) in new.tokens(start).zip(&tags[..len]) {
            let id = self.id(token, *tag).ok();
            *follows = id.map_or(*follows, |id| self.first[id as usize] as usize) + 1;
            ids.push(id.unwrap_or(self.first.len() as u32));
        }
        *follows = (*follows).min(self.old.len());
    }

    /// Gives numbers to the next old tokens.
    fn number_batch(&mut self) {
        self.make_room();
        let (old, start) = (self.old.clone(), self.ids.len());
        let tags = self.tags(&old, start, BATCH);
        for (token, tag) in old.tokens(start).zip(tags) {
            let id = match self.id(token, tag) {
                Ok(id) => id,
                Err(place) => self.number(token, tag, place),
            };
            self.ids.push(id);
        }
    }

    /// The tags of up to `len` tokens, whose slots are then on the way into the cache.
    fn tags(&self, part: &Part<'_>, start: usize, len: usize) -> [u32; BATCH] {
        let mut tags = [0; BATCH];
        let mut touched = 0;
        for (tag, token) in tags[..len].iter_mut().zip(part.tokens(start)) {
            *tag = self.tag(token);
            // Nothing waits for this load, so the next ones are under way before it is done.
            touched ^= self.slots[self.place(*tag)];
        }
        std::hint::black_box(touched);
        tags
    }

    fn tag(&self, token: &[u8]) -> u32 {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(token);
        (hasher.finish() >> 32) as u32
    }

    fn place(&self, tag: u32) -> usize {
        tag as usize & (self.slots.len() - 1)
    }

    /// The number of a token, or the free place where its number belongs.
    fn id(&self, token: &[u8], tag: u32) -> Result<u32, usize> {
        let mut place = self.place(tag);
        if let [byte] = *token {
            let id = self.of_bytes[usize::from(byte)];
            return if id == NONE { Err(place) } else { Ok(id) };
        }
        loop {
            let slot = self.slots[place];
            if slot == FREE {
                return Err(place);
            }
            let id = slot & self.number_bits;
            if (slot ^ tag) & !self.number_bits == 0
                && self.old.get(self.first[id as usize]) == token
            {
                return Ok(id);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// Gives the next number to the next old token.
    fn number(&mut self, token: &[u8], tag: u32, place: usize) -> u32 {
        let id = self.first.len() as u32;
        self.first.push(self.ids.len() as u32);
        match *token {
            [byte] => self.of_bytes[usize::from(byte)] = id,
            _ => self.slots[place] = tag & !self.number_bits | id,
        }
        id
    }

    /// Keeps half of the table free, also after the next batch.
    fn make_room(&mut self) {
        if 2 * (self.first.len() + BATCH) <= self.slots.len() {
            return;
        }
        self.slots = vec![FREE; 2 * self.slots.len()];
        for (id, &first) in (0..).zip(&self.first) {
            let token = self.old.get(first);
            let tag = self.tag(token);
            let mut place = self.place(tag);
            while self.slots[place] != FREE {
                place = (place + 1) & (self.slots.len() - 1);
            }
            self.slots[place] = tag & !self.number_bits | id;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::{Interner, Part, Tokens};
    use crate::Granularity;

    fn text(lines: &[u16]) -> Vec<u8> {
        let line = |number: &u16| match number {
            // A line of one byte.
            0 => "\n".into(),
            _ => format!("{:x}\n", number % 500),
        };
        lines.iter().map(line).collect::<String>().into_bytes()
    }

    prop_compose! {
        fn split_text()(
            text in prop::collection::vec(b'a'..=b'b', 0..200),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
        ) -> (Vec<u8>, Tokens) {
            let mut ends: Vec<u32> = cuts.iter().map(|cut| cut.index(text.len() + 1) as u32).collect();
            ends.push(text.len() as u32);
            ends.sort_unstable();
            (text, Tokens { ends })
        }
    }

    proptest! {
        #[test]
        fn equal_tokens_have_equal_numbers_and_others_do_not(
            old in prop::collection::vec(0u16..2_000, 0..400),
            inserted in prop::collection::vec(0u16..600, 0..50),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let (from, to) = (cut.0.index(old.len() + 1), cut.1.index(old.len() + 1));
            let new = [&old[..from], &inserted, &old[to..]].concat();
            let (old, new) = (text(&old), text(&new));
            let split = |text: &[u8]| Tokens::split(text, Granularity::Lines).expect("small");
            let (old_tokens, new_tokens) = (split(&old), split(&new));
            let mut known = HashMap::new();
            let naive_old: Vec<u32> = (0..old_tokens.len()).map(|index| {
                let next = known.len() as u32;
                *known.entry(old_tokens.get(&old, index)).or_insert(next)
            }).collect();
            let naive_new: Vec<u32> = (0..new_tokens.len())
                .map(|index| known.get(new_tokens.get(&new, index)).copied())
                .map(|id| id.unwrap_or(known.len() as u32))
                .collect();
            let part = |text, tokens| Part { text, tokens, range: 0..Tokens::len(tokens) };
            let interner = Interner::new(part(&old, &old_tokens), 0);
            prop_assert_eq!(interner.find(&part(&new, &new_tokens)), naive_new);
            prop_assert_eq!(interner.into_ids(), naive_old);
        }

        /// Ends that the bytes do not tell, empty tokens, and text before and after the parts.
        #[test]
        fn parts_of_texts_split_anywhere_get_the_numbers_of_their_tokens(
            old in split_text(),
            new in split_text(),
            cuts in any::<[prop::sample::Index; 4]>(),
        ) {
            let part = |(text, tokens): &'_ (Vec<u8>, Tokens), cuts: &[prop::sample::Index]| {
                let at = |cut: &prop::sample::Index| cut.index(tokens.len() as usize + 1) as u32;
                let range = at(&cuts[0]).min(at(&cuts[1]))..at(&cuts[0]).max(at(&cuts[1]));
                let own = range.clone().map(|index| tokens.get(text, index).to_vec());
                (own.collect::<Vec<_>>(), range)
            };
            let ((old_own, old_range), (new_own, new_range)) =
                (part(&old, &cuts[..2]), part(&new, &cuts[2..]));
            let mut known = HashMap::new();
            let naive_old: Vec<u32> = old_own.iter().map(|token| {
                let next = known.len() as u32;
                *known.entry(token.clone()).or_insert(next)
            }).collect();
            let unknown = known.len() as u32;
            let naive_new: Vec<u32> = new_own.iter()
                .map(|token| known.get(token).copied().unwrap_or(unknown))
                .collect();
            let interner = Interner::new(
                Part { text: &old.0, tokens: &old.1, range: old_range }, 0,
            );
            let found = interner.find(&Part { text: &new.0, tokens: &new.1, range: new_range });
            prop_assert_eq!(found, naive_new);
            prop_assert_eq!(interner.into_ids(), naive_old);
        }
    }
}
