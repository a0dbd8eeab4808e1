//! Edit scripts: how to turn one token sequence into another. Indices only; no text, no search.

/// What an operation does. The numbers are stable: they cross the language boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum EditTag {
    /// Tokens that both sides have.
    Equal = 0,
    /// Tokens of the old side only.
    Delete = 1,
    /// Tokens of the new side only.
    Insert = 2,
}

/// One operation of an edit script, in tokens counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EditOp {
    /// What it does.
    pub tag: EditTag,
    /// First token of the old side.
    pub old_start: u32,
    /// Tokens of the old side; 0 for an insertion.
    pub old_len: u32,
    /// First token of the new side.
    pub new_start: u32,
    /// Tokens of the new side; 0 for a deletion.
    pub new_len: u32,
}

/// A stretch of equal tokens that a search found: in tokens, or in bytes where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) old: u32,
    pub(crate) new: u32,
    pub(crate) len: u32,
}

impl Match {
    pub(crate) fn old_end(self) -> u32 {
        self.old + self.len
    }

    pub(crate) fn new_end(self) -> u32 {
        self.new + self.len
    }
}

/// The operations that turn the old tokens into the new ones, in order and without gaps.
///
/// No two neighbours have the same tag, no operation is empty, and between two equal stretches
/// there is at most one deletion, then at most one insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditScript {
    ops: Vec<EditOp>,
    exact: bool,
}

impl EditScript {
    /// Fills the gaps between `matches`, which must be in order and must not overlap.
    pub(crate) fn from_matches(matches: &[Match], old_len: u32, new_len: u32, exact: bool) -> Self {
        let mut builder = Builder {
            ops: Vec::new(),
            old: 0,
            new: 0,
        };
        for found in matches {
            builder.gap_up_to(found.old, found.new);
            builder.equal(found.len);
        }
        builder.gap_up_to(old_len, new_len);
        Self {
            ops: builder.ops,
            exact,
        }
    }

    /// The script that [`EditScript::flat`] gave the numbers of; `None` if they aren't those of a
    /// script from `old_len` to `new_len` tokens.
    pub(crate) fn from_flat(flat: &[u32], old_len: u32, new_len: u32, exact: bool) -> Option<Self> {
        let (numbers, rest) = flat.as_chunks::<5>();
        let (mut ops, mut old, mut new) = (Vec::with_capacity(numbers.len()), 0_u32, 0_u32);
        for &[tag, old_start, old_len, new_start, new_len] in numbers {
            let tag = match tag {
                0 if old_len == new_len => EditTag::Equal,
                1 if new_len == 0 => EditTag::Delete,
                2 if old_len == 0 => EditTag::Insert,
                _ => return None,
            };
            let follows = ops.last().is_none_or(|last: &EditOp| match tag {
                EditTag::Delete => last.tag == EditTag::Equal,
                EditTag::Equal | EditTag::Insert => last.tag != tag,
            });
            let is_empty = old_len == 0 && new_len == 0;
            if (old_start, new_start) != (old, new) || is_empty || !follows {
                return None;
            }
            (old, new) = (old.checked_add(old_len)?, new.checked_add(new_len)?);
            ops.push(EditOp {
                tag,
                old_start,
                old_len,
                new_start,
                new_len,
            });
        }
        let is_whole = rest.is_empty() && (old, new) == (old_len, new_len);
        is_whole.then_some(Self { ops, exact })
    }

    /// The operations.
    #[must_use]
    pub fn ops(&self) -> &[EditOp] {
        &self.ops
    }

    /// `false` if the deadline or the step limit ended the search: the script is valid, but
    /// coarser than the algorithm would have made it.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Says whether nothing changes.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.ops.iter().all(|op| op.tag == EditTag::Equal)
    }

    /// Bytes of heap memory that the script holds.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.ops.capacity() * size_of::<EditOp>()
    }

    /// The script as numbers: tag, old start, old length, new start, new length, then the next
    /// operation. Tags are those of [`EditTag`]: 0 equal, 1 delete, 2 insert.
    pub fn flat(&self) -> impl Iterator<Item = u32> + '_ {
        self.ops.iter().flat_map(|op| {
            [
                op.tag as u32,
                op.old_start,
                op.old_len,
                op.new_start,
                op.new_len,
            ]
        })
    }
}

/// Appends operations at a position that only moves forward.
struct Builder {
    ops: Vec<EditOp>,
    old: u32,
    new: u32,
}

impl Builder {
    fn gap_up_to(&mut self, old: u32, new: u32) {
        if self.old < old {
            self.push(EditTag::Delete, old - self.old, 0);
        }
        if self.new < new {
            self.push(EditTag::Insert, 0, new - self.new);
        }
    }

    fn equal(&mut self, len: u32) {
        if len == 0 {
            return;
        }
        match self.ops.last_mut() {
            Some(last) if last.tag == EditTag::Equal => {
                last.old_len += len;
                last.new_len += len;
                self.old += len;
                self.new += len;
            }
            _ => self.push(EditTag::Equal, len, len),
        }
    }

    fn push(&mut self, tag: EditTag, old_len: u32, new_len: u32) {
        self.ops.push(EditOp {
            tag,
            old_start: self.old,
            old_len,
            new_start: self.new,
            new_len,
        });
        self.old += old_len;
        self.new += new_len;
    }
}
