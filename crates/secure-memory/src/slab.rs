//! Pages cut into slots of one length. Keeps no secret outside its pages: the list of free slots
//! holds numbers.

use std::ptr::NonNull;

use crate::pages::Pages;

/// Alignment of every slot, in bytes; their lengths are multiples of it. A cache line: short
/// secrets of different lengths share a slab.
pub(crate) const SLOT_ALIGN_BYTES: usize = 64;

/// Slots of one length.
#[derive(Debug)]
pub(crate) struct Slab {
    pages: Pages,
    slot_len: usize,
    /// Bytes before the first slot: the last one ends where the guard page begins.
    offset: usize,
    free: Vec<u32>,
}

impl Slab {
    /// Cuts `pages` into slots of `slot_len` bytes, a multiple of [`SLOT_ALIGN_BYTES`] above 0.
    pub(crate) fn new(pages: Pages, slot_len: usize) -> Self {
        let count = pages.len() / slot_len;
        let last = u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            offset: pages.len() - count * slot_len,
            pages,
            slot_len,
            // The first one is taken first.
            free: (0..last).rev().collect(),
        }
    }

    /// Whether a slot of that length can be taken.
    pub(crate) fn has_room_for(&self, slot_len: usize) -> bool {
        self.slot_len == slot_len && !self.free.is_empty()
    }

    /// A free slot's number and first byte; its bytes are all zero.
    pub(crate) fn take(&mut self) -> Option<(u32, NonNull<u8>)> {
        let index = self.free.pop()?;
        let at = self.offset + index as usize * self.slot_len;
        // SAFETY: `index` is below the number of slots that fit, so that the slot lies within
        // the pages.
        Some((index, unsafe { self.pages.start().add(at) }))
    }

    /// Takes a slot back, wiped by its owner.
    pub(crate) fn give_back(&mut self, index: u32) {
        debug_assert!(!self.free.contains(&index), "a slot has one owner");
        self.free.push(index);
    }
}
