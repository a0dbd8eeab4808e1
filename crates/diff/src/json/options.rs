//! What counts as a difference of documents. Every default of them lives here.

use std::time::Instant;

use super::ignore::Ignore;
use crate::DiffError;

/// The syntax of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DocumentFormat {
    /// JSON (RFC 8259) of any depth. Of members with the same key the last counts, as in
    /// `JSON.parse`; a byte order mark is skipped.
    #[default]
    Json,
    /// One document of YAML 1.2 with the core schema, merge keys (`<<`) and at most 255 levels.
    /// Keys are texts: `1:` and `true:` are `"1"` and `"true"`. Duplicate keys are an error.
    Yaml,
}

/// A document as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentText<'t> {
    /// UTF-8. In JSON the three bytes of a lone surrogate (WTF-8) are taken as its escape would be.
    pub text: &'t [u8],
    /// Its syntax.
    pub format: DocumentFormat,
}

/// How documents are written before they are compared by lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DocumentProfile {
    /// Keys sorted, an indent of two spaces, numbers as they were written, a newline at the end.
    #[default]
    Exact,
    /// As Flanksource's config-db writes them: nulls left out of objects, numbers with a fraction
    /// or an exponent rounded to whole ones (1.1 becomes 1), no newline at the end.
    Flanksource,
}

/// Options of a diff of documents.
#[derive(Debug, Clone, Default)]
pub struct JsonDiffOptions {
    /// What is left out of both documents before they are compared. Default: nothing.
    pub ignore: Ignore,
    /// Members whose values tell the items of an array apart, the first that fits: every item, on
    /// both sides, is an object that has it, and no two items of a side have the same. Other
    /// arrays, and all by default, are matched by content.
    pub array_keys: Vec<Vec<u8>>,
    /// Leaves members that are null out of objects. Default: `false`.
    pub drop_nulls: bool,
    /// Puts a `test` of the old value before each operation that removes or replaces it. Default:
    /// `false`.
    pub with_tests: bool,
    /// How documents are written for [`json_unified`](crate::json_unified). Default:
    /// [`DocumentProfile::Exact`].
    pub profile: DocumentProfile,
    /// When to stop looking for equal items of arrays: those not found till then are paired in
    /// order, which is valid and coarser. Default: `None`.
    pub deadline: Option<Instant>,
}

impl JsonDiffOptions {
    pub(super) fn drops_nulls(&self) -> bool {
        self.drop_nulls || self.profile == DocumentProfile::Flanksource
    }

    /// Reads the pointers of [`JsonDiffOptions::ignore`].
    ///
    /// # Errors
    ///
    /// [`DiffError::PointerInvalid`] that names the pointer.
    pub fn ignoring<'p>(
        mut self,
        pointers: impl IntoIterator<Item = &'p [u8]>,
    ) -> Result<Self, DiffError> {
        self.ignore = Ignore::new(pointers)?;
        Ok(self)
    }
}
