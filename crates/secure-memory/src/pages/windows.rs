//! The calls of Windows behind [`Pages`].

use std::ffi::{CStr, c_void};
use std::io;
use std::mem;
use std::ptr::{self, NonNull};

use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
    VirtualLock,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessWorkingSetSize};
use windows_sys::core::{BOOL, HRESULT};

use super::Pages;

/// What a function is before its type is known.
type Function = unsafe extern "system" fn() -> isize;
/// `WerRegisterExcludedMemoryBlock` of `werapi.h`.
type Exclude = unsafe extern "system" fn(start: *const c_void, len: u32) -> HRESULT;
/// `WerUnregisterExcludedMemoryBlock` of `werapi.h`.
type Include = unsafe extern "system" fn(start: *const c_void) -> HRESULT;

/// Reserves `len` bytes of addresses that nobody can touch: what of them is never committed takes no
/// memory.
///
/// # Errors
/// The system's, when it has no addresses left.
pub(super) fn reserve(len: usize) -> io::Result<NonNull<u8>> {
    // SAFETY: a new range at a place that the system chooses touches no existing memory.
    let outer = unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
    NonNull::new(outer.cast()).ok_or_else(io::Error::last_os_error)
}

impl Pages {
    /// Commits the pages, and not their guards.
    pub(super) fn allow_access(&self) -> io::Result<()> {
        // SAFETY: exactly the inner pages of a range of `reserve`, which nobody else knows.
        let committed =
            unsafe { VirtualAlloc(self.address(), self.len, MEM_COMMIT, PAGE_READWRITE) };
        NonNull::new(committed)
            .map(drop)
            .ok_or_else(io::Error::last_os_error)
    }

    pub(super) fn lock(&self) -> io::Result<()> {
        // SAFETY: committed pages of a range that lives as long as `self`.
        check(unsafe { VirtualLock(self.address(), self.len) })
    }

    /// Keeps the pages out of the reports that Windows writes when a process crashes; dumps that other
    /// programs write have them. Where that is refused the pages are locked all the same: Windows
    /// has room for 512 such ranges of a process, none before version 1703, and writes reports with
    /// more in them than stacks only where it was told to.
    pub(super) fn exclude_from_dumps(&self) -> io::Result<()> {
        let exclude = kernel_function(c"WerRegisterExcludedMemoryBlock");
        if let (Some(exclude), Ok(len)) = (exclude, u32::try_from(self.len)) {
            // SAFETY: a function of that name has that type.
            let exclude = unsafe { mem::transmute::<Function, Exclude>(exclude) };
            // SAFETY: notes where the pages are; their content is not touched.
            let _refused = unsafe { exclude(self.address(), len) };
        }
        Ok(())
    }

    /// Nothing forks.
    pub(super) fn wipe_in_children(&self) -> io::Result<()> {
        Ok(())
    }

    /// Gives back the whole range, with the pages in it and their lock; whether it could.
    ///
    /// # Safety
    /// Nobody uses the pages any more, nor this value.
    pub(super) unsafe fn unmap(&self) -> bool {
        if let Some(include) = kernel_function(c"WerUnregisterExcludedMemoryBlock") {
            // SAFETY: a function of that name has that type.
            let include = unsafe { mem::transmute::<Function, Include>(include) };
            // SAFETY: strikes the note about the pages, if there is one.
            let _was_included = unsafe { include(self.address()) };
        }
        let (outer, _len) = self.mapping();
        // SAFETY: the start of the range that `reserve` made, of which a release takes all, and for
        // that no length; the rest as the caller promises.
        unsafe { VirtualFree(outer.as_ptr().cast(), 0, MEM_RELEASE) != 0 }
    }

    fn address(&self) -> *const c_void {
        self.start.as_ptr().cast()
    }
}

/// Length of a page in bytes: 4 KiB.
pub(crate) fn page_len() -> usize {
    let mut system = SYSTEM_INFO::default();
    // SAFETY: writes to the structure that it is given.
    unsafe { GetSystemInfo(&raw mut system) };
    system.dwPageSize as usize
}

/// What this process may lock, in bytes, but for a few pages: its minimum working set, 200 KiB where
/// nobody raised it.
pub(crate) fn lock_limit() -> Option<usize> {
    let (mut minimum, mut maximum) = (0, 0);
    // SAFETY: writes to the numbers that it is given. Reads the limit, changes nothing.
    let asked = unsafe {
        GetProcessWorkingSetSize(GetCurrentProcess(), &raw mut minimum, &raw mut maximum)
    };
    Some(if asked == 0 { 0 } else { minimum })
}

/// A function that not every Windows has that Node.js runs on: with an import of it the addon would
/// not load there.
fn kernel_function(name: &CStr) -> Option<Function> {
    // SAFETY: both names end with a zero byte. Every process has that library for all of its life.
    unsafe {
        let kernel = GetModuleHandleA(c"kernel32.dll".as_ptr().cast());
        GetProcAddress(kernel, name.as_ptr().cast())
    }
}

fn check(status: BOOL) -> io::Result<()> {
    match status {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
