//! What to compare, how hard to look, and how the result is written, as `lib/` passes it.

use std::time::{Duration, Instant};

use napi_derive::napi;
use sealdiff_diff::{Algorithm, DiffOptions, GitFile, Granularity, Header, UnifiedOptions};

use super::text::Text;
use crate::error::Failure;

/// How two texts are compared: the options of a `Differ`, and the unit. Checked by `lib/`.
#[napi(object, object_to_js = false)]
pub(crate) struct Comparison {
    #[napi(ts_type = "'lines' | 'words' | 'chars' | 'graphemes' | 'sentences'")]
    pub unit: String,
    pub algorithm: Option<String>,
    pub ignore_whitespace: Option<bool>,
    pub ignore_case: Option<bool>,
    pub deadline_ms: Option<u32>,
    /// Unchanged lines around changes, for the statistics.
    pub context: Option<u32>,
}

impl Comparison {
    pub(super) fn granularity(&self) -> Result<Granularity, Failure> {
        granularity(&self.unit)
    }

    pub(super) fn context_radius(&self) -> u32 {
        context_radius(self.context)
    }

    /// The core's options, the deadline counted from now.
    pub(super) fn start(&self) -> Result<DiffOptions, Failure> {
        let defaults = DiffOptions::default();
        let algorithm = match self.algorithm.as_deref() {
            None => defaults.algorithm,
            Some("auto") => Algorithm::Auto,
            Some("minimal") => Algorithm::Minimal,
            Some("patience") => Algorithm::Patience,
            Some("histogram") => Algorithm::Histogram,
            Some(_) => return Err(Failure::Internal),
        };
        Ok(DiffOptions {
            algorithm,
            ignore_whitespace: self.ignore_whitespace.unwrap_or(defaults.ignore_whitespace),
            ignore_case: self.ignore_case.unwrap_or(defaults.ignore_case),
            deadline: self.deadline_ms.and_then(after),
            ..defaults
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "here a duration of the caller's becomes the deadline that the core takes"
)]
pub(super) fn after(milliseconds: u32) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(milliseconds.into()))
}

/// The unit by its name.
pub(super) fn granularity(unit: &str) -> Result<Granularity, Failure> {
    match unit {
        "lines" => Ok(Granularity::Lines),
        "words" => Ok(Granularity::Words),
        "chars" => Ok(Granularity::Chars),
        "graphemes" => Ok(Granularity::Graphemes),
        "sentences" => Ok(Granularity::Sentences),
        _ => Err(Failure::Internal),
    }
}

/// How a unified diff is written.
#[napi(object, object_to_js = false)]
pub(crate) struct Layout {
    pub context: Option<u32>,
    pub header: Option<HeaderFields>,
    pub show_function: Option<bool>,
}

/// The names before the hunks; one that is missing is `/dev/null`. `lib/` lets no header be without
/// both.
#[napi(object, object_to_js = false)]
pub(crate) struct HeaderFields {
    pub is_git: bool,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub old_name: Option<Text<'static>>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub new_name: Option<Text<'static>>,
    pub old_mode: Option<u32>,
    pub new_mode: Option<u32>,
}

/// The number of unchanged lines around a change.
pub(super) fn context_radius(context: Option<u32>) -> u32 {
    context.unwrap_or(UnifiedOptions::DEFAULT_CONTEXT_RADIUS)
}

impl Layout {
    pub(super) fn options(&self) -> UnifiedOptions<'_> {
        UnifiedOptions {
            context_radius: context_radius(self.context),
            header: self
                .header
                .as_ref()
                .map_or(Header::None, HeaderFields::header),
            show_function: self.show_function.unwrap_or_default(),
        }
    }
}

impl HeaderFields {
    fn header(&self) -> Header<'_> {
        const MISSING: &[u8] = b"/dev/null";
        let (old, new) = (name(&self.old_name), name(&self.new_name));
        let file = |name, mode| GitFile { name, mode };
        match (old, new) {
            (old, new) if !self.is_git => Header::Plain {
                old: old.unwrap_or(MISSING),
                new: new.unwrap_or(MISSING),
            },
            (Some(old), Some(new)) => Header::GitChanged {
                old: file(old, self.old_mode),
                new: file(new, self.new_mode),
            },
            (None, Some(new)) => Header::GitAdded(file(new, self.new_mode)),
            (Some(old), None) => Header::GitDeleted(file(old, self.old_mode)),
            (None, None) => Header::None,
        }
    }
}

fn name<'t>(name: &'t Option<Text<'_>>) -> Option<&'t [u8]> {
    name.as_ref().map(|name| &*name.bytes)
}
