//! Places in a document while they are walked, and JSON Pointers (RFC 6901) as text.
//!
//! Paths are a tree of steps, not texts: a thousand changes at the bottom of a deep document have
//! one way there. They become text when a patch is written.

use super::document::{Document, Span};
use super::string::{escaped_len, write_escaped};
use crate::Side;

/// The number of a path; 0 is the root's.
pub(super) type PathId = u32;

/// The step from a container to its child.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A member; the key is in the document of that side.
    Key(Side, Span),
    /// An item: its place in the old array, and in the array as it is when earlier operations of
    /// the patch are done.
    Index { old: u32, now: u32 },
}

/// Which pointer is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    /// That of the old document.
    Old,
    /// That of the document when the operation is its turn.
    Now,
}

pub(super) struct Paths<'d, 't> {
    docs: (&'d Document<'t>, &'d Document<'t>),
    nodes: Vec<Node>,
}

struct Node {
    parent: PathId,
    step: Step,
    /// Length of the pointer in a JSON string.
    len: u64,
}

impl<'d, 't> Paths<'d, 't> {
    pub(super) const ROOT: PathId = 0;

    pub(super) fn new(old: &'d Document<'t>, new: &'d Document<'t>) -> Self {
        let root = Node {
            parent: Self::ROOT,
            step: Step::Index { old: 0, now: 0 },
            len: 0,
        };
        Self {
            docs: (old, new),
            nodes: vec![root],
        }
    }

    pub(super) fn child(&mut self, parent: PathId, step: Step) -> PathId {
        let step_len = match step {
            Step::Key(side, span) => {
                let key = self.key(side, span);
                let tildes = key
                    .iter()
                    .filter(|byte| matches!(byte, b'~' | b'/'))
                    .count();
                escaped_len(key) + tildes
            }
            Step::Index { now, .. } => now.checked_ilog10().unwrap_or(0) as usize + 1,
        };
        let len = self.len(parent) + 1 + step_len as u64;
        self.nodes.push(Node { parent, step, len });
        self.nodes.len() as PathId - 1
    }

    /// Length of the pointer as [`Paths::write`] writes it for [`Tense::Now`], without quotes.
    pub(super) fn len(&self, path: PathId) -> u64 {
        self.nodes[path as usize].len
    }

    /// Writes the pointer, escaped for a JSON string but without quotes.
    pub(super) fn write(&self, path: PathId, tense: Tense, out: &mut Vec<u8>) {
        let mut steps = Vec::new();
        let mut at = path;
        while at != Self::ROOT {
            let node = &self.nodes[at as usize];
            steps.push(node.step);
            at = node.parent;
        }
        for step in steps.iter().rev() {
            out.push(b'/');
            match (*step, tense) {
                (Step::Key(side, span), _) => write_token(self.key(side, span), out),
                (Step::Index { old: index, .. }, Tense::Old)
                | (Step::Index { now: index, .. }, Tense::Now) => {
                    out.extend_from_slice(index.to_string().as_bytes());
                }
            }
        }
    }

    fn key(&self, side: Side, span: Span) -> &'d [u8] {
        match side {
            Side::Old => self.docs.0.text(span),
            Side::New => self.docs.1.text(span),
        }
    }
}

/// A key, with `~` and `/` written as `~0` and `~1`.
fn write_token(key: &[u8], out: &mut Vec<u8>) {
    for part in key.split_inclusive(|byte| matches!(byte, b'~' | b'/')) {
        let (plain, escape) = match part {
            [plain @ .., b'~'] => (plain, &b"~0"[..]),
            [plain @ .., b'/'] => (plain, &b"~1"[..]),
            plain => (plain, &b""[..]),
        };
        write_escaped(plain, out);
        out.extend_from_slice(escape);
    }
}
