//! Pages from the system: a guard page on each side, left out of core dumps, locked.
//! Knows nothing of what lies in them.

use std::io;
use std::ptr::{self, NonNull};

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
        // SAFETY: a new mapping at a place that the system chooses touches no existing memory.
        let outer = unsafe {
            libc::mmap(
                ptr::null_mut(),
                len + 2 * guard,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if outer == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(outer.cast::<u8>()).ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: one page into a mapping of `len` bytes and two pages.
        let pages = unsafe { start.add(guard) };
        let pages = Self { start: pages, len };
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: exactly the inner pages of the mapping made above, which nobody else knows.
        check(unsafe { libc::mprotect(pages.start.as_ptr().cast(), len, access) })?;
        Ok(pages)
    }

    /// Takes the pages out of core dumps and locks them into memory. What of it succeeded stays.
    ///
    /// # Errors
    /// The system's: `EPERM` or `ENOMEM` where the limit of locked memory is too low.
    pub(crate) fn protect(&self) -> io::Result<()> {
        let excluded = self.exclude_from_dumps();
        // SAFETY: pages of a mapping that lives as long as `self`.
        check(unsafe { libc::mlock(self.start.as_ptr().cast(), self.len) })?;
        excluded
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn exclude_from_dumps(&self) -> io::Result<()> {
        let pages = self.start.as_ptr().cast();
        // SAFETY: pages of a mapping that lives as long as `self`; their content is not touched.
        check(unsafe { libc::madvise(pages, self.len, libc::MADV_DONTDUMP) })
    }

    /// Other systems write no core dumps unless asked to, and have no such advice.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    #[expect(clippy::unnecessary_wraps, reason = "as on the systems that can")]
    fn exclude_from_dumps(&self) -> io::Result<()> {
        Ok(())
    }

    /// Has a forked child find zeros here.
    ///
    /// # Errors
    /// The system's, where it has no such pages: Linux has them since 4.14.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn wipe_on_fork(&self) -> io::Result<()> {
        let _not_excluded = self.exclude_from_dumps();
        let pages = self.start.as_ptr().cast();
        // SAFETY: pages of a mapping that lives as long as `self`; in this process they stay.
        check(unsafe { libc::madvise(pages, self.len, libc::MADV_WIPEONFORK) })
    }

    /// Other systems have no such pages.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn wipe_on_fork(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The first byte.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// How many bytes may be used.
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let guard = page_len();
        // SAFETY: the whole mapping that `map` made; nothing points into it any more, for every
        // slot in it keeps its pages alive.
        let unmapped = unsafe {
            let outer = self.start.sub(guard);
            libc::munmap(outer.as_ptr().cast(), self.len + 2 * guard)
        };
        debug_assert_eq!(unmapped, 0, "a mapping of its own can be unmapped");
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
