//! Diffs for eyes: coloured text for terminals, pages for browsers. Rendering never searches, and no
//! byte of a text gets through that could do more than be seen.

mod ansi;
mod html;
mod visible;

pub use ansi::AnsiOptions;
pub(crate) use ansi::render as ansi;
pub(crate) use html::render as html;
pub use html::{HtmlOptions, HtmlView};

use crate::inline::InlineChanges;
use crate::tokens::Tokens;
use crate::{EditScript, Granularity};

/// All that is shown of a diff.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'t> {
    pub(crate) granularity: Granularity,
    pub(crate) old: Tokenized<'t>,
    pub(crate) new: Tokenized<'t>,
    pub(crate) script: &'t EditScript,
    pub(crate) inline: &'t InlineChanges,
}

/// A text and its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Tokenized<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) tokens: &'t Tokens,
}

impl<'t> Tokenized<'t> {
    fn get(self, token: u32) -> &'t [u8] {
        self.tokens.get(self.text, token)
    }

    fn slice(self, start: u32, len: u32) -> &'t [u8] {
        &self.text[self.tokens.bytes(start, len)]
    }
}
