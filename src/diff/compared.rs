//! Two texts with their difference: what is behind a `TextDiff`.

use std::borrow::Cow;

use napi::Env;
use napi::bindgen_prelude::{External, Unknown};
use sealdiff_diff::{CancelFlag, TextDiff};

use super::settings::Comparison;
use super::text::Text;
use crate::error::Failure;

/// Both texts of a call, in the order of the arguments.
pub(super) struct Texts<'a> {
    pub(super) old: Cow<'a, [u8]>,
    pub(super) new: Cow<'a, [u8]>,
    /// Both are strings in JavaScript, so that results are, too.
    pub(super) are_strings: bool,
}

impl<'a> Texts<'a> {
    /// # Errors
    /// [`Failure::ArgumentType`].
    pub(super) fn of(
        env: &'a Env,
        old: &'a Unknown<'a>,
        new: &'a Unknown<'a>,
    ) -> Result<Self, Failure> {
        let (old, new) = (
            Text::of(env, old, "oldText")?,
            Text::of(env, new, "newText")?,
        );
        Ok(Self {
            are_strings: old.is_string && new.is_string,
            old: old.bytes,
            new: new.bytes,
        })
    }

    /// Copies what is borrowed: the caller may change its Buffers right after the call.
    pub(super) fn into_owned(self) -> Texts<'static> {
        Texts {
            old: Cow::Owned(self.old.into_owned()),
            new: Cow::Owned(self.new.into_owned()),
            are_strings: self.are_strings,
        }
    }
}

/// Two texts and their difference. Only vectors of numbers: no drop in it can panic.
pub(crate) struct Compared {
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
    pub(super) are_strings: bool,
    pub(super) diff: TextDiff,
}

impl Compared {
    /// Compares the texts and keeps them.
    ///
    /// # Errors
    /// Those of [`TextDiff::compute`].
    pub(super) fn compute(
        texts: Texts<'_>,
        comparison: &Comparison,
        cancel: &CancelFlag,
    ) -> Result<Self, Failure> {
        let granularity = comparison.granularity()?;
        let options = comparison.start()?;
        let diff = TextDiff::compute(&texts.old, &texts.new, granularity, &options, cancel)?;
        Ok(Self {
            old: texts.old.into_owned(),
            new: texts.new.into_owned(),
            are_strings: texts.are_strings,
            diff,
        })
    }

    /// Hands it to JavaScript. V8 is told its size, and told again when it is collected.
    ///
    /// # Errors
    /// Those of Node-API.
    pub(super) fn into_js(self, env: &Env) -> Result<Unknown<'_>, Failure> {
        let texts = self.old.capacity() + self.new.capacity();
        let size_bytes = texts + self.diff.heap_bytes();
        Ok(External::new_with_size_hint(self, size_bytes).into_unknown(env)?)
    }
}
