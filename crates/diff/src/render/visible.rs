//! Which characters are shown as escapes: those that a reader can't see, and those that do something
//! to the display. It knows no output format.

use std::fmt::{self, Display, Formatter};

use crate::tokens::decode;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Characters that can be shown. Tabs and line feeds are among them.
    Text(&'t str),
    /// One that can't.
    Escape(Escape),
}

/// A character or byte that is shown by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// An ASCII control, or a byte that belongs to no valid UTF-8.
    Byte(u8),
    /// Any other character, or a lone surrogate.
    Code(u32),
}

impl Display for Escape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(b'\r') => f.write_str("\\r"),
            Self::Byte(byte) => write!(f, "\\x{byte:02x}"),
            Self::Code(code) => write!(f, "\\u{{{code:x}}}"),
        }
    }
}

/// The parts of `text`, in order.
pub(super) fn pieces(text: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let shown = shown_len(rest);
        // Shown characters are valid UTF-8, so neither arm loses any.
        let (piece, len) = match std::str::from_utf8(&rest[..shown]) {
            Ok(text) if shown > 0 => (Piece::Text(text), shown),
            _ => {
                let (code, len) = decode(rest);
                (Piece::Escape(escape(code, len, rest[0])), len)
            }
        };
        rest = &rest[len..];
        Some(piece)
    })
}

/// The length of the characters at the start that can be shown.
fn shown_len(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        let (code, len) = decode(&text[at..]);
        if !is_shown(code) {
            break;
        }
        at += len;
    }
    at
}

fn escape(code: u32, len: usize, first: u8) -> Escape {
    if len == 1 {
        Escape::Byte(first)
    } else {
        Escape::Code(code)
    }
}

/// Whether a character is shown as it is. The joiners U+200C and U+200D and the variation selectors
/// U+FE00 to U+FE0F are: scripts and emoji need them.
fn is_shown(code: u32) -> bool {
    // Surrogates and invalid bytes are no `char`.
    let Some(c) = char::from_u32(code) else {
        return false;
    };
    match c {
        '\t' | '\n' | ' '..='~' => true,
        // Controls of C0 and C1.
        '\0'..='\u{9F}' => false,
        // Invisible, or said to take no room.
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' => false,
        '\u{180B}'..='\u{180F}' | '\u{3164}' | '\u{FFA0}' | '\u{200B}' | '\u{FEFF}' => false,
        '\u{2060}'..='\u{206F}' | '\u{FFF0}'..='\u{FFFB}' => false,
        '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => false,
        '\u{E0000}'..='\u{E0FFF}' => false,
        // They turn the direction of what follows: Trojan Source, CVE-2021-42574.
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' => false,
        // Separators of lines and paragraphs, which no `\n` is.
        '\u{2028}' | '\u{2029}' => false,
        // Noncharacters.
        '\u{FDD0}'..='\u{FDEF}' => false,
        _ => code & 0xFFFE != 0xFFFE,
    }
}

#[cfg(test)]
mod tests {
    use super::Piece;
    use super::pieces;

    fn shown(text: &[u8]) -> String {
        let show = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Escape(escape) => format!("<{escape}>"),
        };
        pieces(text).map(show).collect()
    }

    #[test]
    fn shows_what_can_be_seen_as_it_is() {
        let text = "a\tb\nc é 漢 👩\u{200D}🚀 1\u{FE0F} עברית ~";
        assert_eq!(shown(text.as_bytes()), text);
    }

    #[test]
    fn shows_what_cannot_be_seen_by_its_number() {
        let cases: [(&[u8], &str); 8] = [
            (b"\x1B[31m", "<\\x1b>[31m"),
            (b"\0\x7F", "<\\x00><\\x7f>"),
            (b"a\r\n", "a<\\r>\n"),
            ("\u{85}\u{9B}".as_bytes(), "<\\u{85}><\\u{9b}>"),
            ("\u{202E}x\u{2066}".as_bytes(), "<\\u{202e}>x<\\u{2066}>"),
            ("\u{E0041}\u{FEFF}".as_bytes(), "<\\u{e0041}><\\u{feff}>"),
            (b"\xED\xA0\x80", "<\\u{d800}>"),
            (b"\xFF\xC3", "<\\xff><\\xc3>"),
        ];
        for (text, wanted) in cases {
            assert_eq!(shown(text), wanted);
        }
    }
}
