//! How documents are compared, as `lib/` passes it.

use napi_derive::napi;
use sealdiff_diff::{DocumentFormat, DocumentProfile, DocumentText, JsonDiffOptions};

use crate::diff::settings::after;
use crate::diff::texts::Texts;
use crate::error::Failure;

/// What documents are, and what counts as a difference of them. Checked by `lib/`.
#[napi(object, object_to_js = false)]
pub(crate) struct DocumentComparison {
    #[napi(ts_type = "'json' | 'yaml'")]
    pub old_format: String,
    #[napi(ts_type = "'json' | 'yaml'")]
    pub new_format: String,
    pub ignore: Vec<String>,
    pub array_key: Vec<String>,
    pub drop_nulls: Option<bool>,
    pub tests: Option<bool>,
    pub profile: Option<String>,
    pub deadline_ms: Option<u32>,
}

impl DocumentComparison {
    /// The core's options, the deadline counted from now.
    pub(super) fn start(&self) -> Result<JsonDiffOptions, Failure> {
        let defaults = JsonDiffOptions::default();
        let profile = match self.profile.as_deref() {
            None => defaults.profile,
            Some("exact") => DocumentProfile::Exact,
            Some("flanksource") => DocumentProfile::Flanksource,
            Some(_) => return Err(Failure::Internal),
        };
        let options = JsonDiffOptions {
            array_keys: self
                .array_key
                .iter()
                .map(|key| key.clone().into_bytes())
                .collect(),
            drop_nulls: self.drop_nulls.unwrap_or(defaults.drop_nulls),
            with_tests: self.tests.unwrap_or(defaults.with_tests),
            deadline: self.deadline_ms.and_then(after),
            profile,
            ..defaults
        };
        Ok(options.ignoring(self.ignore.iter().map(String::as_bytes))?)
    }

    pub(super) fn documents<'t>(
        &self,
        texts: &'t Texts<'_>,
    ) -> Result<(DocumentText<'t>, DocumentText<'t>), Failure> {
        let document = |text: &'t [u8], name: &str| {
            let format = match name {
                "json" => DocumentFormat::Json,
                "yaml" => DocumentFormat::Yaml,
                _ => return Err(Failure::Internal),
            };
            Ok(DocumentText { text, format })
        };
        let old = document(&texts.old.bytes, &self.old_format)?;
        Ok((old, document(&texts.new.bytes, &self.new_format)?))
    }
}
