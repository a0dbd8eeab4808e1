//! The one error type of the crate. It knows facts and limits, never a byte of the inputs.

use thiserror::Error;

/// Everything that can go wrong in the diff core.
///
/// Messages hold numbers and limits only: no text of a document or patch and no file name, since
/// either may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiffError {
    /// An input has more bytes than 32-bit offsets can count. The caller must split it.
    #[error("input of {bytes} bytes is larger than the limit of {limit} bytes")]
    TooLarge {
        /// Length of the input.
        bytes: usize,
        /// The greatest length that is accepted.
        limit: usize,
    },
    /// The caller raised the cancellation flag.
    #[error("the operation was cancelled")]
    Cancelled,
    /// Hunks were asked of a diff by a smaller unit than lines. The caller must diff by lines.
    #[error("a unified diff needs a diff by lines")]
    LinesOnly,
    /// The changes alone make a page larger than it may be. A greater `max_bytes` lets it through.
    #[error("the changes take more than the {limit} bytes that the page may have")]
    HtmlTooLarge {
        /// The greatest length that is accepted.
        limit: usize,
    },
    /// The text of a patch is malformed. The author of the patch must mend it.
    #[error("patch is invalid at line {line}: {reason}")]
    PatchInvalid {
        /// Line of the patch text, from 1.
        line: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A hunk doesn't fit the text: the patch was made for another version of it.
    #[error("hunk {hunk} ({header}) does not fit the text")]
    PatchMismatch {
        /// Number of the hunk in its patch, from 1.
        hunk: usize,
        /// The range part of its header line, as in `@@ -1,3 +1,4 @@`.
        header: String,
    },
    /// A patch that creates a file was applied to a text that isn't empty.
    #[error("the patch creates a file, but the text is not empty")]
    PatchTargetExists,
    /// The patch says only that binary contents differ; there is nothing that could be applied.
    #[error("a binary patch cannot be applied to text")]
    PatchBinary,
    /// Looking for the place of a hunk cost more than the search is allowed, as hostile patches
    /// do. A smaller `max_offset` gives an answer.
    #[error("the search for hunk {hunk} ({header}) exceeded its limit of {limit} comparisons")]
    PatchSearchLimit {
        /// Number of the hunk in its patch, from 1.
        hunk: usize,
        /// The range part of its header line.
        header: String,
        /// Line comparisons allowed for the whole patch.
        limit: u64,
    },
    /// The old and the new bytes of a delta are too many together. The caller must split them.
    #[error("old and new bytes are {bytes} together, more than the limit of {limit}")]
    DeltaInputsTooLarge {
        /// Both lengths together.
        bytes: u64,
        /// The greatest sum that is accepted.
        limit: u64,
    },
    /// The bytes are no delta, or a damaged one.
    #[error("delta is invalid: {reason}")]
    DeltaInvalid {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The delta was made from other old bytes.
    #[error("the delta was made from other old bytes")]
    DeltaMismatch,
    /// The delta leads to more bytes than the caller allows.
    #[error("the delta leads to {bytes} bytes, more than the limit of {limit}")]
    DeltaOutputTooLarge {
        /// The length that the delta states.
        bytes: u64,
        /// The greatest length that the caller allows.
        limit: u64,
    },
    /// The system has no memory for the operation.
    #[error("there is not enough memory")]
    OutOfMemory,
    /// A document is malformed. Its author must mend it.
    #[error("the {document} is invalid at line {line}: {reason}")]
    DocumentInvalid {
        /// Which document: `old document`, `new document` or `document`.
        document: &'static str,
        /// Line of its text, from 1.
        line: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// The patch of two documents would be longer than any host could use.
    #[error("the patch of {bytes} bytes is larger than the limit of {limit} bytes")]
    PatchTooLarge {
        /// Its length.
        bytes: u64,
        /// The greatest length.
        limit: u64,
    },
    /// A JSON Pointer that says what to ignore is malformed.
    #[error("pointer {index} is invalid: {reason}")]
    PointerInvalid {
        /// Its place among the pointers, from 0.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An operation of a JSON Patch is malformed. The author of the patch must mend it.
    #[error("operation {operation} of the patch is invalid: {reason}")]
    JsonPatchInvalid {
        /// Its number, from 1.
        operation: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An operation of a JSON Patch doesn't fit the document: the patch was made for another one.
    #[error("operation {operation} of the patch does not fit the document: {reason}")]
    JsonPatchMismatch {
        /// Its number, from 1.
        operation: usize,
        /// What doesn't fit.
        reason: &'static str,
    },
}
