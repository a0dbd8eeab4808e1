//! File names as GNU diff and git quote them: in `"`, with the escapes of C.

use std::borrow::Cow;

/// Quotes as git does under `core.quotePath`: control characters, DEL, `"`, `\` and all bytes from
/// 0x80. Other names stay as they are.
pub(crate) fn quote_git(name: &[u8]) -> Cow<'_, [u8]> {
    let is_odd = |&byte: &u8| is_control_or_quote(byte) || byte >= 0x7F;
    quote(name, name.iter().any(is_odd), is_odd)
}

/// Quotes as GNU diff 3.8 does: control characters, `"`, `\` and all bytes from 0x80 are escaped,
/// a space alone makes the name quoted too. DEL stays as it is.
pub(super) fn quote_gnu(name: &[u8]) -> Cow<'_, [u8]> {
    let is_odd = |&byte: &u8| is_control_or_quote(byte) || byte >= 0x80;
    quote(
        name,
        name.iter().any(|byte| *byte == b' ' || is_odd(byte)),
        is_odd,
    )
}

fn is_control_or_quote(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn quote(name: &[u8], must_quote: bool, is_odd: impl Fn(&u8) -> bool) -> Cow<'_, [u8]> {
    if !must_quote {
        return Cow::Borrowed(name);
    }
    let mut quoted = vec![b'"'];
    for byte in name {
        if is_odd(byte) {
            escape(&mut quoted, *byte)
        } else {
            quoted.push(*byte)
        }
    }
    quoted.push(b'"');
    Cow::Owned(quoted)
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    out.push(b'\\');
    match byte {
        0x07 => out.push(b'a'),
        0x08 => out.push(b'b'),
        b'\t' => out.push(b't'),
        b'\n' => out.push(b'n'),
        0x0B => out.push(b'v'),
        0x0C => out.push(b'f'),
        b'\r' => out.push(b'r'),
        b'"' | b'\\' => out.push(byte),
        _ => out.extend([6, 3, 0].map(|shift| b'0' + (byte >> shift & 7))),
    }
}
