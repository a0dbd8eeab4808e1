//! Strings in and out. Inside, text is bytes: UTF-8, or WTF-8 where a string holds lone
//! surrogates (simonsapin.github.io/wtf-8), so that they survive the way through the core.

use std::ptr;

use napi::bindgen_prelude::{FromNapiValue, Unknown};
use napi::{Env, JsValue, ValueType, sys};
use sealdiff_envelope::WipedVec;

use crate::bytes::{clear_exception, view, with_room};
use crate::error::Failure;

/// V8's longest string on 64-bit systems, in characters.
pub(crate) const MAX_STRING_LEN: usize = 0x1FFF_FFE8;

const BYTES_OR_STRING: &str = "must be a string or a Uint8Array";

/// Bytes of an argument that may be a string: borrowed from a Uint8Array, or converted.
pub(crate) enum Data<'a> {
    View(&'a [u8]),
    Text(WipedVec<u8>),
}

impl<'a> Data<'a> {
    /// The argument's bytes; a string's lone surrogates become WTF-8.
    ///
    /// # Errors
    /// [`Failure::ArgumentType`].
    pub(crate) fn of(
        env: &'a Env,
        value: &'a Unknown<'a>,
        name: &'static str,
    ) -> Result<Self, Failure> {
        match value.get_type()? {
            ValueType::String => string_bytes(env, value, 0).map(Self::Text),
            ValueType::Object => view(env, value, name).map(Self::View),
            _ => Err(Failure::ArgumentType {
                name,
                requirement: BYTES_OR_STRING,
            }),
        }
    }

    /// Like [`Data::of`], with nothing for `undefined`.
    ///
    /// # Errors
    /// [`Failure::ArgumentType`].
    pub(crate) fn optional(
        env: &'a Env,
        value: &'a Unknown<'a>,
        name: &'static str,
    ) -> Result<Self, Failure> {
        match value.get_type()? {
            ValueType::Undefined => Ok(Self::View(&[])),
            _ => Self::of(env, value, name),
        }
    }

    /// Whether the argument was a string.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// A copy to take to another thread: the caller may change its Buffer right after the call.
    ///
    /// # Errors
    /// [`Failure::ResultTooLarge`] if there is no memory for it.
    pub(crate) fn into_owned(self) -> Result<WipedVec<u8>, Failure> {
        match self {
            Self::View(bytes) => copy_with_room(bytes, 0),
            Self::Text(bytes) => Ok(bytes),
        }
    }

    /// [`Data::of`] and [`Data::into_owned`], with room for `room` bytes more.
    ///
    /// # Errors
    /// Those of both.
    pub(crate) fn owned_with_room(
        env: &Env,
        value: &Unknown<'_>,
        name: &'static str,
        room: usize,
    ) -> Result<WipedVec<u8>, Failure> {
        match value.get_type()? {
            ValueType::String => string_bytes(env, value, room),
            _ => copy_with_room(&Data::of(env, value, name)?, room),
        }
    }
}

impl std::ops::Deref for Data<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::View(bytes) => bytes,
            Self::Text(bytes) => bytes,
        }
    }
}

fn copy_with_room(bytes: &[u8], room: usize) -> Result<WipedVec<u8>, Failure> {
    let mut copy = WipedVec::new(with_room(bytes.len() + room)?);
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// How long an argument is before anything of it is converted: bytes, or UTF-16 units of a string;
/// 0 for what is neither.
///
/// # Errors
/// [`Failure::Internal`].
pub(crate) fn raw_len<'a>(env: &'a Env, value: &'a Unknown<'a>) -> Result<usize, Failure> {
    Ok(match value.get_type()? {
        ValueType::String => string_len(env, value, sys::napi_get_value_string_latin1)?,
        ValueType::Object => view(env, value, "").map_or(0, <[u8]>::len),
        _ => 0,
    })
}

/// Refuses, before anything is copied, data whose base64 alone is longer than a string can be.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(crate) fn refuse_what_fits_no_string<'a>(
    env: &'a Env,
    data: &'a Unknown<'a>,
) -> Result<(), Failure> {
    if raw_len(env, data)?.div_ceil(3) * 4 > MAX_STRING_LEN {
        return Err(Failure::ResultTooLarge);
    }
    Ok(())
}

/// From this length on, in UTF-16 units, a second copy of a string weighs more than asking for its
/// length in UTF-8, which some versions of V8 count one character at a time.
const LONG_STRING_LEN: usize = 1 << 20;

/// A string as UTF-8 or WTF-8 bytes, with room for `room` bytes more.
fn string_bytes(env: &Env, value: &Unknown<'_>, room: usize) -> Result<WipedVec<u8>, Failure> {
    let units = string_len(env, value, sys::napi_get_value_string_latin1)?;
    if units > LONG_STRING_LEN && string_len(env, value, sys::napi_get_value_string_utf8)? == units
    {
        // Lengths agree for ASCII alone.
        return string_copy(env, value, units, room, sys::napi_get_value_string_latin1);
    }
    let utf16 = string_copy(env, value, units, 0, sys::napi_get_value_string_utf16)?;
    let mut bytes = WipedVec::new(with_room(longest_utf8(&utf16) + room)?);
    push_text(&mut bytes, &utf16);
    Ok(bytes)
}

/// The most bytes that UTF-16 units take in UTF-8: exact without surrogate pairs.
fn longest_utf8(units: &[u16]) -> usize {
    if is_ascii(units) {
        return units.len();
    }
    let len = |unit: &u16| 1 + usize::from(*unit >= 0x80) + usize::from(*unit >= 0x800);
    units.iter().map(len).sum()
}

/// Without a branch for each, so that many are looked at together.
fn is_ascii(units: &[u16]) -> bool {
    units.iter().fold(0, |all, unit| all | unit) < 0x80
}

/// The `units` characters of a string in the encoding of `read`, with room for `room` more.
fn string_copy<C: Copy + Default, R>(
    env: &Env,
    value: &Unknown<'_>,
    units: usize,
    room: usize,
    read: StringReader<R>,
) -> Result<WipedVec<C>, Failure> {
    // One more: Node-API ends the copy with a zero.
    let mut copy = WipedVec::new(with_room(units + 1 + room)?);
    copy.resize(units + 1, C::default());
    const { assert!(size_of::<C>() == size_of::<R>()) };
    // SAFETY: the buffer is `units + 1` characters of the reader's size long, as is said.
    check(unsafe {
        read(
            env.raw(),
            value.raw(),
            copy.as_mut_ptr().cast::<R>(),
            copy.len(),
            ptr::null_mut(),
        )
    })?;
    copy.truncate(units);
    Ok(copy)
}

type StringReader<C> =
    unsafe fn(sys::napi_env, sys::napi_value, *mut C, usize, *mut usize) -> sys::napi_status;

fn string_len<C>(env: &Env, value: &Unknown<'_>, read: StringReader<C>) -> Result<usize, Failure> {
    let mut len = 0;
    // SAFETY: without a buffer Node-API only writes the length.
    check(unsafe { read(env.raw(), value.raw(), ptr::null_mut(), 0, &mut len) })?;
    Ok(len)
}

/// The string of UTF-8 or WTF-8 bytes.
///
/// # Errors
/// [`Failure::ResultTooLarge`] above V8's longest string.
pub(crate) fn string<'env>(env: &'env Env, bytes: &[u8]) -> Result<Unknown<'env>, Failure> {
    let mut value = ptr::null_mut();
    let len = isize::try_from(bytes.len()).map_err(|_too_long| Failure::ResultTooLarge)?;
    let status = if bytes.is_ascii() {
        // SAFETY: `len` bytes at the pointer, every one of them Latin-1.
        unsafe { sys::napi_create_string_latin1(env.raw(), bytes.as_ptr().cast(), len, &mut value) }
    } else if std::str::from_utf8(bytes).is_ok() {
        // SAFETY: `len` bytes at the pointer, valid UTF-8.
        unsafe { sys::napi_create_string_utf8(env.raw(), bytes.as_ptr().cast(), len, &mut value) }
    } else {
        let utf16 = utf16_from_wtf8(bytes);
        let len = isize::try_from(utf16.len()).map_err(|_too_long| Failure::ResultTooLarge)?;
        // SAFETY: `len` units at the pointer.
        unsafe { sys::napi_create_string_utf16(env.raw(), utf16.as_ptr(), len, &mut value) }
    };
    if status != sys::Status::napi_ok {
        clear_exception(env);
        return Err(Failure::ResultTooLarge);
    }
    // SAFETY: `value` is the string made above, in the scope of this call.
    Ok(unsafe { Unknown::from_napi_value(env.raw(), value) }?)
}

/// UTF-16 with lone surrogates to WTF-8. Most text is ASCII but for a few characters, so stretches
/// of it are copied; no surrogate pair spans one.
fn push_text(bytes: &mut Vec<u8>, mut units: &[u16]) {
    const STRETCH: usize = 64;
    while !units.is_empty() {
        let (some, rest) = units.split_at(units.len().min(STRETCH));
        if is_ascii(some) {
            bytes.extend(some.iter().map(|&unit| unit as u8));
            units = rest;
            continue;
        }
        let is_other = |unit: &&u16| **unit >= 0x80;
        let ascii = some.iter().take_while(|unit| !is_other(unit)).count();
        bytes.extend(units[..ascii].iter().map(|&unit| unit as u8));
        let others = units[ascii..].iter().take_while(is_other).count();
        push_wtf8(bytes, &units[ascii..][..others]);
        units = &units[ascii + others..];
    }
}

fn push_wtf8(bytes: &mut Vec<u8>, units: &[u16]) {
    for decoded in char::decode_utf16(units.iter().copied()) {
        match decoded {
            Ok(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => bytes.extend_from_slice(&surrogate_bytes(lone.unpaired_surrogate())),
        }
    }
}

/// The three bytes that generalised UTF-8 has for a surrogate.
fn surrogate_bytes(unit: u16) -> [u8; 3] {
    let [high, low] = [unit >> 6 & 0x3F, unit & 0x3F].map(|bits| 0x80 | bits as u8);
    [0xED, high, low]
}

/// WTF-8 to UTF-16; a byte that belongs to neither becomes U+FFFD, as in a TextDecoder.
fn utf16_from_wtf8(mut bytes: &[u8]) -> Vec<u16> {
    let mut units = Vec::with_capacity(bytes.len());
    while let Some(chunk) = bytes.utf8_chunks().next() {
        units.extend(chunk.valid().encode_utf16());
        bytes = match &bytes[chunk.valid().len()..] {
            [0xED, high @ 0xA0..=0xBF, low @ 0x80..=0xBF, rest @ ..] => {
                units.push(0xD000 | u16::from(high & 0x3F) << 6 | u16::from(low & 0x3F));
                rest
            }
            [_, rest @ ..] => {
                units.push(0xFFFD);
                rest
            }
            [] => &[],
        };
    }
    units
}

fn check(status: sys::napi_status) -> Result<(), Failure> {
    if status == sys::Status::napi_ok {
        Ok(())
    } else {
        Err(Failure::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_utf16_string_survives_the_way_through_wtf8() {
        for units in [
            &[][..],
            &[0x61, 0xE9, 0x20AC],
            &[0xD83D, 0xDE00],
            &[0xD83D],
            &[0xDE00, 0xD83D],
            &[0x61, 0xD800, 0x62, 0xDFFF],
            &[0xDBFF, 0xDBFF, 0xDFFF],
            &[0x61, 0x62, 0xD83D, 0xDE00, 0x63, 0xE9, 0x7F, 0x80],
            &[0x61; 200],
            &[&[0x61; 63][..], &[0xD83D, 0xDE00], &[0x62; 129], &[0x20AC]].concat(),
        ] {
            let mut bytes = Vec::new();
            push_text(&mut bytes, units);
            assert_eq!(utf16_from_wtf8(&bytes), units, "{units:x?}");
            assert!(bytes.len() <= longest_utf8(units), "{units:x?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_become_replacement_characters() {
        assert_eq!(
            utf16_from_wtf8(b"a\xFFb\xED\xA0"),
            [0x61, 0xFFFD, 0x62, 0xFFFD, 0xFFFD]
        );
    }
}
