//! File names in headers: quoted or not, with or without a stamp, alone or in pairs.

use std::borrow::Cow;

use super::PatchBytes;

/// A name and what follows it after a TAB.
type Stamped<'p> = (PatchBytes<'p>, Option<PatchBytes<'p>>);

/// The rest of a `---` or `+++` line.
pub(super) fn with_stamp(text: &[u8]) -> Stamped<'_> {
    let (name, rest) = match quoted(text) {
        Some((name, rest)) => (Cow::Owned(name), rest),
        None => {
            let end = memchr::memchr(b'\t', text).unwrap_or(text.len());
            (Cow::Borrowed(&text[..end]), &text[end..])
        }
    };
    let stamp = rest.strip_prefix(b"\t").unwrap_or(rest);
    (
        name,
        Some(stamp)
            .filter(|stamp| !stamp.is_empty())
            .map(Cow::Borrowed),
    )
}

/// A whole text as a name.
pub(super) fn unquote(text: &[u8]) -> PatchBytes<'_> {
    match quoted(text) {
        Some((name, b"")) => Cow::Owned(name),
        _ => Cow::Borrowed(text),
    }
}

/// The two names of a `diff --git` line. Unquoted names with spaces are told apart only if they
/// are the same behind their prefixes: then the space between them is in the middle.
pub(super) fn pair(text: &[u8]) -> (PatchBytes<'_>, PatchBytes<'_>) {
    if let Some((old, rest)) = quoted(text) {
        return (
            Cow::Owned(old),
            unquote(rest.strip_prefix(b" ").unwrap_or(rest)),
        );
    }
    if let Some(at) = memchr::memmem::find(text, b" \"").filter(|_| text.ends_with(b"\"")) {
        return (Cow::Borrowed(&text[..at]), unquote(&text[at + 1..]));
    }
    let at = middle(text, b" ")
        .or_else(|| memchr::memmem::find(text, b" b/"))
        .or_else(|| memchr::memchr(b' ', text))
        .unwrap_or(text.len());
    let new = text.get(at + 1..).unwrap_or_default();
    (Cow::Borrowed(&text[..at]), Cow::Borrowed(new))
}

/// Where what is `between` two names begins, if they are the same behind their prefixes.
fn middle(text: &[u8], between: &[u8]) -> Option<usize> {
    let at = text.len().checked_sub(between.len())? / 2;
    let (old, rest) = text.split_at(at);
    let new = rest.strip_prefix(between)?;
    let behind_prefix = |name: &[u8]| memchr::memchr(b'/', name).map(|at| at + 1);
    let is_same = old == new || {
        let (old_at, new_at) = (behind_prefix(old)?, behind_prefix(new)?);
        old[old_at..] == new[new_at..]
    };
    is_same.then_some(at)
}

/// The names of a `Binary files old and new differ` line, if it is clear where they end.
pub(super) fn binary_names(line: &[u8]) -> Option<(PatchBytes<'_>, PatchBytes<'_>)> {
    const AND: &[u8] = b" and ";
    let names = line
        .strip_prefix(b"Binary files ")?
        .strip_suffix(b" differ")?;
    if let Some((old, rest)) = quoted(names) {
        return Some((Cow::Owned(old), unquote(rest.strip_prefix(AND)?)));
    }
    let at = middle(names, AND).or_else(|| memchr::memmem::find(names, AND))?;
    Some((
        Cow::Borrowed(&names[..at]),
        unquote(&names[at + AND.len()..]),
    ))
}

/// Reads a name in `"`, and gives what follows it; `None` if it isn't one.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (byte, after) = escaped(rest)?;
                name.push(byte);
                rest = after;
            }
            _ => name.push(byte),
        }
    }
}

/// Reads what follows a `\`: a letter of C, or three octal digits.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let (&first, rest) = text.split_first()?;
    let byte = match first {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0B,
        b'f' => 0x0C,
        b'r' => b'\r',
        b'"' | b'\\' => first,
        b'0'..=b'3' => return octal(text),
        _ => return None,
    };
    Some((byte, rest))
}

fn octal(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = text.split_at_checked(3)?;
    let digit = |value: u8, b: &u8| (b'0'..=b'7').contains(b).then(|| value << 3 | (b - b'0'));
    Some((digits.iter().try_fold(0, digit)?, rest))
}
