//! The split by words. The rule is documented at `Granularity::Words`.

use super::chars::decode;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Space,
    Alone,
}

/// The end of each word, run of white space, line end or single character.
pub(super) fn ends(text: &[u8]) -> Vec<u32> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < text.len() {
        at = end_of_word(text, at);
        ends.push(at as u32);
    }
    ends
}

fn end_of_word(text: &[u8], start: usize) -> usize {
    if text[start..].starts_with(b"\r\n") {
        return start + 2;
    }
    let (code, len) = decode(&text[start..]);
    let class = classify(code);
    let mut end = start + len;
    while class != Class::Alone && end < text.len() {
        let (next, next_len) = decode(&text[end..]);
        if classify(next) != class || text[end..].starts_with(b"\r\n") {
            break;
        }
        end += next_len;
    }
    end
}

fn classify(code: u32) -> Class {
    // Surrogates and invalid bytes are no `char`.
    match char::from_u32(code) {
        Some('\n') | None => Class::Alone,
        Some('_' | '\u{300}'..='\u{36F}') => Class::Word,
        Some(c) if c.is_alphanumeric() => Class::Word,
        Some(c) if c.is_whitespace() => Class::Space,
        Some(_) => Class::Alone,
    }
}
