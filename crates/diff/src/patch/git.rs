//! Reads the extended header lines of git.

use std::borrow::Cow;

use super::{GitHeader, GitIndex, PatchBytes, name};

/// Starts a header from what follows `diff --git `.
pub(super) fn header(names: &[u8]) -> GitHeader<'_> {
    let (old_name, new_name) = name::pair(names);
    GitHeader {
        old_name,
        new_name,
        ..GitHeader::default()
    }
}

/// Takes one line; a line that git doesn't write means nothing.
pub(super) fn extended<'p>(header: &mut GitHeader<'p>, line: &'p [u8]) -> Result<(), &'static str> {
    let after = |label: &[u8]| line.strip_prefix(label);
    if let Some(value) = after(b"old mode ") {
        header.old_mode = Some(mode(value)?);
    } else if let Some(value) = after(b"new mode ") {
        header.new_mode = Some(mode(value)?);
    } else if let Some(value) = after(b"new file mode ") {
        header.is_new = true;
        header.new_mode = Some(mode(value)?);
    } else if let Some(value) = after(b"deleted file mode ") {
        header.is_deleted = true;
        header.old_mode = Some(mode(value)?);
    } else if let Some(value) = after(b"similarity index ") {
        header.similarity = Some(percent(value)?);
    } else if let Some(value) = after(b"dissimilarity index ") {
        header.dissimilarity = Some(percent(value)?);
    } else if let Some(value) = after(b"index ") {
        header.index = index(value)?;
    } else if let Some((place, value)) = moved(header, line) {
        *place = Some(name::unquote(value));
    }
    Ok(())
}

/// The field and the name of a rename or copy line.
fn moved<'h, 'p>(
    header: &'h mut GitHeader<'p>,
    line: &'p [u8],
) -> Option<(&'h mut Option<PatchBytes<'p>>, &'p [u8])> {
    let (what, name) = line.split_at(memchr::memmem::find(line, b" from ").map_or_else(
        || memchr::memmem::find(line, b" to ").map_or(0, |at| at + 4),
        |at| at + 6,
    ));
    match what {
        b"rename from " => Some((&mut header.rename_from, name)),
        b"rename to " => Some((&mut header.rename_to, name)),
        b"copy from " => Some((&mut header.copy_from, name)),
        b"copy to " => Some((&mut header.copy_to, name)),
        _ => None,
    }
}

fn mode(text: &[u8]) -> Result<u32, &'static str> {
    // Git's modes have six octal digits; more than seven are no mode.
    let digits = text.trim_ascii_end();
    let digit = |value: u32, b: &u8| {
        (b'0'..=b'7')
            .contains(b)
            .then(|| value << 3 | u32::from(b - b'0'))
    };
    let is_short = (1..=7).contains(&digits.len());
    digits
        .iter()
        .try_fold(0, digit)
        .filter(|_| is_short)
        .ok_or("malformed file mode")
}

fn percent(text: &[u8]) -> Result<u8, &'static str> {
    const MALFORMED: &str = "malformed similarity index";
    let digits = text.strip_suffix(b"%").ok_or(MALFORMED)?;
    let number = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok());
    number
        .filter(|&percent: &u8| percent <= 100)
        .ok_or(MALFORMED)
}

fn index(text: &[u8]) -> Result<Option<GitIndex<'_>>, &'static str> {
    let Some(dots) = memchr::memmem::find(text, b"..") else {
        return Ok(None);
    };
    let (old, rest) = (&text[..dots], &text[dots + 2..]);
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let mode = rest.get(end + 1..).map(mode).transpose()?;
    Ok(Some(GitIndex {
        old: Cow::Borrowed(old),
        new: Cow::Borrowed(&rest[..end]),
        mode,
    }))
}
