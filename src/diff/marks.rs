//! The changed parts of a hunk's lines, in the units that JavaScript counts its texts in.

use std::ops::Range;

use napi_derive::napi;
use sealdiff_diff::{ChangedParts, EditTag, Hunk, InlineChanges, TextDiff, Tokens};

use super::hunk::HunkFields;
use super::texts::Texts;

/// A hunk, and where each of its lines changed.
#[napi(object, object_from_js = false)]
pub(crate) struct MarkedHunkFields<'a> {
    pub hunk: HunkFields<'a>,
    /// For each line start and end of its changed parts.
    #[napi(ts_type = "[number, number][][]")]
    pub inline: Vec<Vec<Vec<u32>>>,
}

impl<'a> MarkedHunkFields<'a> {
    pub(super) fn of_diff(
        texts: &Texts<'_>,
        diff: &TextDiff,
        hunk: &Hunk<'_>,
        inline: &InlineChanges,
    ) -> Self {
        let old = Side(&texts.old.bytes, diff.old_tokens(), &inline.old);
        let new = Side(&texts.new.bytes, diff.new_tokens(), &inline.new);
        let are_strings = texts.are_strings();
        let mut marks = Vec::new();
        for op in hunk.ops() {
            let (side, lines) = match op.tag {
                EditTag::Insert => (&new, op.new_start..op.new_start + op.new_len),
                EditTag::Equal | EditTag::Delete => (&old, op.old_start..op.old_start + op.old_len),
            };
            for line in lines {
                marks.push(side.marks(line, are_strings));
                // The marker that follows a last line without newline is a line, too.
                marks.extend((!side.text(line).ends_with(b"\n")).then(Vec::new));
            }
        }
        Self {
            hunk: HunkFields::of_diff(texts, diff, hunk),
            inline: marks,
        }
    }
}

/// A text, its lines, and their changed parts.
struct Side<'t>(&'t [u8], &'t Tokens, &'t ChangedParts);

impl<'t> Side<'t> {
    fn text(&self, line: u32) -> &'t [u8] {
        &self.0[self.1.bytes(line, 1)]
    }

    /// The changed parts of a line behind its sign.
    fn marks(&self, line: u32, are_strings: bool) -> Vec<Vec<u32>> {
        const SIGN: usize = 1;
        let text = self.text(line);
        let mut counted = 0..0;
        let mut units = 0;
        // Forward only, so that a line is counted once.
        let mut unit = |at: usize| {
            counted = counted.end..at;
            units += units_in(&text[counted.clone()], are_strings);
            (SIGN + units) as u32
        };
        let parts = self.2.of_line(line);
        parts
            .map(|Range { start, end }| vec![unit(start), unit(end)])
            .collect()
    }
}

/// The length of a text in JavaScript: of WTF-8 as a string in UTF-16, of others in bytes.
fn units_in(text: &[u8], is_string: bool) -> usize {
    if !is_string {
        return text.len();
    }
    let units = |&byte: &u8| match byte {
        0x80..=0xBF => 0,
        0xF0.. => 2,
        _ => 1,
    };
    text.iter().map(units).sum()
}
