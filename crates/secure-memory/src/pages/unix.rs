//! The calls of Linux and macOS behind [`Pages`].

use std::io;
use std::ptr::{self, NonNull};

use super::Pages;

/// Maps `len` bytes that nobody can touch.
///
/// # Errors
/// The system's, when it has no memory left.
pub(super) fn reserve(len: usize) -> io::Result<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping at a place that the system chooses touches no existing memory.
    let outer = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
    if outer == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(outer.cast()).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
}

impl Pages {
    /// Lets the pages be read and written, and not their guards.
    pub(super) fn allow_access(&self) -> io::Result<()> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: exactly the inner pages of a mapping of `reserve`, which nobody else knows.
        check(unsafe { libc::mprotect(self.start.as_ptr().cast(), self.len, access) })
    }

    pub(super) fn lock(&self) -> io::Result<()> {
        // SAFETY: pages of a mapping that lives as long as `self`.
        check(unsafe { libc::mlock(self.start.as_ptr().cast(), self.len) })
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn exclude_from_dumps(&self) -> io::Result<()> {
        let pages = self.start.as_ptr().cast();
        // SAFETY: pages of a mapping that lives as long as `self`; their content is not touched.
        check(unsafe { libc::madvise(pages, self.len, libc::MADV_DONTDUMP) })
    }

    /// Other systems write no core dumps unless asked to, and have no such advice.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn exclude_from_dumps(&self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn wipe_in_children(&self) -> io::Result<()> {
        let pages = self.start.as_ptr().cast();
        // SAFETY: pages of a mapping that lives as long as `self`; in this process they stay.
        check(unsafe { libc::madvise(pages, self.len, libc::MADV_WIPEONFORK) })
    }

    /// Other systems have no such pages. macOS knows `minherit`, but without `INHERIT_ZERO`: its
    /// `VM_INHERIT_NONE` leaves a hole in the child, which would crash it.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn wipe_in_children(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Unmaps the pages with their guards; whether it could.
    ///
    /// # Safety
    /// Nobody uses the pages any more, nor this value.
    pub(super) unsafe fn unmap(&self) -> bool {
        let (outer, len) = self.mapping();
        // SAFETY: the whole mapping that `reserve` made; the rest as the caller promises.
        unsafe { libc::munmap(outer.as_ptr().cast(), len) == 0 }
    }
}

/// Length of a page in bytes: 4 KiB on most machines, up to 64 KiB on some.
pub(crate) fn page_len() -> usize {
    const USUAL: usize = 4096;
    // SAFETY: asks for a number.
    let len = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(len).unwrap_or(USUAL)
}

/// What this process may lock without privileges, in bytes; `None` if there is no limit.
pub(crate) fn lock_limit() -> Option<usize> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: writes to the structure that it is given. Reads the limit, changes nothing.
    let asked = unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) };
    if asked != 0 {
        return Some(0);
    }
    let is_limited = limit.rlim_cur != libc::RLIM_INFINITY;
    is_limited.then(|| usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX))
}

fn check(status: libc::c_int) -> io::Result<()> {
    match status {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
