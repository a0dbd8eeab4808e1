//! The flag by which a caller ends a search from another thread. It knows no search.

use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that long operations poll; once raised it stays raised.
///
/// # Example
///
/// ```
/// let cancel = sealdiff_diff::CancelFlag::new();
/// cancel.cancel();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Debug, Default)]
pub struct CancelFlag(AtomicBool);

impl CancelFlag {
    /// Makes a flag that isn't raised.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Raises the flag: operations that poll it end soon with [`DiffError::Cancelled`].
    ///
    /// [`DiffError::Cancelled`]: crate::DiffError::Cancelled
    pub fn cancel(&self) {
        // Relaxed: the flag publishes no other memory.
        self.0.store(true, Ordering::Relaxed);
    }

    /// Says whether the flag was raised.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
