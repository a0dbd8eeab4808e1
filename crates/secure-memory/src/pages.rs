//! Pages from the system: a guard page on each side, left out of core dumps, locked.
//! Knows nothing of what lies in them.

use std::io;
use std::ptr::NonNull;

#[cfg(unix)]
#[path = "pages/unix.rs"]
mod system;
#[cfg(windows)]
#[path = "pages/windows.rs"]
mod system;

pub(crate) use system::{lock_limit, page_len};

/// Readable and writable pages, zeroed when mapped, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Pages {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the pages belong to this value alone, and any thread may unmap them.
unsafe impl Send for Pages {}
// SAFETY: a shared reference only tells where the pages are.
unsafe impl Sync for Pages {}

impl Pages {
    /// Maps `len` bytes, a multiple of [`page_len`] above 0, between two pages that nobody can
    /// touch. Not yet locked.
    ///
    /// # Errors
    /// The system's, when it has no memory left.
    pub(crate) fn map(len: usize) -> io::Result<Self> {
        let guard = page_len();
        let outer = system::reserve(len + 2 * guard)?;
        // SAFETY: one page into a mapping of `len` bytes and two pages.
        let start = unsafe { outer.add(guard) };
        let pages = Self { start, len };
        pages.allow_access()?;
        Ok(pages)
    }

    /// Takes the pages out of core dumps and locks them into memory. What of it succeeded stays.
    ///
    /// # Errors
    /// The system's: on Unix `EPERM` or `ENOMEM`, on Windows `ERROR_WORKING_SET_QUOTA`, where the
    /// limit of locked memory is too low.
    pub(crate) fn protect(&self) -> io::Result<()> {
        let excluded = self.exclude_from_dumps();
        self.lock()?;
        excluded
    }

    /// Takes the pages out of core dumps and has a forked child find zeros here.
    ///
    /// # Errors
    /// The system's, where it has no such pages: Linux has them since 4.14, macOS has none, and on
    /// Windows nothing forks.
    pub(crate) fn wipe_on_fork(&self) -> io::Result<()> {
        let _not_excluded = self.exclude_from_dumps();
        self.wipe_in_children()
    }

    /// The first byte.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// How many bytes may be used.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The whole mapping, guards included: its first byte and its length.
    fn mapping(&self) -> (NonNull<u8>, usize) {
        let guard = page_len();
        // SAFETY: `map` put the pages one page into their mapping.
        (unsafe { self.start.sub(guard) }, self.len + 2 * guard)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: nothing points into the mapping any more, for every slot in it keeps its pages
        // alive, and it is unmapped here only.
        let unmapped = unsafe { self.unmap() };
        debug_assert!(unmapped, "a mapping of its own can be unmapped");
    }
}
