//! Texts of diffs and patches: bytes that are a string or a Buffer in JavaScript.

use std::borrow::Cow;
use std::mem;

use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, Unknown, ValidateNapiValue};
use napi::{Env, JsValue, ValueType, sys};

use crate::bytes::buffer;
use crate::error::Failure;
use crate::text::{Data, string};

/// A text, and what it is in JavaScript.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) is_string: bool,
}

impl<'a> Text<'a> {
    /// The argument's text; a Uint8Array is borrowed.
    ///
    /// # Errors
    /// [`Failure::ArgumentType`].
    pub(super) fn of(
        env: &'a Env,
        value: &'a Unknown<'a>,
        name: &'static str,
    ) -> Result<Self, Failure> {
        Ok(match Data::of(env, value, name)? {
            Data::View(bytes) => Self {
                bytes: Cow::Borrowed(bytes),
                is_string: false,
            },
            // Taken out of its wrapper: texts of diffs are no secrets of this package, and erasing
            // them would take longer than comparing them.
            Data::Text(mut bytes) => Self {
                bytes: Cow::Owned(mem::take(&mut *bytes)),
                is_string: true,
            },
        })
    }

    /// The text with its own bytes, to take to another thread.
    pub(super) fn into_owned(self) -> Text<'static> {
        Text {
            bytes: Cow::Owned(self.bytes.into_owned()),
            is_string: self.is_string,
        }
    }
}

/// `bytes` as a string, or as a Buffer with a copy of them.
///
/// # Errors
/// [`Failure::ResultTooLarge`].
pub(super) fn to_js<'env>(
    env: &'env Env,
    bytes: &[u8],
    is_string: bool,
) -> Result<Unknown<'env>, Failure> {
    if is_string {
        string(env, bytes)
    } else {
        buffer(env, bytes)
    }
}

impl TypeName for Text<'_> {
    fn type_name() -> &'static str {
        "string | Uint8Array"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ValidateNapiValue for Text<'_> {
    unsafe fn validate(
        env: sys::napi_env,
        value: sys::napi_value,
    ) -> napi::Result<sys::napi_value> {
        // SAFETY: napi passes a value of the running call.
        match unsafe { Unknown::from_napi_value(env, value) }?.get_type()? {
            ValueType::String | ValueType::Object => Ok(std::ptr::null_mut()),
            _ => Err(napi::Error::from_status(napi::Status::InvalidArg)),
        }
    }
}

impl FromNapiValue for Text<'_> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let env = Env::from_raw(env);
        // SAFETY: napi passes a value of the running call.
        let value = unsafe { Unknown::from_napi_value(env.raw(), value) }?;
        Text::of(&env, &value, "patch")
            .map(Text::into_owned)
            .map_err(|failure| failure.into_napi(&env))
    }
}

impl ToNapiValue for Text<'_> {
    unsafe fn to_napi_value(env: sys::napi_env, text: Self) -> napi::Result<sys::napi_value> {
        let env = Env::from_raw(env);
        match to_js(&env, &text.bytes, text.is_string) {
            Ok(value) => Ok(value.raw()),
            Err(failure) => Err(failure.into_napi(&env)),
        }
    }
}
