//! A diff as one page for browsers: no script, nothing that is loaded, every byte of the texts
//! escaped.

mod flow;
mod lines;
mod page;

use super::Shown;
use crate::{CancelFlag, DiffError, Granularity};
use page::Page;

/// The view that a page opens in. Readers can switch; narrow windows show [`HtmlView::Inline`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HtmlView {
    /// The old text on the left, the new one on the right.
    #[default]
    SideBySide,
    /// One column, removed lines before added ones.
    Inline,
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HtmlOptions<'n> {
    /// The page's title. Default: `Differences`.
    pub title: &'n [u8],
    /// The names of the old and the new text. Default: none are shown.
    pub names: Option<[&'n [u8]; 2]>,
    /// Equal lines that are shown around each change; the others are folded. Default: 3.
    pub context_radius: u32,
    /// The view that a page by lines opens in. Default: [`HtmlView::SideBySide`].
    pub view: HtmlView,
    /// The longest page in bytes. One that would be longer leaves out what it would fold.
    /// Default: [`HtmlOptions::DEFAULT_MAX_BYTES`].
    pub max_bytes: usize,
}

impl HtmlOptions<'_> {
    /// Browsers take long to show more.
    pub const DEFAULT_MAX_BYTES: usize = 16 << 20;
}

impl Default for HtmlOptions<'_> {
    fn default() -> Self {
        Self {
            title: b"Differences",
            names: None,
            context_radius: 3,
            view: HtmlView::default(),
            max_bytes: Self::DEFAULT_MAX_BYTES,
        }
    }
}

/// What becomes of unchanged text that is far from any change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folding {
    /// It can be unfolded.
    Fold,
    /// The page says only how much it is.
    LeaveOut,
}

/// The page. Linear in the texts.
///
/// # Errors
///
/// [`DiffError::HtmlTooLarge`] if the changes alone are too large; [`DiffError::Cancelled`].
pub(crate) fn render(
    shown: &Shown<'_>,
    options: &HtmlOptions<'_>,
    cancel: &CancelFlag,
) -> Result<String, DiffError> {
    for folding in [Folding::Fold, Folding::LeaveOut] {
        let mut page = Page::new(options.max_bytes);
        write(&mut page, shown, options, folding, cancel)?;
        if let Some(text) = page.finish() {
            return Ok(text);
        }
    }
    let limit = options.max_bytes;
    Err(DiffError::HtmlTooLarge { limit })
}

fn write(
    page: &mut Page,
    shown: &Shown<'_>,
    options: &HtmlOptions<'_>,
    folding: Folding,
    cancel: &CancelFlag,
) -> Result<(), DiffError> {
    page.head(shown, options);
    if shown.script.is_unchanged() {
        page.raw("<p class=\"note\">No differences.</p>\n");
    } else if shown.granularity == Granularity::Lines {
        lines::write(page, shown, options, folding, cancel)?;
    } else {
        flow::write(page, shown, options, folding, cancel)?;
    }
    page.foot();
    Ok(())
}
