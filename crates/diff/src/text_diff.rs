//! The diff of two texts: token tables and an edit script. The texts stay with the caller.

use crate::hunk::{Hunk, hunks};
use crate::inline::{self, InlineChanges};
use crate::lines::{self, index::LineIndex};
use crate::render::{self, AnsiOptions, HtmlOptions, Shown, Tokenized};
use crate::script::{EditScript, EditTag};
use crate::search::{self, Limits, slide};
use crate::tokens::Tokens;
use crate::tokens::intern::{Interner, Part};
use crate::tokens::key::KeyRule;
use crate::tokens::trim::{Trim, trim};
use crate::unified::{self, Side, UnifiedOptions};
use crate::{Algorithm, CancelFlag, Change, DiffError, DiffOptions, Granularity, Stats};

/// The difference of two texts.
///
/// It owns its tables and borrows nothing, so it can outlive the borrow of the texts; methods that
/// need the texts take them again and must be given the same bytes.
///
/// # Example
///
/// ```
/// use sealdiff_diff::{CancelFlag, DiffOptions, Granularity, TextDiff};
///
/// let (old, new) = (b"one\ntwo\n", b"one\n2\n");
/// let diff = TextDiff::compute(old, new, Granularity::Lines, &DiffOptions::default(), &CancelFlag::new())?;
/// assert_eq!(diff.stats(3).added, 1);
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDiff {
    granularity: Granularity,
    old: Tokens,
    new: Tokens,
    script: EditScript,
}

impl TextDiff {
    /// Compares two texts.
    ///
    /// Equal texts cost one comparison of their bytes. Lines that are added or removed and would do
    /// as well elsewhere stand where git's indent heuristic puts them, unless white space or case is
    /// ignored: then they stand as far down as they can, as words and characters do.
    /// The deadline and the step limit of
    /// `options` make the script coarser, never wrong ([`EditScript::is_exact`]).
    ///
    /// # Errors
    ///
    /// [`DiffError::TooLarge`] above 4 GiB a side; [`DiffError::Cancelled`] soon after the flag
    /// was raised.
    ///
    /// Complexity: that of the [`Algorithm`], on what lies between the common
    /// start and the common end; four bytes a token are kept.
    pub fn compute(
        old: &[u8],
        new: &[u8],
        granularity: Granularity,
        options: &DiffOptions,
        cancel: &CancelFlag,
    ) -> Result<Self, DiffError> {
        let mut limits = Limits::of(options, cancel);
        Self::compute_within(old, new, granularity, options, &mut limits)
    }

    /// Compares two texts within what is left of `limits`, which callers share among many diffs.
    ///
    /// # Errors
    ///
    /// As [`TextDiff::compute`].
    pub(crate) fn compute_within(
        old: &[u8],
        new: &[u8],
        granularity: Granularity,
        options: &DiffOptions,
        limits: &mut Limits<'_>,
    ) -> Result<Self, DiffError> {
        limits.poll_flag()?;
        let old_tokens = Tokens::split(old, granularity)?;
        if old == new {
            let whole = search::whole_match(old_tokens.len());
            let len = old_tokens.len();
            let script = EditScript::from_matches(&[whole], len, len, true);
            return Ok(Self {
                granularity,
                new: old_tokens.clone(),
                old: old_tokens,
                script,
            });
        }
        let new_tokens = Tokens::split(new, granularity)?;
        limits.poll_flag()?;
        let script = if is_for_lines(granularity, options) {
            lines::compare(old, new, options.algorithm, limits)?.map(|diff| diff.script)
        } else {
            None
        };
        let sides = Sides {
            old: (old, &old_tokens),
            new: (new, &new_tokens),
        };
        let script = match script {
            Some(script) => script,
            None => sides.script(options, limits)?,
        };
        Ok(Self {
            granularity,
            old: old_tokens,
            new: new_tokens,
            script,
        })
    }

    /// A diff that was computed before: of the same texts, with the numbers of its script
    /// ([`EditScript::flat`]) and its [`EditScript::is_exact`]. So a host can keep it in memory of
    /// its own. `None` if the numbers aren't those of a script from the one text to the other.
    ///
    /// Complexity: that of [`Tokens::split`].
    ///
    /// # Errors
    ///
    /// [`DiffError::TooLarge`] above 4 GiB a side.
    pub fn from_flat(
        old: &[u8],
        new: &[u8],
        granularity: Granularity,
        flat: &[u32],
        is_exact: bool,
    ) -> Result<Option<Self>, DiffError> {
        let (old, new) = (
            Tokens::split(old, granularity)?,
            Tokens::split(new, granularity)?,
        );
        let script = EditScript::from_flat(flat, old.len(), new.len(), is_exact);
        Ok(script.map(|script| Self {
            granularity,
            old,
            new,
            script,
        }))
    }

    /// The unit that was compared.
    #[must_use]
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// The edit script.
    #[must_use]
    pub fn script(&self) -> &EditScript {
        &self.script
    }

    /// The tokens of the old text.
    #[must_use]
    pub fn old_tokens(&self) -> &Tokens {
        &self.old
    }

    /// The tokens of the new text.
    #[must_use]
    pub fn new_tokens(&self) -> &Tokens {
        &self.new
    }

    /// Bytes of heap memory that the diff holds, for hosts that account for it; the texts aren't
    /// among them.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.old.heap_bytes() + self.new.heap_bytes() + self.script.heap_bytes()
    }

    /// Counts what changed; `context_radius` decides which changes share a hunk.
    #[must_use]
    pub fn stats(&self, context_radius: u32) -> Stats {
        Stats::count(&self.script, context_radius)
    }

    /// The changes in groups, each with up to `context_radius` equal tokens around it.
    pub fn hunks(&self, context_radius: u32) -> impl Iterator<Item = Hunk<'_>> {
        hunks(&self.script, context_radius)
    }

    /// The operations as byte ranges, in the shape of jsdiff: deletions show the old text,
    /// insertions and equal stretches the new one.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.script.ops().iter().map(|op| {
            let (tokens, start, count) = match op.tag {
                EditTag::Delete => (&self.old, op.old_start, op.old_len),
                EditTag::Insert | EditTag::Equal => (&self.new, op.new_start, op.new_len),
            };
            Change::new(op.tag, tokens.bytes(start, count), count)
        })
    }

    /// Finds what changed inside of changed lines: words, and grapheme clusters of words that are
    /// much alike. `options` should be those of the diff, with a deadline of their own.
    ///
    /// Lines that the deadline or the step limit leaves no time for are changed as a whole, and so
    /// are those of stretches of over 64 KiB that were replaced.
    ///
    /// Complexity: that of diffs by words of the changed lines.
    ///
    /// # Errors
    ///
    /// [`DiffError::LinesOnly`] unless lines were compared; [`DiffError::Cancelled`].
    ///
    /// # Panics
    ///
    /// May panic if the texts aren't those that were compared.
    pub fn inline_changes(
        &self,
        old: &[u8],
        new: &[u8],
        options: &DiffOptions,
        cancel: &CancelFlag,
    ) -> Result<InlineChanges, DiffError> {
        if self.granularity != Granularity::Lines {
            return Err(DiffError::LinesOnly);
        }
        inline::inline_changes(self, old, new, options, cancel)
    }

    /// Renders a unified diff of the texts that were compared.
    ///
    /// # Errors
    ///
    /// [`DiffError::LinesOnly`] unless lines were compared.
    ///
    /// # Panics
    ///
    /// May panic if the texts aren't those that were compared.
    pub fn unified(
        &self,
        old: &[u8],
        new: &[u8],
        options: &UnifiedOptions<'_>,
    ) -> Result<Vec<u8>, DiffError> {
        if self.granularity != Granularity::Lines {
            return Err(DiffError::LinesOnly);
        }
        let (old, new) = (side(old, &self.old), side(new, &self.new));
        Ok(unified::render(old, new, &self.script, options))
    }

    /// Renders the diff for a terminal: by lines the hunks, with `inline` in reverse; else the whole
    /// text. Nothing, if nothing changed.
    ///
    /// What a terminal would act on, and what a reader can't see, is shown by its number: controls,
    /// direction marks, invalid UTF-8.
    ///
    /// # Panics
    ///
    /// May panic if the texts and parts aren't those of this diff.
    #[must_use]
    pub fn ansi(
        &self,
        old: &[u8],
        new: &[u8],
        inline: &InlineChanges,
        options: &AnsiOptions<'_>,
    ) -> String {
        render::ansi(&self.shown(old, new, inline), options)
    }

    /// Renders the diff as a page for browsers: complete, without script, nothing loaded, all bytes
    /// of the texts escaped.
    ///
    /// # Errors
    ///
    /// [`DiffError::HtmlTooLarge`] if it doesn't fit even without what it would fold;
    /// [`DiffError::Cancelled`].
    ///
    /// # Panics
    ///
    /// May panic if the texts and parts aren't those of this diff.
    pub fn html(
        &self,
        old: &[u8],
        new: &[u8],
        inline: &InlineChanges,
        options: &HtmlOptions<'_>,
        cancel: &CancelFlag,
    ) -> Result<String, DiffError> {
        render::html(&self.shown(old, new, inline), options, cancel)
    }

    fn shown<'t>(&'t self, old: &'t [u8], new: &'t [u8], inline: &'t InlineChanges) -> Shown<'t> {
        Shown {
            granularity: self.granularity,
            old: Tokenized {
                text: old,
                tokens: &self.old,
            },
            new: Tokenized {
                text: new,
                tokens: &self.new,
            },
            script: &self.script,
            inline,
        }
    }
}

/// Compares two texts by lines and renders a unified diff; keeps nothing.
///
/// Equal texts give an empty patch, unless a git header has a change of mode to tell.
///
/// # Errors
///
/// As [`TextDiff::compute`].
///
/// # Example
///
/// ```
/// use sealdiff_diff::{CancelFlag, DiffOptions, UnifiedOptions, unified};
///
/// let options = (DiffOptions::default(), UnifiedOptions::default());
/// let patch = unified(b"one\n", b"two\n", &options.0, &options.1, &CancelFlag::new())?;
/// assert_eq!(patch, b"@@ -1 +1 @@\n-one\n+two\n");
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn unified(
    old: &[u8],
    new: &[u8],
    diff_options: &DiffOptions,
    options: &UnifiedOptions<'_>,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    if !is_for_lines(Granularity::Lines, diff_options) {
        return TextDiff::compute(old, new, Granularity::Lines, diff_options, cancel)?
            .unified(old, new, options);
    }
    let mut limits = Limits::of(diff_options, cancel);
    limits.poll_flag()?;
    match lines::compare(old, new, diff_options.algorithm, &mut limits)? {
        None => Ok(unified::render_unchanged(options)),
        Some(diff) => {
            let (old, new) = (side(old, &diff.old), side(new, &diff.new));
            Ok(unified::render(old, new, &diff.script, options))
        }
    }
}

fn side<'t>(text: &'t [u8], lines: &'t dyn LineIndex) -> Side<'t> {
    Side { text, lines }
}

/// Says whether the line engine serves a comparison: it knows bytes only.
fn is_for_lines(granularity: Granularity, options: &DiffOptions) -> bool {
    granularity == Granularity::Lines && KeyRule::new(options).is_bytewise()
}

/// Both texts with their tokens.
#[derive(Clone, Copy)]
struct Sides<'t> {
    old: (&'t [u8], &'t Tokens),
    new: (&'t [u8], &'t Tokens),
}

impl Sides<'_> {
    /// The script between tokens as `options` compare them.
    fn script(
        self,
        options: &DiffOptions,
        limits: &mut Limits<'_>,
    ) -> Result<EditScript, DiffError> {
        let rule = KeyRule::new(options);
        if rule.is_bytewise() {
            return self.bytewise_script(options.algorithm, limits);
        }
        let old = rule.keys(self.old.0, self.old.1)?;
        limits.poll_flag()?;
        let new = rule.keys(self.new.0, self.new.1)?;
        let keys = Sides {
            old: (&old.0, &old.1),
            new: (&new.0, &new.1),
        };
        keys.bytewise_script(options.algorithm, limits)
    }

    fn bytewise_script(
        self,
        algorithm: Algorithm,
        limits: &mut Limits<'_>,
    ) -> Result<EditScript, DiffError> {
        let lens = (self.old.1.len(), self.new.1.len());
        let ends = trim(self.old, self.new);
        let (old_ids, new_ids) = self.ids(ends, limits)?;
        let found = search::search(&old_ids, &new_ids, algorithm, limits)?;
        let found = search::with_ends(&found, ends, lens);
        let same =
            |(text, tokens): (&[u8], &Tokens), a, b| tokens.get(text, a) == tokens.get(text, b);
        let found = slide::slide_down(&found, &|a, b| same(self.old, a, b), &|a, b| {
            same(self.new, a, b)
        });
        Ok(EditScript::from_matches(
            &found,
            lens.0,
            lens.1,
            !limits.has_cut(),
        ))
    }

    /// Numbers for the tokens between two ends. The table that gives them is gone afterwards.
    fn ids(self, ends: Trim, limits: &Limits<'_>) -> Result<(Vec<u32>, Vec<u32>), DiffError> {
        let (old, new) = (middle(self.old, ends), middle(self.new, ends));
        // Words and characters repeat more than lines do.
        let distinct = old.range.len() as u32 / 4;
        let interner = Interner::new(old, distinct);
        limits.poll_flag()?;
        let new_ids = interner.find(&new);
        Ok((interner.into_ids(), new_ids))
    }
}

/// What lies between two ends.
fn middle<'t>((text, tokens): (&'t [u8], &'t Tokens), ends: Trim) -> Part<'t> {
    let range = ends.prefix..tokens.len() - ends.suffix;
    Part {
        text,
        tokens,
        range,
    }
}
