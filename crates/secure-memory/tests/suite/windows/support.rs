//! What Windows says about this process's memory, and running a test in a child.

use std::ffi::c_void;
use std::ops::Range;
use std::process::{Command, ExitStatus, Stdio};

use sealdiff_secure_memory::SecretBox;
use windows_sys::Win32::System::Diagnostics::Debug::ReadProcessMemory;
use windows_sys::Win32::System::Memory::{
    MEMORY_BASIC_INFORMATION, PAGE_READWRITE, VirtualQuery, VirtualUnlock,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessWorkingSetSize};

/// Addresses with one state and protection.
pub(crate) struct Region {
    pub(crate) addresses: Range<u64>,
    /// `MEM_COMMIT`, `MEM_RESERVE` or `MEM_FREE`.
    pub(crate) state: u32,
    pub(crate) is_writable: bool,
}

pub(crate) fn address_of<T>(secret: &SecretBox<T>) -> u64 {
    std::ptr::from_ref(secret.expose()) as u64
}

pub(crate) fn region_at(address: u64) -> Region {
    let mut found = MEMORY_BASIC_INFORMATION::default();
    // SAFETY: writes to the structure that it is given, which is that long. The address is a number
    // to it.
    let len = unsafe {
        VirtualQuery(
            address as *const c_void,
            &raw mut found,
            size_of_val(&found),
        )
    };
    assert_ne!(len, 0, "an address of this process");
    let start = found.BaseAddress as u64;
    Region {
        addresses: start..start + found.RegionSize as u64,
        state: found.State,
        is_writable: found.Protect == PAGE_READWRITE,
    }
}

/// Whether the secret's page was locked, which it no longer is: Windows refuses to unlock any other.
pub(crate) fn unlock<T>(secret: &SecretBox<T>) -> bool {
    // SAFETY: a page that is mapped, and stays so.
    unsafe { VirtualUnlock(address_of(secret) as *const c_void, 1) != 0 }
}

/// The least that Windows leaves in memory of this process, in bytes.
pub(crate) fn minimum_working_set() -> usize {
    let (mut minimum, mut maximum) = (0, 0);
    // SAFETY: writes to the numbers that it is given.
    let asked = unsafe {
        GetProcessWorkingSetSize(GetCurrentProcess(), &raw mut minimum, &raw mut maximum)
    };
    assert_ne!(asked, 0);
    minimum
}

/// Bytes of this process, read through the system: whoever owns them now.
pub(crate) fn bytes_at(address: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0_u8; len];
    let (from, to) = (address as *const c_void, bytes.as_mut_ptr().cast());
    // SAFETY: writes as many bytes as there is room for; what can't be read is an error.
    let read =
        unsafe { ReadProcessMemory(GetCurrentProcess(), from, to, len, std::ptr::null_mut()) };
    assert_ne!(read, 0, "bytes of this process");
    bytes
}

/// Runs one of the ignored tests of `children` in a process of its own.
pub(crate) fn in_child(test: &str) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("children::{test}"), "--ignored"])
        .args(["--test-threads", "1"])
        .stdout(Stdio::null())
        .status()
        .unwrap()
}
