//! The diff engine: tokens, edit scripts, hunks, unified diffs, and patches that are parsed and
//! applied. Bytes in, values out: no I/O, no threads, no clock but the deadline that is passed in.
//!
//! - [`TextDiff`] compares two texts by lines, words or characters; [`unified()`] goes straight to
//!   text.
//! - [`parse_patch`], [`apply_patch`], [`reverse_patch`] and [`format_patch`] take what git, GNU
//!   diff, jsdiff and svn write.
//! - [`json_diff`] compares documents, JSON or YAML, as values; [`apply_json_patch`] and
//!   [`apply_merge_patch`] apply what it and others write.
//!
//! Imports point one way: unified and patch know hunks, hunks know edit scripts; the search knows
//! numbers only.
#![forbid(unsafe_code)]

mod cancel;
mod changes;
mod error;
mod hunk;
mod json;
mod options;
mod patch;
mod script;
mod search;
mod stats;
mod text_diff;
mod tokens;
mod unified;

pub use cancel::CancelFlag;
pub use changes::{Change, Side};
pub use error::DiffError;
pub use hunk::Hunk;
pub use json::{
    DocumentFormat, DocumentProfile, DocumentText, Ignore, JsonDiff, JsonDiffOptions, JsonSummary,
    apply_json_patch, apply_merge_patch, json_diff, json_merge_patch, json_normalised,
    json_unified,
};
pub use options::{Algorithm, DiffOptions, Granularity};
pub use patch::{
    ApplyOptions, GitHeader, GitIndex, LineEndings, LineKind, Patch, PatchBytes, PatchHunk,
    PatchLine, apply_patch, format_patch, parse_patch, reverse_patch,
};
pub use script::{EditOp, EditScript, EditTag};
pub use stats::Stats;
pub use text_diff::{TextDiff, unified};
pub use tokens::Tokens;
pub use unified::{GitFile, Header, UnifiedOptions};
