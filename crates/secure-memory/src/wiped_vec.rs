//! Secrets on the heap that pass through, wiped at the speed of memory when they are dropped: a wipe
//! byte by byte takes longer than decrypting what is wiped.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};

/// A vector that is wiped when dropped, all of its capacity. What it leaves behind when it grows past
/// that is not: reserve first.
#[derive(Default)]
pub struct WipedVec<T: Copy + Default>(Vec<T>);

/// Overwrites `place` with its default value, zeros for numbers, also where nobody reads it again.
pub fn wipe<T: Copy + Default>(place: &mut [T]) {
    place.fill(T::default());
    zeroize::optimization_barrier(place);
}

impl<T: Copy + Default> WipedVec<T> {
    /// Takes charge of `elements`.
    #[must_use]
    pub fn new(elements: Vec<T>) -> Self {
        Self(elements)
    }

    /// The elements, to be wiped or kept by somebody else.
    #[must_use]
    pub fn take(&mut self) -> Vec<T> {
        mem::take(&mut self.0)
    }
}

impl<T: Copy + Default> Drop for WipedVec<T> {
    fn drop(&mut self) {
        let capacity = self.0.capacity();
        self.0.clear();
        self.0.resize(capacity, T::default());
        zeroize::optimization_barrier(&self.0[..]);
    }
}

impl<T: Copy + Default> Deref for WipedVec<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: Copy + Default> DerefMut for WipedVec<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T: Copy + Default> fmt::Debug for WipedVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WipedVec(redacted)")
    }
}
