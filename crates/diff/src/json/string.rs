//! Strings of JSON: escapes read and written. Lone surrogates are kept, as WTF-8 inside
//! (simonsapin.github.io/wtf-8) and as `\ud800` outside, like `JSON.stringify` writes them.

/// Decodes what stands between the quotes onto the end of `out`.
///
/// # Errors
///
/// Where in `text` the mistake is, and what it is.
pub(crate) fn decode(text: &[u8], out: &mut Vec<u8>) -> Result<(), (usize, &'static str)> {
    let start = out.len();
    let mut at = 0;
    while let Some(plain) = memchr::memchr(b'\\', &text[at..]) {
        push_plain(out, start, &text[at..at + plain]);
        at += plain;
        at += decode_escape(&text[at..], start, out).map_err(|reason| (at, reason))?;
    }
    push_plain(out, start, &text[at..]);
    Ok(())
}

/// Text without escapes; it may begin with the other half of a surrogate pair.
fn push_plain(out: &mut Vec<u8>, start: usize, text: &[u8]) {
    match text {
        [0xED, high @ 0xA0..=0xBF, low, rest @ ..] => {
            push_unit(
                out,
                start,
                0xD000 | u16::from(high & 0x3F) << 6 | u16::from(low & 0x3F),
            );
            out.extend_from_slice(rest);
        }
        _ => out.extend_from_slice(text),
    }
}

/// Length of the escape at the start of `text`.
fn decode_escape(text: &[u8], start: usize, out: &mut Vec<u8>) -> Result<usize, &'static str> {
    let byte = match text.get(1) {
        Some(b'u') => {
            let digits = text
                .get(2..6)
                .ok_or("a \\u escape needs four hexadecimal digits")?;
            push_unit(out, start, hex(digits)?);
            return Ok(6);
        }
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 0x08,
        Some(b'f') => 0x0C,
        Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
        _ => return Err("a string has an unknown escape"),
    };
    out.push(byte);
    Ok(2)
}

fn hex(digits: &[u8]) -> Result<u16, &'static str> {
    digits.iter().try_fold(0, |value, &digit| {
        let digit = char::from(digit).to_digit(16);
        let digit = digit.ok_or("a \\u escape needs four hexadecimal digits")?;
        Ok(value << 4 | digit as u16)
    })
}

/// A UTF-16 unit; a low surrogate completes the high one before it.
fn push_unit(out: &mut Vec<u8>, start: usize, unit: u16) {
    if let (0xDC00..=0xDFFF, Some(high)) = (unit, high_surrogate_at_end(&out[start..])) {
        out.truncate(out.len() - 3);
        let code = 0x10000 + (u32::from(high & 0x3FF) << 10 | u32::from(unit & 0x3FF));
        let pair = char::from_u32(code).expect("a pair of surrogates is a character");
        out.extend_from_slice(pair.encode_utf8(&mut [0; 4]).as_bytes());
        return;
    }
    match char::from_u32(unit.into()) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            let [high, low] = [unit >> 6 & 0x3F, unit & 0x3F].map(|bits| 0x80 | bits as u8);
            out.extend_from_slice(&[0xED, high, low]);
        }
    }
}

fn high_surrogate_at_end(text: &[u8]) -> Option<u16> {
    match text {
        [.., 0xED, high @ 0xA0..=0xAF, low] => {
            Some(0xD000 | u16::from(high & 0x3F) << 6 | u16::from(low & 0x3F))
        }
        _ => None,
    }
}

/// Writes a string with its quotes, escaped where it must be.
pub(crate) fn write_quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    write_escaped(text, out);
    out.push(b'"');
}

/// Writes what goes between the quotes.
pub(crate) fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    let mut at = 0;
    while at < text.len() {
        let len = special_len(&text[at..]);
        if len > 0 {
            out.extend_from_slice(&text[plain..at]);
            write_escape(&text[at..at + len], out);
            plain = at + len;
        }
        at += len.max(1);
    }
    out.extend_from_slice(&text[plain..]);
}

/// Bytes of the character at the start of `text` if it must be escaped, else 0.
fn special_len(text: &[u8]) -> usize {
    match text {
        [0..=0x1F | b'"' | b'\\', ..] => 1,
        [0xED, 0xA0..=0xBF, _, ..] => 3,
        _ => 0,
    }
}

fn write_escape(character: &[u8], out: &mut Vec<u8>) {
    let short = match character {
        [b'\n'] => b'n',
        [b'\t'] => b't',
        [b'\r'] => b'r',
        [0x08] => b'b',
        [0x0C] => b'f',
        &[byte @ (b'"' | b'\\')] => byte,
        &[_, high, low] => {
            return write_unit(
                0xD000 | u16::from(high & 0x3F) << 6 | u16::from(low & 0x3F),
                out,
            );
        }
        _ => return write_unit(character[0].into(), out),
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn write_unit(unit: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}

/// Length of what [`write_escaped`] writes.
pub(crate) fn escaped_len(text: &[u8]) -> usize {
    let mut len = text.len();
    for (at, &byte) in text.iter().enumerate() {
        len += match byte {
            b'\n' | b'\t' | b'\r' | 0x08 | 0x0C | b'"' | b'\\' => 1,
            0..=0x1F => 5,
            0xED => 3 * usize::from(special_len(&text[at..]) > 0),
            _ => 0,
        };
    }
    len
}

/// The first byte that is neither UTF-8 nor the three bytes of a lone surrogate. A pair of them
/// is no text: it has a form of four bytes.
pub(crate) fn invalid_at(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut after_high = None;
    while let Err(error) = std::str::from_utf8(&text[at..]) {
        at += error.valid_up_to();
        match text[at..] {
            [0xED, 0xA0..=0xAF, 0x80..=0xBF, ..] => after_high = Some(at + 3),
            [0xED, 0xB0..=0xBF, 0x80..=0xBF, ..] if after_high != Some(at) => {}
            _ => return Some(at),
        }
        at += 3;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{decode, escaped_len, invalid_at, write_escaped};

    fn decoded(text: &[u8]) -> Vec<u8> {
        let mut out = b"\xED\xA0\xBD".to_vec();
        decode(text, &mut out).expect("valid");
        out.split_off(3)
    }

    #[test]
    fn surrogates_join_where_they_meet_and_stay_where_they_do_not() {
        let face = "\u{1F600}".as_bytes();
        assert_eq!(decoded(br"\ud83d\ude00"), face);
        assert_eq!(decoded(b"\\ud83d\xED\xB8\x80"), face);
        assert_eq!(decoded(b"\xED\xA0\xBD\\ude00"), face);
        assert_eq!(decoded(br"\ude00"), b"\xED\xB8\x80");
        assert_eq!(decoded(br"\ud83dx\ude00"), b"\xED\xA0\xBDx\xED\xB8\x80");
        assert_eq!(decoded(br"\u0041\u00e9\n\/"), "Aé\n/".as_bytes());
    }

    #[test]
    fn what_is_written_is_as_long_as_was_said_and_decodes_to_the_same() {
        for text in [
            &b"a\"\\\n\x01\x7F"[..],
            "é\u{D7FF}\u{1F600}".as_bytes(),
            b"\xED\xA0\x80",
        ] {
            let mut out = Vec::new();
            write_escaped(text, &mut out);
            assert_eq!(out.len(), escaped_len(text));
            assert_eq!(decoded(&out), text);
        }
    }

    #[test]
    fn only_utf_8_and_lone_surrogates_are_text() {
        assert_eq!(invalid_at("aé\u{1F600}".as_bytes()), None);
        assert_eq!(invalid_at(b"a\xED\xA0\x80b\xED\xB0\x80"), None);
        assert_eq!(invalid_at(b"a\xFF"), Some(1));
        assert_eq!(invalid_at(b"\xED\xA0\x80\xED\xB0\x80"), Some(3));
        assert_eq!(invalid_at(b"\xED\xA0"), Some(0));
    }
}
