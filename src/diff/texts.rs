//! The two texts of a diff.

use std::borrow::Cow;

use napi::Env;
use napi::bindgen_prelude::Unknown;

use super::text::Text;
use crate::error::Failure;

/// Both texts of a call, in the order of the arguments.
pub(super) struct Texts<'a> {
    pub(super) old: Text<'a>,
    pub(super) new: Text<'a>,
}

impl<'a> Texts<'a> {
    /// # Errors
    /// [`Failure::ArgumentType`].
    pub(super) fn of(
        env: &'a Env,
        old: &'a Unknown<'a>,
        new: &'a Unknown<'a>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            old: Text::of(env, old, "oldText")?,
            new: Text::of(env, new, "newText")?,
        })
    }

    /// Copies what is borrowed: the caller may change its Buffers right after the call.
    pub(super) fn into_owned(self) -> Texts<'static> {
        Texts {
            old: self.old.into_owned(),
            new: self.new.into_owned(),
        }
    }

    /// Both are strings in JavaScript, so that results are, too.
    pub(super) fn are_strings(&self) -> bool {
        self.old.is_string && self.new.is_string
    }

    /// A stretch of one of the texts.
    pub(super) fn part<'t>(&self, text: &'t Text<'_>, range: std::ops::Range<usize>) -> Text<'t> {
        Text {
            bytes: Cow::Borrowed(&text.bytes[range]),
            is_string: self.are_strings(),
        }
    }
}
