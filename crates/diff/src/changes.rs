//! Changes in the shape of jsdiff, as byte ranges. No text.

use std::ops::Range;

use crate::script::EditTag;

/// The text that a change is a range of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The old text.
    Old,
    /// The new text.
    New,
}

/// One stretch of a diff, as jsdiff's `{ value, count, added, removed }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The text that holds the value.
    pub side: Side,
    /// Where the value is in that text, in bytes.
    pub range: Range<usize>,
    /// Number of tokens.
    pub count: u32,
    /// The value is only in the new text.
    pub added: bool,
    /// The value is only in the old text.
    pub removed: bool,
}

impl Change {
    pub(crate) fn new(tag: EditTag, range: Range<usize>, count: u32) -> Self {
        let (added, removed) = (tag == EditTag::Insert, tag == EditTag::Delete);
        let side = if removed { Side::Old } else { Side::New };
        Self {
            side,
            range,
            count,
            added,
            removed,
        }
    }
}
