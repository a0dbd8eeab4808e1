//! One secret in its slot: made there, read there, wiped when dropped.

use std::alloc::{self, Layout};
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use zeroize::Zeroize;

use crate::memory::{Place, SecureMemory};
use crate::slab::SLOT_ALIGN_BYTES;
use crate::stack::with_clean_stack;

/// A value in secure memory. It never moves; when dropped, its bytes are wiped.
pub struct SecretBox<T> {
    slot: Slot,
    value: PhantomData<T>,
}

/// Bytes that are wiped and given back when dropped.
struct Slot {
    start: NonNull<u8>,
    layout: Layout,
    home: Home,
}

enum Home {
    Slab(SecureMemory, Place),
    Heap,
}

// SAFETY: the box owns its value, as `Box<T>` does.
unsafe impl<T: Send> Send for SecretBox<T> {}
// SAFETY: a shared box gives shared references only, as `Box<T>` does.
unsafe impl<T: Sync> Sync for SecretBox<T> {}

impl<T> SecretBox<T> {
    /// The value that `make` returns, in `memory`; `None` when its budget is used up, and `make`
    /// is not called. What `make` left on the stack is overwritten.
    #[must_use]
    pub fn new_in(memory: &SecureMemory, make: impl FnOnce() -> T) -> Option<Self> {
        const {
            assert!(size_of::<T>() > 0, "nothing can't be secret");
            assert!(
                align_of::<T>() <= SLOT_ALIGN_BYTES,
                "slots are aligned less"
            );
        }
        let slot = Slot::in_memory(memory, Layout::new::<T>())?;
        let place = slot.start.cast::<T>();
        // SAFETY: the slot is as long as a `T` and aligned for it, and nobody else has it.
        with_clean_stack(|| unsafe { place.write(make()) });
        Some(Self {
            slot,
            value: PhantomData,
        })
    }

    /// The value, for the call that uses it and no longer.
    #[must_use]
    pub fn expose(&self) -> &T {
        // SAFETY: `new_in` wrote a `T` there, which nobody else refers to.
        unsafe { self.slot.start.cast::<T>().as_ref() }
    }

    /// The value, to be written in place.
    #[must_use]
    pub fn expose_mut(&mut self) -> &mut T {
        // SAFETY: `new_in` wrote a `T` there, which nobody else refers to.
        unsafe { self.slot.start.cast::<T>().as_mut() }
    }
}

impl<T> Drop for SecretBox<T> {
    fn drop(&mut self) {
        // SAFETY: `new_in` wrote a `T` there, and it is dropped here only. The slot is wiped and
        // given back after it, even if this panics.
        unsafe { self.slot.start.cast::<T>().drop_in_place() }
    }
}

impl<T> fmt::Debug for SecretBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBox(redacted)")
    }
}

impl Slot {
    fn in_memory(memory: &SecureMemory, layout: Layout) -> Option<Self> {
        let (start, home) = if memory.is_on_heap() {
            (on_heap(layout), Home::Heap)
        } else {
            let place = memory.take(layout.size())?;
            (place.start, Home::Slab(memory.clone(), place))
        };
        Some(Self {
            start,
            layout,
            home,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let bytes = self.start.cast::<MaybeUninit<u8>>();
        // SAFETY: the slot is this long, nobody else has it, and bytes that may be uninitialised
        // (the padding of a value) are never read. The writes are volatile.
        unsafe { NonNull::slice_from_raw_parts(bytes, self.layout.size()).as_mut() }.zeroize();
        match &self.home {
            Home::Slab(memory, place) => memory.give_back(*place),
            // SAFETY: allocated by `on_heap` with this layout, given back here only.
            Home::Heap => unsafe { alloc::dealloc(self.start.as_ptr(), self.layout) },
        }
    }
}

fn on_heap(layout: Layout) -> NonNull<u8> {
    // SAFETY: `SecretBox::new_in` refuses types without a size.
    let start = unsafe { alloc::alloc(layout) };
    NonNull::new(start).unwrap_or_else(|| alloc::handle_alloc_error(layout))
}
