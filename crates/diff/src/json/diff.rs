//! The walk through two documents that finds what changed. It writes no text.

use super::arrays::{self, By};
use super::document::{Document, IGNORED, Member, NodeId, Span, Value};
use super::intern::Classes;
use super::options::JsonDiffOptions;
use super::path::{PathId, Paths, Step};
use super::print::compact_lens;
use crate::search::Limits;
use crate::{DiffError, Side};

/// Bytes by which single changes may be longer than one replacement of the value that holds them.
/// Single changes tell more, and leave alone what somebody else changed beside them; but their
/// paths may be far longer than the document.
const MAX_EXCESS: u64 = 1024;

/// One change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Op {
    pub(super) kind: OpKind,
    pub(super) path: PathId,
}

/// What a change does; nodes are those of the old and of the new document.
#[derive(Debug, Clone, Copy)]
pub(super) enum OpKind {
    Add(NodeId),
    Remove(NodeId),
    Replace(NodeId, NodeId),
}

impl OpKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Remove(_) => "remove",
            Self::Replace(..) => "replace",
        }
    }

    pub(super) fn old_value(self) -> Option<NodeId> {
        match self {
            Self::Add(_) => None,
            Self::Remove(old) | Self::Replace(old, _) => Some(old),
        }
    }

    pub(super) fn new_value(self) -> Option<NodeId> {
        match self {
            Self::Remove(_) => None,
            Self::Add(new) | Self::Replace(_, new) => Some(new),
        }
    }
}

/// What is still to be done.
enum Task {
    Pair(NodeId, NodeId, PathId),
    Op(Op),
    /// The children of a pair were compared: is one replacement much shorter than their changes?
    Close {
        pair: (NodeId, NodeId),
        path: PathId,
        ops_before: usize,
        cost_before: u64,
    },
}

/// Finds the changes from one document to another.
pub(super) struct Walk<'d, 't> {
    old: &'d Document<'t>,
    new: &'d Document<'t>,
    classes: Classes,
    /// Lengths of compact texts.
    lens: (Vec<u64>, Vec<u64>),
    options: &'d JsonDiffOptions,
    pub(super) paths: Paths<'d, 't>,
    pub(super) ops: Vec<Op>,
    /// Length of the patch so far.
    pub(super) cost: u64,
    tasks: Vec<Task>,
}

impl<'d, 't> Walk<'d, 't> {
    /// Walks both documents.
    ///
    /// # Errors
    ///
    /// [`DiffError::Cancelled`].
    ///
    /// Complexity: linear, plus what the arrays take.
    pub(super) fn done(
        old: &'d Document<'t>,
        new: &'d Document<'t>,
        options: &'d JsonDiffOptions,
        limits: &mut Limits<'_>,
    ) -> Result<Self, DiffError> {
        let mut walk = Self {
            classes: Classes::of(old, new, limits)?,
            lens: (compact_lens(old), compact_lens(new)),
            paths: Paths::new(old, new),
            ops: Vec::new(),
            cost: 0,
            tasks: vec![Task::Pair(old.root(), new.root(), Paths::ROOT)],
            old,
            new,
            options,
        };
        while let Some(task) = walk.tasks.pop() {
            limits.spend(1)?;
            match task {
                Task::Pair(old, new, path) => walk.pair((old, new), path, limits)?,
                Task::Op(op) => walk.push(op),
                Task::Close {
                    pair,
                    path,
                    ops_before,
                    cost_before,
                } => walk.close(pair, path, ops_before, cost_before),
            }
        }
        Ok(walk)
    }

    fn pair(
        &mut self,
        pair: (NodeId, NodeId),
        path: PathId,
        limits: &mut Limits<'_>,
    ) -> Result<(), DiffError> {
        if self.classes.of_old(pair.0) == self.classes.of_new(pair.1) {
            return Ok(());
        }
        let values = (self.old.value(pair.0), self.new.value(pair.1));
        let first = self.tasks.len() + 1;
        match values {
            (Value::Object(old), Value::Object(new)) => {
                self.push_close(pair, path);
                self.objects(old, new, path);
            }
            (Value::Array(old), Value::Array(new)) => {
                self.push_close(pair, path);
                self.arrays(old, new, path, limits)?;
            }
            _ => {
                let kind = OpKind::Replace(pair.0, pair.1);
                self.push(Op { kind, path });
                return Ok(());
            }
        }
        // Tasks are taken from the end.
        self.tasks[first..].reverse();
        Ok(())
    }

    fn push_close(&mut self, pair: (NodeId, NodeId), path: PathId) {
        self.tasks.push(Task::Close {
            pair,
            path,
            ops_before: self.ops.len(),
            cost_before: self.cost,
        });
    }

    /// One replacement instead of changes that together are much longer, unless the replacement would
    /// undo what is ignored.
    fn close(&mut self, pair: (NodeId, NodeId), path: PathId, ops: usize, cost: u64) {
        let replacement = Op {
            kind: OpKind::Replace(pair.0, pair.1),
            path,
        };
        let is_longer = self.cost - cost > self.op_cost(replacement).saturating_add(MAX_EXCESS);
        if is_longer && !self.old.is_pruned(pair.0) && !self.new.is_pruned(pair.1) {
            self.ops.truncate(ops);
            self.cost = cost;
            self.push(replacement);
        }
    }

    fn push(&mut self, op: Op) {
        self.cost = self.cost.saturating_add(self.op_cost(op));
        self.ops.push(op);
    }

    /// Length of an operation in the patch, with the comma behind it.
    fn op_cost(&self, Op { kind, path }: Op) -> u64 {
        let path = self.paths.len(path);
        let value = kind.new_value().map_or(0, |new| {
            self.lens.1[new as usize].saturating_add(r#","value":"#.len() as u64)
        });
        let frame = r#"{"op":"","path":""},"#.len() + kind.name().len();
        let op = value.saturating_add(path).saturating_add(frame as u64);
        let tested = kind.old_value().filter(|&old| self.has_test(old));
        let test = tested.map_or(0, |old| {
            let frame = r#"{"op":"test","path":"","value":},"#.len() as u64;
            self.lens.0[old as usize]
                .saturating_add(path)
                .saturating_add(frame)
        });
        op.saturating_add(test)
    }

    /// Whether an operation on an old value is tested first: not if part of it isn't known.
    pub(super) fn has_test(&self, old: NodeId) -> bool {
        self.options.with_tests && !self.old.is_pruned(old)
    }

    fn objects(&mut self, old: Span, new: Span, path: PathId) {
        let (old_doc, new_doc) = (self.old, self.new);
        let mut new = new_doc.members(new).iter().peekable();
        for member in old_doc.members(old) {
            let key = old_doc.text(member.key);
            while let Some(added) = new.next_if(|new| new_doc.text(new.key) < key) {
                self.add_member(added, path);
            }
            match new.next_if(|new| new_doc.text(new.key) == key) {
                Some(same) => self.same_member(member, same, path),
                None => self.remove_member(member, path),
            }
        }
        for added in new {
            self.add_member(added, path);
        }
    }

    fn same_member(&mut self, old: &Member, new: &Member, path: PathId) {
        if self.classes.of_old(old.value) != self.classes.of_new(new.value) {
            let path = self.paths.child(path, Step::Key(Side::Old, old.key));
            self.tasks.push(Task::Pair(old.value, new.value, path));
        }
    }

    fn remove_member(&mut self, old: &Member, path: PathId) {
        let path = self.paths.child(path, Step::Key(Side::Old, old.key));
        let kind = OpKind::Remove(old.value);
        self.tasks.push(Task::Op(Op { kind, path }));
    }

    fn add_member(&mut self, new: &Member, path: PathId) {
        let path = self.paths.child(path, Step::Key(Side::New, new.key));
        let kind = OpKind::Add(new.value);
        self.tasks.push(Task::Op(Op { kind, path }));
    }

    fn arrays(
        &mut self,
        old: Span,
        new: Span,
        path: PathId,
        limits: &mut Limits<'_>,
    ) -> Result<(), DiffError> {
        let (old, new) = (Items::of(self.old, old), Items::of(self.new, new));
        let steps = self.array_steps(&old, &new, limits)?;
        // Items before `now` are as they will be; ignored ones of the old array stay among them.
        let (mut now, mut passed) = (0, 0);
        for step in steps {
            if let arrays::Step::Equal(at, _)
            | arrays::Step::Change(at, _)
            | arrays::Step::Remove(at) = step
            {
                let ignored = old.places[at] - at as u32;
                now += ignored - passed;
                passed = ignored;
            }
            let index = |old: u32| Step::Index { old, now };
            match step {
                arrays::Step::Equal(..) => now += 1,
                arrays::Step::Change(at, new_at) => {
                    let path = self.paths.child(path, index(old.places[at]));
                    self.tasks
                        .push(Task::Pair(old.nodes[at], new.nodes[new_at], path));
                    now += 1;
                }
                arrays::Step::Remove(at) => {
                    let path = self.paths.child(path, index(old.places[at]));
                    let kind = OpKind::Remove(old.nodes[at]);
                    self.tasks.push(Task::Op(Op { kind, path }));
                }
                arrays::Step::Add(at) => {
                    let path = self.paths.child(path, index(now));
                    let kind = OpKind::Add(new.nodes[at]);
                    self.tasks.push(Task::Op(Op { kind, path }));
                    now += 1;
                }
            }
        }
        Ok(())
    }

    fn array_steps(
        &self,
        old: &Items,
        new: &Items,
        limits: &mut Limits<'_>,
    ) -> Result<Vec<arrays::Step>, DiffError> {
        let old_classes: Vec<u32> = old
            .nodes
            .iter()
            .map(|&node| self.classes.of_old(node))
            .collect();
        let new_classes: Vec<u32> = new
            .nodes
            .iter()
            .map(|&node| self.classes.of_new(node))
            .collect();
        for key in &self.options.array_keys {
            let old_keys = keys(self.old, &old.nodes, key, &self.classes.old);
            let new_keys = keys(self.new, &new.nodes, key, &self.classes.new);
            if let (Some(old_keys), Some(new_keys)) = (old_keys, new_keys) {
                let by = By::Key {
                    old_classes: &old_classes,
                    new_classes: &new_classes,
                };
                return arrays::steps(&old_keys, &new_keys, by, limits);
            }
        }
        arrays::steps(&old_classes, &new_classes, By::Content, limits)
    }
}

/// The items of an array that aren't ignored, and their places in it.
struct Items {
    nodes: Vec<NodeId>,
    places: Vec<u32>,
}

impl Items {
    fn of(doc: &Document<'_>, items: Span) -> Self {
        let items = (0..)
            .zip(doc.items(items))
            .filter(|(_, item)| **item != IGNORED);
        let (places, nodes) = items.unzip();
        Self { nodes, places }
    }
}

/// The numbers of the items' keys, if every item has one and no two have the same.
fn keys(doc: &Document<'_>, items: &[NodeId], key: &[u8], classes: &[u32]) -> Option<Vec<u32>> {
    let of_item = |&item: &NodeId| match doc.value(item) {
        Value::Object(members) => {
            let node = doc.member(members, key)?;
            let is_scalar = !matches!(doc.value(node), Value::Array(_) | Value::Object(_));
            is_scalar.then(|| classes[node as usize])
        }
        _ => None,
    };
    let keys: Vec<u32> = items.iter().map(of_item).collect::<Option<_>>()?;
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    let is_unique = sorted.is_sorted_by(|a, b| a < b);
    is_unique.then_some(keys)
}
