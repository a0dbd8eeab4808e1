//! The frame of a page, and the one place where text is escaped.

use std::fmt::Display;
use std::ops::Range;

use super::{HtmlOptions, HtmlView};
use crate::render::Shown;
use crate::render::visible::{Piece, pieces};
use crate::{Granularity, Stats};

const STYLE: &str = include_str!("style.css");
/// The digest of [`STYLE`]: a page may use this style and load nothing.
const STYLE_SHA256: &str = "K63pKTQONNaO8U2lOlzMK0QrM1Si0+kFJ4QmF3VHBTE=";

/// A page that grows up to a limit; beyond it nothing is added.
pub(super) struct Page {
    text: String,
    max_bytes: usize,
    is_full: bool,
}

impl Page {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            text: String::new(),
            max_bytes,
            is_full: false,
        }
    }

    /// Says whether something didn't fit, so that going on is in vain.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// The page, if all of it fitted.
    pub(super) fn finish(self) -> Option<String> {
        (!self.is_full).then_some(self.text)
    }

    /// Adds markup; never any of the texts.
    pub(super) fn raw(&mut self, markup: &str) {
        self.is_full |= markup.len() > self.max_bytes - self.text.len();
        if !self.is_full {
            self.text.push_str(markup);
        }
    }

    pub(super) fn number(&mut self, number: impl Display) {
        self.raw(&number.to_string());
    }

    /// Adds text, so that it is text to the browser and the reader sees all of it.
    pub(super) fn text(&mut self, text: &[u8]) {
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => self.escaped(text),
                Piece::Escape(escape) => {
                    self.raw("<b>");
                    self.number(escape);
                    self.raw("</b>");
                }
            }
        }
    }

    /// Adds a line, with `parts` of it marked.
    pub(super) fn marked(&mut self, text: &[u8], parts: impl Iterator<Item = Range<usize>>) {
        let mut at = 0;
        for part in parts {
            self.text(&text[at..part.start]);
            self.raw("<mark>");
            self.text(&text[part.clone()]);
            self.raw("</mark>");
            at = part.end;
        }
        self.text(&text[at..]);
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            self.raw(&rest[..at]);
            self.raw(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            });
            rest = &rest[at + 1..];
        }
        self.raw(rest);
    }

    /// Everything before the first change.
    pub(super) fn head(&mut self, shown: &Shown<'_>, options: &HtmlOptions<'_>) {
        self.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        self.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
        self.raw(STYLE_SHA256);
        self.raw("'; base-uri 'none'; form-action 'none'\">\n<title>");
        self.text(options.title);
        self.raw("</title>\n<style>");
        self.raw(STYLE);
        self.raw("</style>\n</head>\n<body>\n<header>\n<h1>");
        self.text(options.title);
        self.raw("</h1>\n");
        self.stats(shown);
        let is_by_lines = shown.granularity == Granularity::Lines;
        if is_by_lines && !shown.script.is_unchanged() {
            self.views(options.view);
        }
        self.raw("</header>\n<main class=\"w");
        // Room for the greatest line number.
        let greatest = shown.old.tokens.len().max(shown.new.tokens.len()).max(1);
        self.number(greatest.ilog10() + 1);
        self.raw("\" aria-label=\"Differences\">\n");
        if let Some([old, new]) = options.names {
            self.names(old, new);
        }
    }

    fn stats(&mut self, shown: &Shown<'_>) {
        let stats = Stats::count(shown.script, 0);
        self.raw("<p class=\"counts\"><span class=\"removed\">");
        self.count(stats.removed, shown.granularity, "removed");
        self.raw("</span> <span class=\"added\">");
        self.count(stats.added, shown.granularity, "added");
        self.raw("</span></p>\n");
    }

    fn count(&mut self, count: u32, granularity: Granularity, what: &str) {
        let (one, many) = match granularity {
            Granularity::Lines => ("line", "lines"),
            Granularity::Words => ("word", "words"),
            Granularity::Chars | Granularity::Graphemes => ("character", "characters"),
            Granularity::Sentences => ("sentence", "sentences"),
        };
        let unit = if count == 1 { one } else { many };
        self.raw(&format!("{count} {unit} {what}"));
    }

    fn views(&mut self, view: HtmlView) {
        self.raw("<fieldset>\n<legend>View</legend>\n");
        let mut option = |id: &str, is_checked: bool, label: &str| {
            let checked = if is_checked { " checked" } else { "" };
            self.raw(&format!(
                "<label><input type=\"radio\" name=\"view\" id=\"{id}\"{checked}> {label}</label>\n"
            ));
        };
        let is_inline = view == HtmlView::Inline;
        option("side-by-side", !is_inline, "Side by side");
        option("inline", is_inline, "Inline");
        self.raw("</fieldset>\n");
    }

    fn names(&mut self, old: &[u8], new: &[u8]) {
        self.raw("<div class=\"names\"><code><span class=\"of\">Old: </span>");
        self.text(old);
        self.raw("</code><code><span class=\"of\">New: </span>");
        self.text(new);
        self.raw("</code></div>\n");
    }

    pub(super) fn foot(&mut self) {
        self.raw("</main>\n</body>\n</html>\n");
    }
}
