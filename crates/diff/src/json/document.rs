//! Documents: the arena that JSON and YAML are read into. It knows no syntax and no difference.
//!
//! Nodes are numbered so that children come before their parents, and nothing points from one
//! allocation into another: no walk needs recursion, and a tree of any depth is dropped at once.

use crate::DiffError;

/// The number of a node in its document.
pub(crate) type NodeId = u32;

/// Stands in an array for an item that is ignored, so that the others keep their places.
pub(crate) const IGNORED: NodeId = NodeId::MAX;

/// The longest text that is read: offsets into it and into what is decoded from it share 32 bits.
pub(crate) const MAX_TEXT_BYTES: usize = (u32::MAX / 2) as usize;

/// A stretch of text, of items or of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Span {
    pub(crate) fn new(start: usize, len: usize) -> Self {
        Self {
            start: start as u32,
            len: len as u32,
        }
    }

    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// A value. Strings are decoded, numbers are as they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Span),
    String(Span),
    Array(Span),
    Object(Span),
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) key: Span,
    pub(crate) value: NodeId,
    /// Its place in the text that was read: members are kept sorted by key.
    pub(crate) order: u32,
}

/// A document. Members of objects are sorted by the bytes of their keys, each of which is there
/// once; strings are UTF-8, or WTF-8 where the text held lone surrogates.
#[derive(Debug, Default)]
pub(crate) struct Document<'t> {
    pub(super) source: &'t [u8],
    /// Strings that can't be stretches of the source; their offsets count on from its end.
    pub(super) decoded: Vec<u8>,
    pub(super) values: Vec<Value>,
    pub(super) items: Vec<NodeId>,
    pub(super) members: Vec<Member>,
    pub(super) root: NodeId,
    /// Containers that lost something to `ignore`, in order of their numbers.
    pub(super) pruned: Vec<NodeId>,
}

impl<'t> Document<'t> {
    /// # Errors
    ///
    /// [`DiffError::TooLarge`].
    pub(crate) fn over(source: &'t [u8]) -> Result<Self, DiffError> {
        if source.len() > MAX_TEXT_BYTES {
            return Err(DiffError::TooLarge {
                bytes: source.len(),
                limit: MAX_TEXT_BYTES,
            });
        }
        Ok(Self {
            source,
            ..Self::default()
        })
    }

    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// Number of nodes; each number below is one.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn value(&self, node: NodeId) -> Value {
        self.values[node as usize]
    }

    pub(crate) fn text(&self, span: Span) -> &[u8] {
        match (span.start as usize).checked_sub(self.source.len()) {
            Some(start) => &self.decoded[start..start + span.len as usize],
            None => &self.source[span.range()],
        }
    }

    /// Says whether the text is a stretch of the source, and so needs no escapes either.
    pub(crate) fn is_source(&self, span: Span) -> bool {
        (span.start as usize) < self.source.len()
    }

    pub(crate) fn items(&self, array: Span) -> &[NodeId] {
        &self.items[array.range()]
    }

    pub(crate) fn members(&self, object: Span) -> &[Member] {
        &self.members[object.range()]
    }

    pub(crate) fn member(&self, object: Span, key: &[u8]) -> Option<NodeId> {
        let members = self.members(object);
        let found = members.binary_search_by(|member| self.text(member.key).cmp(key));
        found.ok().map(|at| members[at].value)
    }

    /// Says whether the node or anything in it was left out because it is ignored.
    pub(crate) fn is_pruned(&self, node: NodeId) -> bool {
        !self.pruned.is_empty() && self.pruned.binary_search(&node).is_ok()
    }

    /// The text of a string; `None` for every other value.
    pub(crate) fn string(&self, node: NodeId) -> Option<&[u8]> {
        match self.value(node) {
            Value::String(span) => Some(self.text(span)),
            _ => None,
        }
    }
}
