//! The members of an object that patches edit. It knows keys and numbers of nodes.

use std::borrow::Cow;
use std::collections::HashMap;

/// The members of an object, in order; those that were removed leave a gap.
#[derive(Debug, Default)]
pub(super) struct Table<'d> {
    members: Vec<Option<(Cow<'d, [u8]>, u32)>>,
    places: HashMap<Cow<'d, [u8]>, usize>,
}

impl<'d> Table<'d> {
    /// The node of a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<u32> {
        let place = *self.places.get(key)?;
        self.members[place].as_ref().map(|&(_, node)| node)
    }

    /// Sets a member, at its place or at the end.
    pub(super) fn set(&mut self, key: Cow<'d, [u8]>, node: u32) {
        let place = *self.places.entry(key.clone()).or_insert(self.members.len());
        if place == self.members.len() {
            self.members.push(None);
        }
        self.members[place] = Some((key, node));
    }

    /// Number of members.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Keys and nodes, in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &(Cow<'d, [u8]>, u32)> {
        self.members.iter().flatten()
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, key: &[u8]) -> Option<u32> {
        let place = self.places.remove(key)?;
        self.members[place].take().map(|(_, node)| node)
    }
}
