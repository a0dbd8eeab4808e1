//! JSON Pointers (RFC 6901) read from text. They know no document.

use std::borrow::Cow;

/// The keys and indices of a pointer, decoded.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn tokens(pointer: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, &'static str> {
    match pointer.split_first() {
        None => Ok(Vec::new()),
        Some((b'/', rest)) => rest.split(|&byte| byte == b'/').map(token).collect(),
        Some(_) => Err("a pointer begins with '/'"),
    }
}

fn token(text: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    if !text.contains(&b'~') {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        decoded.push(match (byte, tail.first()) {
            (b'~', Some(b'0')) => b'~',
            (b'~', Some(b'1')) => b'/',
            (b'~', _) => return Err("in a pointer only 0 or 1 follows '~'"),
            (byte, _) => byte,
        });
        if byte == b'~' {
            rest = &tail[1..];
        }
    }
    Ok(Cow::Owned(decoded))
}

/// An index of an array: digits without a zero before them.
pub(crate) fn index(token: &[u8]) -> Option<usize> {
    let is_index = matches!(token, [b'0'] | [b'1'..=b'9', ..]);
    let text = std::str::from_utf8(token).ok().filter(|_| is_index)?;
    text.parse()
        .ok()
        .filter(|_| token.iter().all(u8::is_ascii_digit))
}
