//! The calls behind a C ABI: what a program would load through an FFI package. Lengths are in bytes; a call that
//! fails gives -1.

use std::ffi::{CStr, c_char};
use std::slice::{from_raw_parts, from_raw_parts_mut};

use crate::calls;

/// Sixty-four characters and their end.
const TEXT: &CStr = c"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Does nothing: what it costs to get here and back.
#[unsafe(no_mangle)]
pub extern "C" fn cores_empty() -> u32 {
    64
}

/// Reads a byte of a buffer.
///
/// # Safety
///
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cores_buffer_in(data: *const u8, len: usize) -> u32 {
    // SAFETY: by the caller's promise.
    let data = unsafe { from_raw_parts(data, len) };
    data.first().copied().unwrap_or_default().into()
}

/// Fills a buffer.
///
/// # Safety
///
/// `out` has room for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cores_buffer_out(out: *mut u8, len: usize) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe { from_raw_parts_mut(out, len) }.fill(b'x');
    64
}

/// The length of a string in UTF-8.
///
/// # Safety
///
/// `text` ends in a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cores_string_in(text: *const c_char) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe { CStr::from_ptr(text) }.count_bytes() as u32
}

/// A string of 64 characters, which lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn cores_string_out() -> *const c_char {
    TEXT.as_ptr()
}

/// Seals into `out`, whose length must be that of the record.
///
/// # Safety
///
/// `data` has `len` bytes, `out` has room for `out_len`, and they do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cores_seal(
    data: *const u8,
    len: usize,
    out: *mut u8,
    out_len: usize,
) -> i32 {
    // SAFETY: by the caller's promise.
    let (data, out) = unsafe { (from_raw_parts(data, len), from_raw_parts_mut(out, out_len)) };
    calls::seal(data, out).map_or(-1, |()| 0)
}

/// Unseals into `out`, whose length must be that of the data.
///
/// # Safety
///
/// As [`cores_seal`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cores_unseal(
    record: *const u8,
    len: usize,
    out: *mut u8,
    out_len: usize,
) -> i32 {
    // SAFETY: by the caller's promise.
    let (record, out) = unsafe {
        (
            from_raw_parts(record, len),
            from_raw_parts_mut(out, out_len),
        )
    };
    calls::unseal(record, out).map_or(-1, |()| 0)
}

/// Writes the unified diff to `out` and gives its length.
///
/// # Safety
///
/// `old` has `old_len` bytes, `new` has `new_len`, `out` has room for `out_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cores_unified(
    old: *const u8,
    old_len: usize,
    new: *const u8,
    new_len: usize,
    out: *mut u8,
    out_len: usize,
) -> i64 {
    // SAFETY: by the caller's promise.
    let (old, new) = unsafe { (from_raw_parts(old, old_len), from_raw_parts(new, new_len)) };
    // SAFETY: by the caller's promise.
    let out = unsafe { from_raw_parts_mut(out, out_len) };
    let patch = calls::unified(old, new).unwrap_or_default();
    match out.get_mut(..patch.len()) {
        Some(out) => out.copy_from_slice(&patch),
        None => return -1,
    }
    patch.len() as i64
}
