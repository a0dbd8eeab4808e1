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
        let removed = self.members[place].take().map(|(_, node)| node);
        if self.members.len() / 2 > self.places.len() {
            self.close_gaps();
        }
        removed
    }

    /// As many removals as there are members come before it, so that it costs each of them little.
    fn close_gaps(&mut self) {
        self.members.retain(Option::is_some);
        for (place, (key, _)) in self.members.iter().flatten().enumerate() {
            if let Some(known) = self.places.get_mut(key) {
                *known = place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_are_gone_leave_no_gaps_for_long() {
        let mut table = Table::default();
        let key = |n: u32| Cow::Owned(n.to_string().into_bytes());
        for n in 0..1000 {
            table.set(key(n), n);
            if n % 10 != 0 {
                assert_eq!(table.remove(&key(n)), Some(n));
            }
        }
        assert!(table.members.len() <= 2 * table.len() + 1);
        let kept: Vec<u32> = table.iter().map(|&(_, node)| node).collect();
        assert_eq!(kept, (0..1000).step_by(10).collect::<Vec<_>>());
        assert_eq!(table.get(&key(990)), Some(990));
    }
}
