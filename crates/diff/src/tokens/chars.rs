//! Characters of WTF-8 with invalid bytes: the decoder, and the split by character.

/// Added to a byte that belongs to no valid sequence, so that it equals no character.
const INVALID_BYTE: u32 = 0x11_0000;

/// Decodes the character at the start of `bytes`, which must not be empty: its number and length.
///
/// Valid UTF-8 gives the scalar value, a lone surrogate in WTF-8 its code point, and any other
/// byte a number above all code points, with length 1.
///
/// Source: Unicode 16, table 3-7, with the surrogates of WTF-8 (`ED A0..BF xx`) let in.
pub(crate) fn decode(bytes: &[u8]) -> (u32, usize) {
    let first = bytes[0];
    let low = |at: usize| {
        bytes
            .get(at)
            .filter(|&&b| b & 0xC0 == 0x80)
            .map(|&b| u32::from(b & 0x3F))
    };
    let head = u32::from(first);
    let decoded = match first {
        0..=0x7F => Some((head, 1)),
        0xC2..=0xDF => low(1).map(|b| ((head & 0x1F) << 6 | b, 2)),
        0xE0..=0xEF => low(1)
            .zip(low(2))
            .map(|(b, c)| ((head & 0x0F) << 12 | b << 6 | c, 3))
            .filter(|&(code, _)| code >= 0x800),
        0xF0..=0xF4 => low(1)
            .zip(low(2).zip(low(3)))
            .map(|(b, (c, d))| ((head & 0x07) << 18 | b << 12 | c << 6 | d, 4))
            .filter(|&(code, _)| (0x1_0000..INVALID_BYTE).contains(&code)),
        _ => None,
    };
    decoded.unwrap_or((INVALID_BYTE + head, 1))
}

/// The end of each character.
pub(super) fn ends(text: &[u8]) -> Vec<u32> {
    let mut ends = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        at += decode(&text[at..]).1;
        ends.push(at as u32);
    }
    ends.shrink_to_fit();
    ends
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_every_scalar_value() {
        for scalar in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let mut buffer = [0; 4];
            let bytes = scalar.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(decode(bytes), (scalar as u32, bytes.len()));
        }
    }

    #[test]
    fn takes_a_lone_surrogate_as_one_character() {
        assert_eq!(decode(b"\xED\xA0\x80x"), (0xD800, 3));
        assert_eq!(decode(b"\xED\xBF\xBF"), (0xDFFF, 3));
    }

    #[test]
    fn takes_each_invalid_byte_alone() {
        for bad in [
            &b"\x80"[..],
            b"\xC0\x80",
            b"\xE0\x80\x80",
            b"\xE2\x82",
            b"\xF4\x90\x80\x80",
            b"\xFF",
        ] {
            let (code, len) = decode(bad);
            assert_eq!((code, len), (0x11_0000 + u32::from(bad[0]), 1));
        }
    }
}
