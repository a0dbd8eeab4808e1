//! Documents: JSON and YAML compared as values. Text in, text out: JSON Patch (RFC 6902), JSON
//! Merge Patch (RFC 7396), normalised text for a diff by lines. It knows no host.
//!
//! Numbers are never turned into floats: `9007199254740993` and `1.10` stay as they are, and to a
//! diff `1` and `1.0` differ, for readers tell them apart. Only a `test` operation compares
//! values, as RFC 6902 asks. Keys are sorted by their UTF-8 bytes.

mod apply;
mod arrays;
mod builder;
mod diff;
mod document;
mod ignore;
mod intern;
mod list;
mod merge_patch;
mod number;
mod operation;
mod options;
mod parse;
mod path;
mod pointer;
mod print;
mod prune;
mod string;
mod table;
mod tree;
mod write;
mod yaml;
mod yaml_scalar;

use crate::search::Limits;
use crate::unified::Header;
use crate::{CancelFlag, DiffError, DiffOptions, UnifiedOptions, unified};

pub use apply::{apply_json_patch, apply_merge_patch};
pub use ignore::Ignore;
pub use options::{DocumentFormat, DocumentProfile, DocumentText, JsonDiffOptions};

use diff::Walk;
use document::Document;
use print::Numbers;

/// The longest patch. None is much longer than the new document, unless what is ignored keeps values
/// from being replaced as a whole: then its paths could be any multiple of the documents.
const MAX_PATCH_BYTES: u64 = 1 << 29;

/// The difference of two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonDiff {
    /// A JSON Patch (RFC 6902) that turns the old document into the new one: a JSON array without
    /// white space, with `add`, `remove` and `replace`, and `test` if it was asked for. Empty
    /// (`[]`) exactly if the documents are equal.
    pub patch: Vec<u8>,
    /// A JSON array of the pointers to what changed, each once, in the order of the patch: to what
    /// was removed in the old document, to all else in the new one.
    pub paths: Vec<u8>,
    /// Operations of the patch by their kind.
    pub summary: JsonSummary,
    /// `false` if the deadline ended the search for equal items: the patch is valid, but longer
    /// than it could be.
    pub is_exact: bool,
}

impl JsonDiff {
    fn unchanged() -> Self {
        Self {
            patch: b"[]".to_vec(),
            paths: b"[]".to_vec(),
            summary: JsonSummary::default(),
            is_exact: true,
        }
    }
}

/// Operations by their kind; tests aren't counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JsonSummary {
    /// Values that only the new document has.
    pub added: usize,
    /// Values that only the old document has.
    pub removed: usize,
    /// Values that became others.
    pub replaced: usize,
}

/// Compares two documents.
///
/// Items of arrays are matched by key or by content ([`JsonDiffOptions::array_keys`]); what lies
/// between items that match is compared in order. Where one replacement of a value is over
/// 1 KiB shorter than the changes inside of it, it is a replacement: no patch is longer than one that
/// replaces the root by more than that.
///
/// # Errors
///
/// [`DiffError::DocumentInvalid`], [`DiffError::TooLarge`] above 2 GiB a side,
/// [`DiffError::PatchTooLarge`], and [`DiffError::Cancelled`].
///
/// Complexity: linear in both texts at any depth, plus the search in arrays.
///
/// # Example
///
/// ```
/// use sealdiff_diff::{CancelFlag, DocumentFormat, DocumentText, JsonDiffOptions, json_diff};
///
/// let json = |text| DocumentText { text, format: DocumentFormat::Json };
/// let (old, new) = (json(br#"{"a":[1,2,3]}"#), json(br#"{"a":[2,3],"b":1.10}"#));
/// let diff = json_diff(old, new, &JsonDiffOptions::default(), &CancelFlag::new())?;
/// assert_eq!(diff.paths, br#"["/a/0","/b"]"#);
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn json_diff(
    old: DocumentText<'_>,
    new: DocumentText<'_>,
    options: &JsonDiffOptions,
    cancel: &CancelFlag,
) -> Result<JsonDiff, DiffError> {
    let mut limits = limits(options, cancel);
    if old == new {
        read(old, "old document", options, &mut limits)?;
        return Ok(JsonDiff::unchanged());
    }
    let limit = max_patch_bytes(old, new);
    let (old, new) = read_both(old, new, options, &mut limits)?;
    let walk = Walk::done(&old, &new, options, &mut limits)?;
    if walk.cost > limit {
        return Err(DiffError::PatchTooLarge {
            bytes: walk.cost,
            limit,
        });
    }
    Ok(JsonDiff {
        patch: write::patch(&walk, &old, &new, cancel)?,
        paths: write::paths(&walk, cancel)?,
        summary: write::summary(&walk),
        is_exact: !limits.has_cut(),
    })
}

/// The longest patch of two documents: their depth times their length is quadratic, where what is ignored
/// keeps deep values from being replaced as a whole.
fn max_patch_bytes(old: DocumentText<'_>, new: DocumentText<'_>) -> u64 {
    const TIMES_THE_TEXTS: u64 = 64;
    const AT_LEAST: u64 = 1 << 20;
    let texts = (old.text.len() + new.text.len()) as u64;
    (TIMES_THE_TEXTS * texts + AT_LEAST).min(MAX_PATCH_BYTES)
}

/// The merge patch (RFC 7396) that turns one document into the other, as JSON without white space;
/// `None` if there is none: a merge patch can't set a member of an object to null.
///
/// # Errors
///
/// As [`json_diff`].
///
/// Complexity: linear.
pub fn json_merge_patch(
    old: DocumentText<'_>,
    new: DocumentText<'_>,
    options: &JsonDiffOptions,
    cancel: &CancelFlag,
) -> Result<Option<Vec<u8>>, DiffError> {
    let mut limits = limits(options, cancel);
    let (old, new) = read_both(old, new, options, &mut limits)?;
    merge_patch::merge_patch(&old, &new, &mut limits)
}

/// A unified diff of the normalised texts of two documents ([`json_normalised`]).
///
/// [`DocumentProfile::Flanksource`] writes the header `--- before`, `+++ after` if `unified_options`
/// have none.
///
/// # Errors
///
/// As [`json_diff`].
///
/// Complexity: linear, plus the diff by lines. One document is held at a time.
pub fn json_unified(
    old: DocumentText<'_>,
    new: DocumentText<'_>,
    options: &JsonDiffOptions,
    diff_options: &DiffOptions,
    unified_options: &UnifiedOptions<'_>,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    let old = normalised(old, "old document", options, cancel)?;
    let new = normalised(new, "new document", options, cancel)?;
    let is_bare = matches!(unified_options.header, Header::None);
    let header = match options.profile {
        DocumentProfile::Flanksource if is_bare => Header::Plain {
            old: b"before",
            new: b"after",
        },
        _ => unified_options.header.clone(),
    };
    let unified_options = UnifiedOptions {
        header,
        ..unified_options.clone()
    };
    unified(&old, &new, diff_options, &unified_options, cancel)
}

/// A document as [`DocumentProfile`] says, without what is ignored. Behind 128 levels the indent
/// stops to grow.
///
/// # Errors
///
/// As [`json_diff`].
///
/// Complexity: linear.
pub fn json_normalised(
    document: DocumentText<'_>,
    options: &JsonDiffOptions,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    normalised(document, "document", options, cancel)
}

fn normalised(
    document: DocumentText<'_>,
    name: &'static str,
    options: &JsonDiffOptions,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    let document = read(document, name, options, &mut limits(options, cancel))?;
    match options.profile {
        DocumentProfile::Flanksource => print::normalised(&document, Numbers::Rounded),
        DocumentProfile::Exact => {
            let mut text = print::normalised(&document, Numbers::AsWritten)?;
            text.push(b'\n');
            Ok(text)
        }
    }
}

/// The deadline is for the search alone: what is linear is always done.
fn limits<'c>(options: &JsonDiffOptions, cancel: &'c CancelFlag) -> Limits<'c> {
    let max_steps = Some(DiffOptions::DEFAULT_MAX_STEPS);
    Limits::new(cancel, options.deadline, max_steps)
}

fn read_both<'t>(
    old: DocumentText<'t>,
    new: DocumentText<'t>,
    options: &JsonDiffOptions,
    limits: &mut Limits<'_>,
) -> Result<(Document<'t>, Document<'t>), DiffError> {
    let old = read(old, "old document", options, limits)?;
    let new = read(new, "new document", options, limits)?;
    Ok((old, new))
}

fn read<'t>(
    document: DocumentText<'t>,
    name: &'static str,
    options: &JsonDiffOptions,
    limits: &mut Limits<'_>,
) -> Result<Document<'t>, DiffError> {
    limits.poll_flag()?;
    let read = match document.format {
        DocumentFormat::Json => parse::parse(document.text, limits),
        DocumentFormat::Yaml => yaml::parse(document.text, limits),
    };
    let read = read.map_err(|error| error.in_document(name))?;
    prune::pruned(read, options, limits)
}

/// Why a text was not read; it doesn't know yet which text that was.
#[derive(Debug)]
enum Syntax {
    Invalid { line: usize, reason: &'static str },
    Other(DiffError),
}

impl Syntax {
    /// Something is wrong at a byte of the text.
    fn at(text: &[u8], at: usize, reason: &'static str) -> Self {
        let before = &text[..at.min(text.len())];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        Self::Invalid { line, reason }
    }

    fn in_document(self, document: &'static str) -> DiffError {
        match self {
            Self::Invalid { line, reason } => DiffError::DocumentInvalid {
                document,
                line,
                reason,
            },
            Self::Other(error) => error,
        }
    }

    fn in_patch(self) -> DiffError {
        match self {
            Self::Invalid { line, reason } => DiffError::PatchInvalid { line, reason },
            Self::Other(error) => error,
        }
    }
}

impl From<DiffError> for Syntax {
    fn from(error: DiffError) -> Self {
        Self::Other(error)
    }
}
