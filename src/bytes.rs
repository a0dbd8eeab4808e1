//! Bytes in and out: views of the caller's memory, and Buffers filled in place.
//!
//! A view is valid until JavaScript runs again. So every export first converts all other
//! arguments, then takes its views, then calls the core, which runs no JavaScript.

use std::ops::Range;
use std::ptr;
use std::slice;

use napi::bindgen_prelude::{BufferSlice, FromNapiValue, ToNapiValue, Unknown};
use napi::{Env, JsValue, sys};
use sealdiff_envelope::{WipedVec, wipe};

use crate::error::Failure;

const BYTES: &str = "must be a Uint8Array";
const SHARED: &str = "must not be backed by a SharedArrayBuffer";
const DETACHED: &str = "must not be backed by a detached ArrayBuffer";

/// The bytes of a Uint8Array or Buffer.
///
/// # Errors
/// [`Failure::ArgumentType`] for anything else, also for shared memory, which another thread could
/// change during the call, and for a detached buffer, which would read as empty.
pub(crate) fn view<'a>(
    env: &'a Env,
    value: &'a Unknown<'a>,
    name: &'static str,
) -> Result<&'a [u8], Failure> {
    let refused = |requirement| Failure::ArgumentType { name, requirement };
    let (mut kind, mut len, mut data) = (0, 0, ptr::null_mut());
    let mut array_buffer = ptr::null_mut();
    // SAFETY: `env` and `value` are live in this call, and the out-pointers are of the right types.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            env.raw(),
            value.raw(),
            &mut kind,
            &mut len,
            &mut data,
            &mut array_buffer,
            ptr::null_mut(),
        )
    };
    if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
        return Err(refused(BYTES));
    }
    if !is(env, array_buffer, sys::napi_is_arraybuffer)? {
        return Err(refused(SHARED));
    }
    if len == 0 || data.is_null() {
        if is(env, array_buffer, sys::napi_is_detached_arraybuffer)? {
            return Err(refused(DETACHED));
        }
        return Ok(&[]);
    }
    // SAFETY: V8 keeps `len` bytes at `data` alive and in place while the value is reachable and
    // the buffer is not detached; both hold until JavaScript runs again, which is after the call
    // that `env` and `value` are borrowed from.
    Ok(unsafe { slice::from_raw_parts(data.cast::<u8>(), len) })
}

type Predicate = unsafe fn(sys::napi_env, sys::napi_value, *mut bool) -> sys::napi_status;

fn is(env: &Env, value: sys::napi_value, predicate: Predicate) -> Result<bool, Failure> {
    let mut answer = false;
    // SAFETY: `value` came from Node-API in this call.
    let status = unsafe { predicate(env.raw(), value, &mut answer) };
    if status == sys::Status::napi_ok {
        Ok(answer)
    } else {
        Err(Failure::Internal)
    }
}

/// Above this length V8's own allocation, which ends the process where memory is short, is not
/// asked: a failed one of ours is an error. Copying nothing, it costs no more.
const EXTERNAL_LEN_BYTES: usize = 16 << 20;

/// `out`, a Buffer that `lib/` has allocated for this call, if it is `len` bytes long and apart from
/// the `inputs`, else a new one; `fill` writes it in place. It is erased if `fill` fails. JavaScript
/// allocates a Buffer in a third of the time, and small ones out of a pool, of which a caller may
/// hold a view.
///
/// # Errors
/// [`Failure::ResultTooLarge`] if there is no room for it, and those of `fill`.
pub(crate) fn filled<'env>(
    env: &'env Env,
    out: Unknown<'env>,
    len: usize,
    inputs: [&[u8]; 2],
    fill: impl FnOnce(&mut [u8]) -> Result<(), Failure>,
) -> Result<Unknown<'env>, Failure> {
    let (mut data, mut out_len) = (ptr::null_mut(), 0);
    // SAFETY: `env` and `out` are live in this call, and the out-pointers are of the right types.
    let status =
        unsafe { sys::napi_get_buffer_info(env.raw(), out.raw(), &mut data, &mut out_len) };
    let is_fit = status == sys::Status::napi_ok && out_len == len && !data.is_null();
    let place = data.addr()..data.addr().saturating_add(out_len);
    if !is_fit || inputs.iter().any(|input| overlaps(input, &place)) {
        return filled_buffer(env, len, fill);
    }
    // SAFETY: V8 keeps `len` bytes at `data` alive and in place until JavaScript runs again. They
    // overlap no argument that is borrowed, as was just seen.
    let bytes = unsafe { slice::from_raw_parts_mut(data.cast::<u8>(), len) };
    fill_or_erase(bytes, fill)?;
    Ok(out)
}

fn overlaps(input: &[u8], place: &Range<usize>) -> bool {
    let start = input.as_ptr().addr();
    !input.is_empty() && start < place.end && place.start < start + input.len()
}

/// A Buffer of `len` bytes that `fill` writes in place. It is erased if `fill` fails.
///
/// # Errors
/// [`Failure::ResultTooLarge`] if there is no room for it, and those of `fill`.
pub(crate) fn filled_buffer<'env>(
    env: &'env Env,
    len: usize,
    fill: impl FnOnce(&mut [u8]) -> Result<(), Failure>,
) -> Result<Unknown<'env>, Failure> {
    if len > EXTERNAL_LEN_BYTES {
        let mut bytes = zeroed(len)?;
        fill_or_erase(&mut bytes, fill)?;
        return external_buffer(env, bytes);
    }
    let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is live in this call, and the out-pointers are of the right types.
    let status = unsafe { sys::napi_create_buffer(env.raw(), len, &mut data, &mut value) };
    if status != sys::Status::napi_ok {
        clear_exception(env);
        return Err(Failure::ResultTooLarge);
    }
    if len > 0 && !data.is_null() {
        // SAFETY: the Buffer was made above with `len` bytes at `data`; no JavaScript has seen it
        // or runs before this borrow ends.
        let bytes = unsafe {
            ptr::write_bytes(data.cast::<u8>(), 0, len);
            slice::from_raw_parts_mut(data.cast::<u8>(), len)
        };
        fill_or_erase(bytes, fill)?;
    } else {
        fill(&mut [])?;
    }
    // SAFETY: `value` is the Buffer made above, in the scope of this call.
    Ok(unsafe { Unknown::from_napi_value(env.raw(), value) }?)
}

fn fill_or_erase(
    bytes: &mut [u8],
    fill: impl FnOnce(&mut [u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut unfinished = EraseUnlessDone(Some(bytes));
    let outcome = unfinished.0.as_deref_mut().map_or(Ok(()), fill);
    if outcome.is_ok() {
        unfinished.0 = None;
    }
    outcome
}

/// Erases what was written when it is dropped, also by a panic.
struct EraseUnlessDone<'a>(Option<&'a mut [u8]>);

impl Drop for EraseUnlessDone<'_> {
    fn drop(&mut self) {
        if let Some(bytes) = &mut self.0 {
            wipe(bytes);
        }
    }
}

fn external_buffer(env: &Env, bytes: Vec<u8>) -> Result<Unknown<'_>, Failure> {
    let slice = BufferSlice::from_data(env, bytes).map_err(|_napi| {
        clear_exception(env);
        Failure::ResultTooLarge
    })?;
    // SAFETY: the value was made above, in the scope of this call.
    unsafe {
        let raw = BufferSlice::to_napi_value(env.raw(), slice)?;
        Ok(Unknown::from_napi_value(env.raw(), raw)?)
    }
}

/// `len` zeros, or an error where an ordinary allocation would end the process.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(crate) fn zeroed(len: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = with_room(len)?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// An empty vector with room for `len` elements.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(crate) fn with_room<T>(len: usize) -> Result<Vec<T>, Failure> {
    let mut elements = Vec::new();
    elements
        .try_reserve_exact(len)
        .map_err(|_no_memory| Failure::ResultTooLarge)?;
    Ok(elements)
}

/// A Buffer with a copy of `bytes`.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(crate) fn buffer<'env>(env: &'env Env, bytes: &[u8]) -> Result<Unknown<'env>, Failure> {
    filled_buffer(env, bytes.len(), |out| {
        out.copy_from_slice(bytes);
        Ok(())
    })
}

/// From this length on, memory is handed over: copying it would cost the JavaScript thread more than
/// the finalizer does.
const HANDED_OVER_LEN_BYTES: usize = 16 << 10;

/// A Buffer of `bytes`, for results of other threads; what isn't handed over is erased.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(crate) fn owned_buffer(env: &Env, mut bytes: WipedVec<u8>) -> Result<Unknown<'_>, Failure> {
    if bytes.len() < HANDED_OVER_LEN_BYTES {
        buffer(env, &bytes)
    } else {
        external_buffer(env, bytes.take())
    }
}

/// A Buffer of `bytes`: many are handed over, few are copied, for V8 is quicker with its own.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(crate) fn buffer_of(env: &Env, bytes: Vec<u8>) -> Result<Unknown<'_>, Failure> {
    if bytes.len() > EXTERNAL_LEN_BYTES {
        external_buffer(env, bytes)
    } else {
        buffer(env, &bytes)
    }
}

/// Drops the exception that V8 left, so that ours can be thrown instead.
pub(crate) fn clear_exception(env: &Env) {
    let mut exception = ptr::null_mut();
    // SAFETY: `env` is live in this call; without an exception this only returns undefined.
    unsafe { sys::napi_get_and_clear_last_exception(env.raw(), &mut exception) };
}
