//! Gives every value a number, so that two values are equal exactly when their numbers are.
//!
//! Children get theirs before their parents, so a container is compared by the numbers of its
//! children and no walk into it is needed: linear time at any depth.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::document::{Document, IGNORED, Member, NodeId, Span, Value};
use crate::DiffError;
use crate::search::Limits;

/// Marks a place of the table that is free.
const FREE: u32 = u32::MAX;

/// The numbers of two documents' values.
///
/// Numbers of documents (`1`, `1.0`) are equal if they are written alike: a diff loses nothing.
pub(crate) struct Classes {
    pub(crate) old: Vec<u32>,
    pub(crate) new: Vec<u32>,
}

impl Classes {
    /// # Errors
    ///
    /// [`DiffError::Cancelled`].
    ///
    /// Complexity: linear. The hash is the keyed SipHash of the standard library, and every hit is
    /// compared, so hostile input can neither slow it down nor make different values equal.
    pub(crate) fn of(
        old: &Document<'_>,
        new: &Document<'_>,
        limits: &mut Limits<'_>,
    ) -> Result<Self, DiffError> {
        let slots = (2 * (old.len() + new.len())).next_power_of_two();
        let mut interner = Interner {
            docs: [old, new],
            classes: [Vec::with_capacity(old.len()), Vec::with_capacity(new.len())],
            slots: vec![FREE; slots],
            firsts: Vec::new(),
            state: RandomState::new(),
        };
        for side in [0, 1] {
            for node in 0..interner.docs[side].len() as NodeId {
                limits.spend(1)?;
                let class = interner.class(side, node);
                interner.classes[side].push(class);
            }
        }
        let [old, new] = interner.classes;
        Ok(Self { old, new })
    }

    /// The number of an old node; ignored ones are all equal.
    pub(crate) fn of_old(&self, node: NodeId) -> u32 {
        self.old.get(node as usize).copied().unwrap_or(IGNORED)
    }

    /// The number of a new node.
    pub(crate) fn of_new(&self, node: NodeId) -> u32 {
        self.new.get(node as usize).copied().unwrap_or(IGNORED)
    }
}

/// An open hash table of the first node of each class.
struct Interner<'d, 't> {
    docs: [&'d Document<'t>; 2],
    classes: [Vec<u32>; 2],
    slots: Vec<u32>,
    firsts: Vec<First>,
    state: RandomState,
}

struct First {
    hash: u64,
    side: usize,
    node: NodeId,
}

impl<'d, 't> Interner<'d, 't> {
    fn class(&mut self, side: usize, node: NodeId) -> u32 {
        let hash = self.hash(side, node);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let class = self.slots[slot];
            if class == FREE {
                self.slots[slot] = self.firsts.len() as u32;
                self.firsts.push(First { hash, side, node });
                return self.slots[slot];
            }
            let first = &self.firsts[class as usize];
            if first.hash == hash && self.are_equal((first.side, first.node), (side, node)) {
                return class;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn hash(&self, side: usize, node: NodeId) -> u64 {
        let doc = self.docs[side];
        let mut hasher = self.state.build_hasher();
        match doc.value(node) {
            Value::Null => hasher.write_u8(0),
            Value::Bool(value) => hasher.write_u8(1 + u8::from(value)),
            Value::Number(span) => {
                hasher.write_u8(3);
                hasher.write(doc.text(span));
            }
            Value::String(span) => {
                hasher.write_u8(4);
                hasher.write(doc.text(span));
            }
            Value::Array(items) => {
                hasher.write_u8(5);
                for class in self.items(side, items) {
                    hasher.write_u32(class);
                }
            }
            Value::Object(members) => {
                hasher.write_u8(6);
                for (key, class) in self.members(side, members) {
                    // With its length, or different objects could be made that hash the same.
                    hasher.write_u32(class);
                    hasher.write_u32(key.len() as u32);
                    hasher.write(key);
                }
            }
        }
        hasher.finish()
    }

    fn are_equal(&self, a: (usize, NodeId), b: (usize, NodeId)) -> bool {
        let docs = (self.docs[a.0], self.docs[b.0]);
        match (docs.0.value(a.1), docs.1.value(b.1)) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(first), Value::Bool(second)) => first == second,
            (Value::Number(first), Value::Number(second))
            | (Value::String(first), Value::String(second)) => {
                docs.0.text(first) == docs.1.text(second)
            }
            (Value::Array(first), Value::Array(second)) => {
                first.len == second.len && self.items(a.0, first).eq(self.items(b.0, second))
            }
            (Value::Object(first), Value::Object(second)) => {
                first.len == second.len && self.members(a.0, first).eq(self.members(b.0, second))
            }
            _ => false,
        }
    }

    fn items(&self, side: usize, items: Span) -> impl Iterator<Item = u32> {
        let classes = &self.classes[side];
        let items = self.docs[side].items(items).iter();
        items.map(|&item| classes.get(item as usize).copied().unwrap_or(IGNORED))
    }

    fn members(&self, side: usize, members: Span) -> impl Iterator<Item = (&'d [u8], u32)> {
        let (doc, classes) = (self.docs[side], &self.classes[side]);
        let member = |member: &Member| (doc.text(member.key), classes[member.value as usize]);
        doc.members(members).iter().map(member)
    }
}
