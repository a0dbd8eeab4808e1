//! A document that can be edited. Only what is edited is taken apart; the rest stays in the
//! document it came from. It knows no operations of patches.

use std::borrow::Cow;

use super::document::{Document, IGNORED, NodeId, Span, Value};
use super::list::List;
use super::number::are_equal;
use super::pointer::index;
use super::print::{in_order, write_compact};
use super::string::write_quoted;
use super::table::Table;
use crate::DiffError;

/// The number of a node in a tree.
pub(super) type Handle = u32;
/// What can't be done, and why.
pub(super) type Refusal = &'static str;

/// Values that copies may add, for each operation of a patch can double the document.
const MAX_COPIED: usize = 1 << 20;

/// The document that a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Document = 0,
    Patch = 1,
}

#[derive(Debug)]
enum Node<'d> {
    /// A value of a document, not edited.
    Frozen(Source, NodeId),
    Array(List),
    Object(Box<Table<'d>>),
}

pub(super) struct Tree<'d, 't> {
    docs: [&'d Document<'t>; 2],
    nodes: Vec<Node<'d>>,
    max_nodes: usize,
    pub(super) root: Handle,
}

impl<'d, 't> Tree<'d, 't> {
    /// `document`, to be edited with values of `patch`.
    pub(super) fn new(document: &'d Document<'t>, patch: &'d Document<'t>) -> Self {
        Self {
            nodes: vec![Node::Frozen(Source::Document, document.root())],
            max_nodes: document.len() + 2 * patch.len() + MAX_COPIED,
            docs: [document, patch],
            root: 0,
        }
    }

    /// A value of a document as a node of its own.
    pub(super) fn frozen(&mut self, source: Source, node: NodeId) -> Handle {
        self.push(Node::Frozen(source, node))
    }

    pub(super) fn empty_object(&mut self) -> Handle {
        self.push(Node::Object(Box::default()))
    }

    pub(super) fn is_object(&self, node: Handle) -> bool {
        match self.nodes[node as usize] {
            Node::Frozen(source, id) => {
                matches!(self.docs[source as usize].value(id), Value::Object(_))
            }
            Node::Array(_) => false,
            Node::Object(_) => true,
        }
    }

    /// The child that a token of a pointer leads to.
    pub(super) fn child(&mut self, parent: Handle, token: &[u8]) -> Result<Handle, Refusal> {
        self.thaw(parent)?;
        match &self.nodes[parent as usize] {
            Node::Array(list) => {
                let index = index(token).ok_or(NO_INDEX)?;
                list.get(index).ok_or("the array has no such item")
            }
            Node::Object(table) => table.get(token).ok_or("the object has no such member"),
            Node::Frozen(..) => Err(NO_CONTAINER),
        }
    }

    /// Inserts an item, or sets a member.
    pub(super) fn add(
        &mut self,
        parent: Handle,
        token: Cow<'d, [u8]>,
        value: Handle,
    ) -> Result<(), Refusal> {
        self.thaw(parent)?;
        match &mut self.nodes[parent as usize] {
            Node::Array(list) => {
                let index = if *token == *b"-" {
                    list.len()
                } else {
                    index(&token).ok_or(NO_INDEX)?
                };
                if index > list.len() {
                    return Err("the array has no such place");
                }
                list.insert(index, value);
            }
            Node::Object(table) => table.set(token, value),
            Node::Frozen(..) => return Err(NO_CONTAINER),
        }
        Ok(())
    }

    /// Sets an item or a member that is there.
    pub(super) fn replace(
        &mut self,
        parent: Handle,
        token: Cow<'d, [u8]>,
        value: Handle,
    ) -> Result<(), Refusal> {
        self.child(parent, &token)?;
        match &mut self.nodes[parent as usize] {
            Node::Array(list) => list.set(index(&token).ok_or(NO_INDEX)?, value),
            Node::Object(table) => table.set(token, value),
            Node::Frozen(..) => return Err(NO_CONTAINER),
        }
        Ok(())
    }

    /// Takes an item or a member out.
    pub(super) fn remove(&mut self, parent: Handle, token: &[u8]) -> Result<Handle, Refusal> {
        let child = self.child(parent, token)?;
        match &mut self.nodes[parent as usize] {
            Node::Array(list) => drop(list.remove(index(token).ok_or(NO_INDEX)?)),
            Node::Object(table) => drop(table.remove(token)),
            Node::Frozen(..) => return Err(NO_CONTAINER),
        }
        Ok(child)
    }

    /// A copy that is edited apart from its original; what isn't edited yet is shared.
    pub(super) fn copy(&mut self, node: Handle) -> Result<Handle, Refusal> {
        let copy = self.push(Node::Array(List::default()));
        let mut tasks = vec![(node, copy)];
        while let Some((from, to)) = tasks.pop() {
            let copied = match &self.nodes[from as usize] {
                &Node::Frozen(source, id) => Node::Frozen(source, id),
                Node::Array(list) => {
                    let children: Vec<Handle> = list.iter().collect();
                    let copies = self.copies(&children, &mut tasks)?;
                    Node::Array(List::of(&copies))
                }
                Node::Object(table) => {
                    let members = table.iter().cloned();
                    let (keys, children): (Vec<_>, Vec<_>) = members.unzip();
                    let copies = self.copies(&children, &mut tasks)?;
                    let mut table = Table::default();
                    keys.into_iter()
                        .zip(copies)
                        .for_each(|(key, copy)| table.set(key, copy));
                    Node::Object(Box::new(table))
                }
            };
            self.nodes[to as usize] = copied;
        }
        Ok(copy)
    }

    /// Nodes that will be copies of `children`.
    fn copies(
        &mut self,
        children: &[Handle],
        tasks: &mut Vec<(Handle, Handle)>,
    ) -> Result<Vec<Handle>, Refusal> {
        self.reserve(children.len())?;
        let mut copies = Vec::with_capacity(children.len());
        for &child in children {
            let copy = self.push(Node::Array(List::default()));
            tasks.push((child, copy));
            copies.push(copy);
        }
        Ok(copies)
    }

    /// Takes a container apart, unless it is already.
    fn thaw(&mut self, node: Handle) -> Result<(), Refusal> {
        let Node::Frozen(source, id) = self.nodes[node as usize] else {
            return Ok(());
        };
        let doc = self.docs[source as usize];
        let thawed = match doc.value(id) {
            Value::Array(items) => {
                self.reserve(items.len as usize)?;
                let items = doc.items(items).iter();
                let children: Vec<Handle> = items.map(|&item| self.frozen(source, item)).collect();
                Node::Array(List::of(&children))
            }
            Value::Object(members) => {
                self.reserve(members.len as usize)?;
                let mut table = Table::default();
                for (key, value) in in_order(doc, members) {
                    table.set(Cow::Borrowed(doc.text(key)), self.frozen(source, value));
                }
                Node::Object(Box::new(table))
            }
            _ => return Ok(()),
        };
        self.nodes[node as usize] = thawed;
        Ok(())
    }

    fn reserve(&self, nodes: usize) -> Result<(), Refusal> {
        if self.nodes.len() + nodes > self.max_nodes {
            return Err("the patch copies more than 1048576 values");
        }
        Ok(())
    }

    fn push(&mut self, node: Node<'d>) -> Handle {
        self.nodes.push(node);
        self.nodes.len() as Handle - 1
    }

    /// Says whether a node and a value of the patch are equal as RFC 6902 (4.6) has it: numbers by
    /// value, objects in any order.
    ///
    /// Complexity: at most the size of the value.
    pub(super) fn equals(&self, node: Handle, value: NodeId) -> bool {
        let mut tasks = vec![(At::Tree(node), value)];
        while let Some((at, value)) = tasks.pop() {
            if !self.equals_but_for_children(at, value, &mut tasks) {
                return false;
            }
        }
        true
    }

    fn equals_but_for_children(
        &self,
        at: At,
        value: NodeId,
        tasks: &mut Vec<(At, NodeId)>,
    ) -> bool {
        let patch = self.docs[Source::Patch as usize];
        let (source, id) = match at {
            At::Frozen(source, id) => (source, id),
            At::Tree(node) => match (&self.nodes[node as usize], patch.value(value)) {
                (&Node::Frozen(source, id), _) => (source, id),
                (Node::Array(list), Value::Array(items)) => {
                    let items = patch.items(items).iter().copied();
                    let is_as_long = list.len() == items.len();
                    tasks.extend(list.iter().map(At::Tree).zip(items));
                    return is_as_long;
                }
                (Node::Object(table), Value::Object(members)) => {
                    return self.tables_match(table, members, tasks);
                }
                _ => return false,
            },
        };
        self.values_match(source, id, value, tasks)
    }

    fn tables_match(
        &self,
        table: &Table<'_>,
        members: Span,
        tasks: &mut Vec<(At, NodeId)>,
    ) -> bool {
        let patch = self.docs[Source::Patch as usize];
        for member in patch.members(members) {
            match table.get(patch.text(member.key)) {
                Some(child) => tasks.push((At::Tree(child), member.value)),
                None => return false,
            }
        }
        table.len() == members.len as usize
    }

    fn values_match(
        &self,
        source: Source,
        id: NodeId,
        value: NodeId,
        tasks: &mut Vec<(At, NodeId)>,
    ) -> bool {
        let (doc, patch) = (
            self.docs[source as usize],
            self.docs[Source::Patch as usize],
        );
        match (doc.value(id), patch.value(value)) {
            (Value::Number(a), Value::Number(b)) => are_equal(doc.text(a), patch.text(b)),
            (Value::String(a), Value::String(b)) => doc.text(a) == patch.text(b),
            (Value::Array(a), Value::Array(b)) => {
                let items = doc.items(a).iter().map(|&item| At::Frozen(source, item));
                tasks.extend(items.zip(patch.items(b).iter().copied()));
                a.len == b.len
            }
            (Value::Object(a), Value::Object(b)) => {
                let members = doc.members(a).iter().zip(patch.members(b));
                for (a, b) in members {
                    if doc.text(a.key) != patch.text(b.key) {
                        return false;
                    }
                    tasks.push((At::Frozen(source, a.value), b.value));
                }
                a.len == b.len
            }
            (a, b) => a == b,
        }
    }

    /// Writes the document without white space, members in the order they were read and added in.
    ///
    /// # Errors
    ///
    /// [`DiffError::TooLarge`].
    pub(super) fn write(&self, out: &mut Vec<u8>, max_len: usize) -> Result<(), DiffError> {
        let mut tasks = vec![Task::Node(self.root)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Text(text) => out.extend_from_slice(text),
                Task::Key(key) => {
                    write_quoted(key, out);
                    out.push(b':');
                }
                Task::Node(node) => self.write_node(node, &mut tasks, out)?,
            }
            if out.len() > max_len {
                return Err(DiffError::TooLarge {
                    bytes: out.len(),
                    limit: max_len,
                });
            }
        }
        Ok(())
    }

    fn write_node<'s>(
        &'s self,
        node: Handle,
        tasks: &mut Vec<Task<'s>>,
        out: &mut Vec<u8>,
    ) -> Result<(), DiffError> {
        let first = match &self.nodes[node as usize] {
            &Node::Frozen(source, id) => {
                debug_assert_ne!(id, IGNORED, "nothing is ignored when patches are applied");
                return write_compact(self.docs[source as usize], id, true, out);
            }
            Node::Array(list) => {
                out.push(b'[');
                tasks.push(Task::Text(b"]"));
                let first = tasks.len();
                for item in list.iter().rev() {
                    tasks.extend([Task::Node(item), Task::Text(b",")]);
                }
                first
            }
            Node::Object(table) => {
                out.push(b'{');
                tasks.push(Task::Text(b"}"));
                let first = tasks.len();
                for (key, value) in table.iter().rev() {
                    tasks.extend([Task::Node(*value), Task::Key(key), Task::Text(b",")]);
                }
                first
            }
        };
        // No comma before the first child.
        if tasks.len() > first {
            tasks.pop();
        }
        Ok(())
    }
}

/// Where a comparison stands: at a node, or inside of one that isn't edited.
#[derive(Clone, Copy)]
enum At {
    Tree(Handle),
    Frozen(Source, NodeId),
}

/// What is still to be written.
enum Task<'s> {
    Node(Handle),
    Key(&'s [u8]),
    Text(&'static [u8]),
}

const NO_INDEX: Refusal = "the pointer has no index where the document has an array";
const NO_CONTAINER: Refusal = "the pointer leads through a value that has no children";
