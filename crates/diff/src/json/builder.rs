//! Builds a document from the events of a reader: values, keys, ends. It knows no syntax.

use super::document::{Document, IGNORED, Member, NodeId, Span, Value};

/// A document that is being built; containers that aren't closed are on a stack.
pub(crate) struct Builder<'t> {
    pub(super) doc: Document<'t>,
    open: Vec<Open>,
    /// Children of the open containers.
    pending: Vec<Member>,
    key: Span,
}

struct Open {
    is_object: bool,
    /// Its first child among the pending.
    first: usize,
    /// Its own key, if it is a member.
    key: Span,
    is_pruned: bool,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(doc: Document<'t>) -> Self {
        Self {
            doc,
            open: Vec::new(),
            pending: Vec::new(),
            key: Span::default(),
        }
    }

    /// The kind of the innermost open container; `None` outside of the root.
    pub(crate) fn is_in_object(&self) -> Option<bool> {
        self.open.last().map(|open| open.is_object)
    }

    /// Children that the innermost container has so far.
    pub(crate) fn children(&self) -> usize {
        let first = self.open.last().map_or(0, |open| open.first);
        self.pending.len() - first
    }

    /// The key of the value that comes next.
    pub(crate) fn key(&mut self, key: Span) {
        self.key = key;
    }

    pub(crate) fn begin(&mut self, is_object: bool) {
        self.open.push(Open {
            is_object,
            first: self.pending.len(),
            key: self.key,
            is_pruned: false,
        });
    }

    pub(crate) fn scalar(&mut self, value: Value) -> NodeId {
        let node = self.push(value);
        self.place(node);
        node
    }

    /// Makes a node that exists the next child, once more.
    pub(crate) fn place(&mut self, node: NodeId) {
        if self.open.is_empty() {
            self.doc.root = node;
            return;
        }
        self.pending.push(Member {
            key: self.key,
            value: node,
            order: self.pending.len() as u32,
        });
    }

    /// Leaves the next child out; an array keeps its place.
    pub(crate) fn leave_out(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.is_pruned = true;
        }
        if self.is_in_object() == Some(false) {
            self.place(IGNORED);
        }
    }

    /// The children of the innermost container, as they came.
    pub(crate) fn pending(&mut self) -> &mut Vec<Member> {
        &mut self.pending
    }

    /// Closes the innermost container, which must be there. Of members with one key the last
    /// stays, at the place of the first.
    pub(crate) fn end(&mut self) -> NodeId {
        let open = self.open.pop().expect("the reader closes what it opened");
        let value = if open.is_object {
            self.sort(open.first);
            let start = self.doc.members.len();
            self.doc.members.extend(self.pending.drain(open.first..));
            Value::Object(Span::new(start, self.doc.members.len() - start))
        } else {
            let start = self.doc.items.len();
            let items = self.pending.drain(open.first..);
            self.doc.items.extend(items.map(|item| item.value));
            Value::Array(Span::new(start, self.doc.items.len() - start))
        };
        let node = self.push(value);
        if open.is_pruned {
            self.doc.pruned.push(node);
            if let Some(parent) = self.open.last_mut() {
                parent.is_pruned = true;
            }
        }
        self.key = open.key;
        self.place(node);
        node
    }

    /// Whether two members of the innermost container, an object, have the same key.
    pub(crate) fn has_duplicates(&mut self) -> bool {
        let first = self.open.last().map_or(0, |open| open.first);
        let before = self.pending.len();
        self.sort(first);
        self.pending.len() < before
    }

    fn sort(&mut self, first: usize) {
        let (doc, members) = (&self.doc, &mut self.pending[first..]);
        let key = |member: &Member| doc.text(member.key);
        if members.is_sorted_by(|a, b| key(a) < key(b)) {
            return;
        }
        members.sort_by(|a, b| key(a).cmp(key(b)));
        let mut kept = first;
        for at in first + 1..self.pending.len() {
            let (last, next) = (self.pending[kept], self.pending[at]);
            if self.doc.text(last.key) == self.doc.text(next.key) {
                self.pending[kept].value = next.value;
            } else {
                kept += 1;
                self.pending[kept] = next;
            }
        }
        self.pending.truncate(kept + 1);
    }

    /// A node that stands nowhere yet.
    pub(crate) fn push(&mut self, value: Value) -> NodeId {
        self.doc.values.push(value);
        self.doc.values.len() as NodeId - 1
    }

    /// Adds to the text that isn't in the source.
    pub(crate) fn decoded(&mut self) -> &mut Vec<u8> {
        &mut self.doc.decoded
    }

    /// The stretch of decoded text from `start` on.
    pub(crate) fn decoded_since(&self, start: usize) -> Span {
        Span::new(
            self.doc.source.len() + start,
            self.doc.decoded.len() - start,
        )
    }

    pub(crate) fn finish(self) -> Document<'t> {
        self.doc
    }
}
