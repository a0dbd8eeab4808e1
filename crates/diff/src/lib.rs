//! The diff engine: tokens, edit scripts, hunks, unified diffs, and patches that are parsed and
//! applied. Bytes in, values out: no I/O, no threads, no clock but the deadline that is passed in.
//!
//! - [`TextDiff`] compares two texts by lines, words or characters; [`unified()`] goes straight to
//!   text.
//! - [`parse_patch`], [`apply_patch`], [`reverse_patch`] and [`format_patch`] take what git, GNU
//!   diff, jsdiff and svn write.
//! - [`delta()`] and [`apply_delta`] do the same for any bytes, compactly.
//! - [`TextDiff::ansi`] and [`TextDiff::html`] show a diff to people.
//! - [`merge()`] joins two changed versions of a text, as `git merge-file` does.
//! - [`json_diff`] compares documents, JSON or YAML, as values; [`apply_json_patch`] and
//!   [`apply_merge_patch`] apply what it and others write.
//!
//! Imports point one way: unified, render and patch know hunks, merge and hunks know edit scripts; the
//! search knows numbers only, and the line engine bytes.
#![forbid(unsafe_code)]

mod blocks;
mod bytes;
mod cancel;
mod changes;
mod delta;
mod error;
mod hunk;
mod inline;
mod json;
mod lines;
mod merge;
mod options;
mod patch;
mod render;
mod scratch;
mod script;
mod search;
mod stats;
mod text_diff;
mod tokens;
mod unified;

pub use cancel::CancelFlag;
pub use changes::{Change, Side};
pub use delta::{ApplyDeltaOptions, DeltaOptions, apply_delta, delta};
pub use error::DiffError;
pub use hunk::Hunk;
pub use inline::{ChangedParts, InlineChanges};
pub use json::{
    DocumentFormat, DocumentProfile, DocumentText, Ignore, JsonDiff, JsonDiffOptions, JsonSummary,
    apply_json_patch, apply_merge_patch, json_diff, json_merge_patch, json_normalised,
    json_unified,
};
pub use merge::{Conflict, ConflictStyle, Labels, Merge, MergeOptions, Versions, merge};
pub use options::{Algorithm, DiffOptions, Granularity};
pub use patch::{
    ApplyOptions, GitHeader, GitIndex, LineEndings, LineKind, Patch, PatchBytes, PatchHunk,
    PatchLine, apply_patch, format_patch, parse_patch, reverse_patch,
};
pub use render::{AnsiOptions, HtmlOptions, HtmlView};
pub use scratch::{delta_scratch_bytes, text_scratch_bytes};
pub use script::{EditOp, EditScript, EditTag};
pub use stats::Stats;
pub use text_diff::{TextDiff, unified};
pub use tokens::Tokens;
pub use unified::{GitFile, Header, UnifiedOptions};
