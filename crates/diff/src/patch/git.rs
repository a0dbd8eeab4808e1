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

/// Takes one line, and says whether it is one of the header; another one ends the header.
pub(super) fn extended<'p>(
    header: &mut GitHeader<'p>,
    line: &'p [u8],
) -> Result<bool, &'static str> {
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
    } else {
        return Ok(moved(header, line));
    }
    Ok(true)
}

/// Takes a rename or copy line, and says whether it is one.
fn moved<'p>(header: &mut GitHeader<'p>, line: &'p [u8]) -> bool {
    let places: [(&[u8], &mut Option<PatchBytes<'p>>); 4] = [
        (b"rename from ", &mut header.rename_from),
        (b"rename to ", &mut header.rename_to),
        (b"copy from ", &mut header.copy_from),
        (b"copy to ", &mut header.copy_to),
    ];
    for (label, place) in places {
        if let Some(value) = line.strip_prefix(label) {
            *place = Some(name::unquote(value));
            return true;
        }
    }
    false
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
