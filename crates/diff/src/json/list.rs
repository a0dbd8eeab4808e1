//! A list that is cut into blocks, so that inserting and removing anywhere is cheap.

/// The most numbers in a block. A patch moves at most that many per operation, and looks at as
/// many blocks as it takes.
const BLOCK: usize = 1024;

/// A list of numbers, for arrays that patches edit.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    /// None of them is empty.
    blocks: Vec<Vec<u32>>,
    len: usize,
}

impl List {
    pub(super) fn of(numbers: &[u32]) -> Self {
        let blocks = numbers.chunks(BLOCK / 2).map(<[u32]>::to_vec).collect();
        Self {
            blocks,
            len: numbers.len(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, index: usize) -> Option<u32> {
        let (block, at) = self.locate(index)?;
        self.blocks[block].get(at).copied()
    }

    pub(super) fn set(&mut self, index: usize, number: u32) {
        if let Some((block, at)) = self.locate(index) {
            self.blocks[block][at] = number;
        }
    }

    /// Inserts before `index`, which is at most the length.
    pub(super) fn insert(&mut self, index: usize, number: u32) {
        let Some((block, at)) = self.place(index) else {
            self.blocks.push(vec![number]);
            self.len = 1;
            return;
        };
        self.blocks[block].insert(at, number);
        self.len += 1;
        if self.blocks[block].len() > BLOCK {
            let half = self.blocks[block].split_off(BLOCK / 2);
            self.blocks.insert(block + 1, half);
        }
    }

    pub(super) fn remove(&mut self, index: usize) -> Option<u32> {
        let (block, at) = self.locate(index)?;
        let number = self.blocks[block].remove(at);
        if self.blocks[block].is_empty() {
            self.blocks.remove(block);
        }
        self.len -= 1;
        Some(number)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.blocks.iter().flatten().copied()
    }

    /// Block and place of an item.
    fn locate(&self, index: usize) -> Option<(usize, usize)> {
        self.place(index).filter(|_| index < self.len)
    }

    /// Where an item is or, behind the last one, would be; `None` in an empty list.
    fn place(&self, index: usize) -> Option<(usize, usize)> {
        let mut at = index;
        for (block, numbers) in self.blocks.iter().enumerate() {
            if at < numbers.len() || (at == numbers.len() && block + 1 == self.blocks.len()) {
                return Some((block, at));
            }
            at -= numbers.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn it_does_what_a_vector_does() {
        let mut list = List::default();
        let mut vector = Vec::new();
        let mut random = 1_usize;
        for number in 0..20_000_u32 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let index = (random >> 33) % (vector.len() + 1);
            if number % 3 == 2 && index < vector.len() {
                assert_eq!(list.remove(index), Some(vector.remove(index)));
            } else {
                list.insert(index, number);
                vector.insert(index, number);
            }
            assert_eq!(list.get(index), vector.get(index).copied());
        }
        assert!(list.blocks.len() > 5);
        assert_eq!(list.iter().collect::<Vec<_>>(), vector);
        while list.remove(0).is_some() {}
        assert_eq!((list.len(), list.get(0), list.remove(0)), (0, None, None));
    }
}
