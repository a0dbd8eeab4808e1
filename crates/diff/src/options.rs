//! What to compare and how hard to look. Every default of the core's diffs lives here.

use std::time::Instant;

/// The unit that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Granularity {
    /// Lines, ended by `\n` only and including it. `\r`, U+2028, VT and FF are content.
    #[default]
    Lines,
    /// Runs of word characters, runs of white space without line ends, single line ends (`\n` or
    /// `\r\n`), and every other character alone. Word characters are Unicode letters and digits,
    /// `_`, and the combining marks U+0300 to U+036F, so that a decomposed `é` stays in its word.
    Words,
    /// Unicode scalar values. A lone surrogate in WTF-8 (`ED A0..BF xx`) is one token; every byte
    /// that belongs to no valid sequence is one token.
    Chars,
    /// Extended grapheme clusters: what a reader takes for one character, as `e` with its accents
    /// or a flag of two letters. What is no valid UTF-8 is split as for [`Granularity::Chars`].
    /// Source: Unicode 17, UAX #29.
    Graphemes,
    /// Sentences with the white space after them; a line end always ends one. What is no valid
    /// UTF-8 is content. A full stop with more than 32 signs and spaces after it, none of them a
    /// letter, a digit or a line end, ends a sentence there, so that the split is linear.
    /// Source: Unicode 17, UAX #29.
    Sentences,
}

/// How the edit script is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Algorithm {
    /// Minimal for up to some hundred edits; beyond, unique tokens anchor the script and Myers with
    /// a cost cap fills the gaps: close to minimal, never quadratic.
    #[default]
    Auto,
    /// Myers without heuristics: a shortest edit script, whatever it costs within the deadline.
    Minimal,
    /// Tokens that occur once on each side anchor the script (their longest common subsequence,
    /// found by patience sorting); the gaps are searched as in [`Algorithm::Auto`].
    Patience,
    /// The common stretch with the least frequent token anchors the script, as in git and JGit;
    /// regions where all common tokens are frequent, and what is left after a number of passes
    /// over the input, are searched as in [`Algorithm::Auto`].
    Histogram,
}

/// Options of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffOptions {
    /// The search. Default: [`Algorithm::Auto`].
    pub algorithm: Algorithm,
    /// Compares without ASCII white space, like `diff -w`: a line `a b` equals `ab`; between words
    /// and between characters any white space equals any other. Default: `false`.
    pub ignore_whitespace: bool,
    /// Compares in lower case: each character of valid UTF-8 whose lower case is one character is
    /// mapped to it; other bytes are compared as they are. Default: `false`.
    pub ignore_case: bool,
    /// When to stop looking; what was found till then is completed to a valid, coarser script.
    /// Default: `None`.
    pub deadline: Option<Instant>,
    /// Search steps after which every algorithm but [`Algorithm::Minimal`] stops looking, with the
    /// same effect as the deadline but the same result on every machine. `None` lifts it.
    /// Default: [`DiffOptions::DEFAULT_MAX_STEPS`].
    pub max_steps: Option<u64>,
}

impl DiffOptions {
    /// About a second of search on the hardware of today: some hundred thousand characters
    /// rewritten from end to end still fit.
    pub const DEFAULT_MAX_STEPS: u64 = 1 << 30;
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            ignore_whitespace: false,
            ignore_case: false,
            deadline: None,
            max_steps: Some(Self::DEFAULT_MAX_STEPS),
        }
    }
}
