//! Makes the line ends of a patch those of the text, on request only.

use std::borrow::Cow;

use super::Patch;

/// What becomes of the line ends of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LineEndings {
    /// They must be those of the text.
    #[default]
    Exact,
    /// If all lines of the text end alike, in `\n` or in `\r\n`, those of the patch are made to
    /// end so too. A text with both is taken exactly.
    FollowText,
}

/// Converts `patch` if `mode` asks for it and `text` ends all its lines alike.
pub(super) fn converted<'p>(
    patch: &'p Patch<'p>,
    text: &[u8],
    mode: LineEndings,
) -> Cow<'p, Patch<'p>> {
    let ending: Option<&[u8]> = match mode {
        LineEndings::Exact => None,
        LineEndings::FollowText => common_ending(text),
    };
    let Some(ending) = ending else {
        return Cow::Borrowed(patch);
    };
    let mut patch = patch.clone();
    for line in patch.hunks.iter_mut().flat_map(|hunk| &mut hunk.lines) {
        line.text = Cow::Owned(with_ending(&line.text, ending));
    }
    Cow::Owned(patch)
}

fn common_ending(text: &[u8]) -> Option<&'static [u8]> {
    let newlines = memchr::memchr_iter(b'\n', text).count();
    let pairs = memchr::memmem::find_iter(text, b"\r\n").count();
    match pairs {
        _ if newlines == 0 => None,
        0 => Some(b"\n"),
        _ if pairs == newlines => Some(b"\r\n"),
        _ => None,
    }
}

fn with_ending(line: &[u8], ending: &[u8]) -> Vec<u8> {
    match line.strip_suffix(b"\n") {
        Some(line) => [line.strip_suffix(b"\r").unwrap_or(line), ending].concat(),
        // A patch that was converted as a whole has a `\r` before the newline marker too.
        None => line.strip_suffix(b"\r").unwrap_or(line).to_vec(),
    }
}
