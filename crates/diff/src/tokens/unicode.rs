//! The splits by grapheme cluster and by sentence (Unicode Standard Annex #29), for text that may
//! hold invalid UTF-8 and lone surrogates.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::chars::decode;

/// Stands for a byte that belongs to no valid sequence: a control, which is a cluster by itself and
/// has no part in the rules of sentences.
const OF_BYTE: &str = "\u{1A}";
/// The same for a lone surrogate, with its length.
const OF_SURROGATE: &str = "\u{FFF0}";

/// Signs and spaces that may follow a full stop before the text is cut. After each of them the crate
/// looks for the next letter, however far that is: without a limit hostile text is quadratic.
const MAX_AFTER_STOP: u32 = 32;

/// The end of each extended grapheme cluster. Linear.
pub(super) fn grapheme_ends(text: &[u8]) -> Vec<u32> {
    ends(well_formed(text).graphemes(true))
}

/// The end of each sentence. Linear.
pub(super) fn sentence_ends(text: &[u8]) -> Vec<u32> {
    let text = well_formed(text);
    ends(Pieces(&text).flat_map(str::split_sentence_bounds))
}

fn ends<'t>(tokens: impl Iterator<Item = &'t str>) -> Vec<u32> {
    let mut end = 0;
    let ends = tokens.map(|token| {
        end += token.len() as u32;
        end
    });
    ends.collect()
}

/// The text, with stand-ins of the same length for what is no UTF-8: offsets stay what they are.
fn well_formed(text: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(text).map_or_else(|_| Cow::Owned(with_stand_ins(text)), Cow::Borrowed)
}

fn with_stand_ins(text: &[u8]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while at < text.len() {
        let (code, len) = decode(&text[at..]);
        match char::from_u32(code) {
            Some(c) => out.push(c),
            None if len == 1 => out.push_str(OF_BYTE),
            None => out.push_str(OF_SURROGATE),
        }
        at += len;
    }
    out
}

/// A text in the pieces that sentences are looked for in: one, but for hostile texts.
struct Pieces<'t>(&'t str);

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let (piece, rest) = self.0.split_at(end_of_piece(self.0));
        self.0 = rest;
        Some(piece).filter(|piece| !piece.is_empty())
    }
}

fn end_of_piece(text: &str) -> usize {
    // What came after the last full stop; nothing to count if a letter did.
    let mut after_stop: Option<u32> = None;
    for (at, c) in text.char_indices() {
        after_stop = match after_stop {
            _ if is_full_stop(c) => Some(0),
            _ if c == '\n' => None,
            Some(_) if c.is_alphanumeric() && !is_mark(c) => None,
            Some(MAX_AFTER_STOP) => return at,
            after_stop => after_stop.map(|count| count + 1),
        };
    }
    text.len()
}

/// The property `Sentence_Break=ATerm`.
fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '\u{2024}' | '\u{FE52}' | '\u{FF0E}')
}

/// Says whether a character only extends the one before it; some that do are letters to Unicode.
fn is_mark(c: char) -> bool {
    let mut buffer = [0; 5];
    buffer[0] = b'!';
    let len = c.encode_utf8(&mut buffer[1..]).len();
    // Words, for marks that grapheme clusters don't take extend these.
    !c.is_ascii()
        && std::str::from_utf8(&buffer[..=len])
            .is_ok_and(|text| text.split_word_bounds().nth(1).is_none())
}
