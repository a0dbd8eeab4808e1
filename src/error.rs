//! From the cores' errors to JavaScript's: a stable code, `retryable`, often a `hint`, the cause.

use std::error::Error as StdError;

use napi::bindgen_prelude::{Array, JsObjectValue, Object, ToNapiValue, Unknown};
use napi::{Env, JsError, JsRangeError, JsTypeError, JsValue};
use napi::{Property, PropertyAttributes};
use sealdiff_diff::DiffError;
use sealdiff_envelope::{EnvelopeError, KmsError, MetastoreError, SharedCause};
use sealdiff_kms::{OpenError as OpenKmsError, RegionsFailed};
use sealdiff_metastores::OpenError;

use crate::envelope::custom::Thrown;

/// Most causes that are reported, one inside the other.
const MAX_CAUSES: usize = 8;

/// Every way in which a call of the addon fails.
#[derive(Debug)]
pub(crate) enum Failure {
    Envelope(EnvelopeError),
    Diff(DiffError),
    OpenMetastore(OpenError),
    OpenKms(OpenKmsError),
    /// The argument has the wrong type.
    ArgumentType {
        name: &'static str,
        requirement: &'static str,
    },
    /// The argument has the right type and an unusable value.
    ArgumentValue {
        name: &'static str,
        requirement: &'static str,
    },
    /// The text of a patch doesn't hold the patch of exactly one file.
    PatchCount {
        found: usize,
    },
    /// A hunk of a patch object is not consistent.
    PatchHunk {
        /// Its number, from 1.
        hunk: usize,
        reason: &'static str,
    },
    /// The result can't be a JavaScript string or Buffer.
    ResultTooLarge,
    /// The decrypted bytes are no UTF-8 text.
    NotText,
    /// No factory of this process has this handle.
    HandleInvalid,
    Cancelled,
    /// A panic was caught, or Node-API failed.
    Internal,
}

/// The codes that come from Rust. `lib/error-code.js` has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(&'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl From<EnvelopeError> for Failure {
    fn from(error: EnvelopeError) -> Self {
        Self::Envelope(error)
    }
}

impl From<DiffError> for Failure {
    fn from(error: DiffError) -> Self {
        match error {
            DiffError::Cancelled => Self::Cancelled,
            error => Self::Diff(error),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::OpenMetastore(error)
    }
}

impl From<OpenKmsError> for Failure {
    fn from(error: OpenKmsError) -> Self {
        Self::OpenKms(error)
    }
}

/// Node-API fails only where the caller can't help it.
impl From<napi::Error> for Failure {
    fn from(_error: napi::Error) -> Self {
        Self::Internal
    }
}

impl Failure {
    fn code(&self) -> Code {
        Code(match self {
            Self::Envelope(error) => envelope_code(error),
            Self::Diff(error) => diff_code(error),
            Self::OpenMetastore(OpenError::Metastore(_)) => "ERR_METASTORE_UNAVAILABLE",
            Self::OpenKms(OpenKmsError::Kms(KmsError::Refused(_))) => "ERR_KMS_REFUSED",
            Self::OpenKms(OpenKmsError::Kms(_)) => "ERR_KMS_UNAVAILABLE",
            Self::OpenMetastore(_)
            | Self::OpenKms(_)
            | Self::ArgumentValue { .. }
            | Self::PatchCount { .. } => "ERR_INVALID_ARG_VALUE",
            Self::PatchHunk { .. } => "ERR_PATCH_INVALID",
            Self::ArgumentType { .. } => "ERR_INVALID_ARG_TYPE",
            Self::ResultTooLarge => "ERR_DATA_TOO_LARGE",
            Self::NotText => "ERR_NOT_UTF8",
            Self::HandleInvalid => "ERR_HANDLE_INVALID",
            Self::Cancelled => "ABORT_ERR",
            Self::Internal => "ERR_INTERNAL",
        })
    }

    fn message(&self) -> String {
        match self {
            Self::Envelope(error) => error.to_string(),
            Self::Diff(DiffError::PointerInvalid { index, reason }) => {
                format!("ignore[{index}] is no pointer: {reason}")
            }
            Self::Diff(error) => error.to_string(),
            Self::OpenMetastore(OpenError::InvalidTable(error)) => format!("table {error}"),
            Self::OpenMetastore(OpenError::Metastore(_)) => {
                "the metastore could not be opened".to_owned()
            }
            Self::OpenMetastore(error) => format!("metastore {error}"),
            Self::OpenKms(OpenKmsError::Kms(error)) => error.to_string(),
            Self::OpenKms(error) => format!("kms.{error}"),
            Self::ArgumentType { name, requirement }
            | Self::ArgumentValue { name, requirement } => format!("{name} {requirement}"),
            Self::PatchCount { found } => {
                format!("patch must be the patch of one file, but holds {found}")
            }
            Self::PatchHunk { hunk, reason } => {
                format!("hunk {hunk} of the patch is invalid: {reason}")
            }
            Self::ResultTooLarge => {
                "the result is larger than a JavaScript value can be".to_owned()
            }
            Self::NotText => "the decrypted data is not UTF-8 text".to_owned(),
            Self::HandleInvalid => "the handle names no open factory of this process".to_owned(),
            Self::Cancelled => "the operation was aborted".to_owned(),
            Self::Internal => "sealdiff failed internally; please report it".to_owned(),
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Envelope(error) => error.is_retryable(),
            Self::OpenMetastore(OpenError::Metastore(MetastoreError::Unavailable {
                retryable,
                ..
            })) => *retryable,
            Self::OpenKms(OpenKmsError::Kms(error)) => matches!(error, KmsError::Unavailable(_)),
            _ => false,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Envelope(error) => envelope_hint(error),
            Self::OpenMetastore(OpenError::Metastore(_)) => Some(
                "check that the metastore is reachable and has the table; \
                 createTable: true makes a missing one",
            ),
            Self::NotText => Some("use unseal() or decrypt(), which give bytes"),
            Self::PatchCount { .. } => {
                Some("parsePatch() gives the patch of each file; apply each to its file")
            }
            Self::ResultTooLarge => Some("split the data"),
            Self::Diff(DiffError::PatchMismatch { .. }) => {
                Some("apply it to the version it was made from, or allow fuzz")
            }
            Self::Diff(DiffError::HtmlTooLarge { .. }) => {
                Some("raise maxHtmlBytes, or show fewer lines with context")
            }
            Self::Diff(DiffError::JsonPatchMismatch { .. }) => {
                Some("apply it to the version it was made from")
            }
            Self::Diff(DiffError::LinesOnly) => Some("make the diff with lines()"),
            Self::Diff(DiffError::DeltaMismatch) => {
                Some("apply it to the bytes that it was made from")
            }
            Self::Diff(DiffError::DeltaOutputTooLarge { .. }) => {
                Some("raise maxOutputBytes if the delta comes from where you trust")
            }
            _ => None,
        }
    }

    fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Envelope(error) => error.source(),
            Self::Diff(error) => error.source(),
            Self::OpenMetastore(OpenError::Metastore(error)) => Some(error),
            Self::OpenKms(OpenKmsError::Kms(error)) => error.source(),
            _ => None,
        }
    }

    /// The error as a JavaScript value.
    pub(crate) fn into_js<'env>(self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        let error = napi::Error::new(self.code(), self.message());
        let value = match self.code().0 {
            "ERR_INVALID_ARG_TYPE" => JsTypeError::from(error).into_unknown(*env),
            "ERR_INVALID_ARG_VALUE" => JsRangeError::from(error).into_unknown(*env),
            _ => JsError::from(error).into_unknown(*env),
        };
        let mut object: Object<'env> = value.coerce_to_object()?;
        object.set_named_property("retryable", self.is_retryable())?;
        if let Some(hint) = self.hint() {
            object.set_named_property("hint", hint)?;
        }
        if let Some(cause) = self.cause() {
            set_cause(&mut object, cause_to_js(env, cause, MAX_CAUSES)?)?;
        }
        Ok(value)
    }

    /// The error as napi throws it, or rejects a promise with it.
    pub(crate) fn into_napi(self, env: &Env) -> napi::Error {
        match self.into_js(env) {
            Ok(value) => napi::Error::from(value),
            Err(error) => error,
        }
    }
}

pub(crate) fn envelope_code(error: &EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::InvalidArgument { .. } => "ERR_INVALID_ARG_VALUE",
        EnvelopeError::RecordInvalid { .. } => "ERR_RECORD_INVALID",
        EnvelopeError::PartitionMismatch => "ERR_PARTITION_MISMATCH",
        EnvelopeError::KeyNotFound { .. } => "ERR_KEY_NOT_FOUND",
        EnvelopeError::KeyNotCached => "ERR_KEY_NOT_CACHED",
        EnvelopeError::DecryptFailed => "ERR_DECRYPT_FAILED",
        EnvelopeError::KeyInvalid { .. } => "ERR_KEY_INVALID",
        EnvelopeError::ClockSkew { .. } => "ERR_CLOCK_SKEW",
        EnvelopeError::MetastoreCollation => "ERR_METASTORE_COLLATION",
        EnvelopeError::StoreConflict { .. } => "ERR_METASTORE_CONFLICT",
        EnvelopeError::MetastoreUnavailable { .. } => "ERR_METASTORE_UNAVAILABLE",
        EnvelopeError::KmsUnavailable { .. } => "ERR_KMS_UNAVAILABLE",
        EnvelopeError::KmsRefused { .. } => "ERR_KMS_REFUSED",
        EnvelopeError::Closed => "ERR_SESSION_CLOSED",
        EnvelopeError::DataTooLarge { .. } => "ERR_DATA_TOO_LARGE",
        EnvelopeError::SecureMemoryUnavailable { .. } => "ERR_SECURE_MEMORY_UNAVAILABLE",
        EnvelopeError::RandomUnavailable => "ERR_RANDOM_UNAVAILABLE",
        _ => "ERR_INTERNAL",
    }
}

fn envelope_hint(error: &EnvelopeError) -> Option<&'static str> {
    Some(match error {
        EnvelopeError::KeyNotCached => {
            "await session.warm({ records }) first, use the promise form, or retry: \
             the load has been started"
        }
        EnvelopeError::KeyNotFound { .. } => {
            "the metastore must be the one the data was written with, restored to no earlier time"
        }
        EnvelopeError::PartitionMismatch => "use the session of the partition that wrote it",
        EnvelopeError::DecryptFailed => {
            "pass the additionalData that it was sealed with; else the record was altered"
        }
        EnvelopeError::SecureMemoryUnavailable { .. } => {
            "raise RLIMIT_MEMLOCK (ulimit -l, docker run --ulimit memlock, LimitMEMLOCK of a \
             systemd unit), or open with secureMemory: 'prefer'"
        }
        EnvelopeError::ClockSkew { .. } => "compare the clocks of the machines that write keys",
        EnvelopeError::MetastoreCollation => {
            "give the id column of the metastore's table a binary collation"
        }
        EnvelopeError::KmsRefused { .. } => {
            "check the master key, and this process's right to use it"
        }
        _ => return None,
    })
}

fn diff_code(error: &DiffError) -> &'static str {
    match error {
        DiffError::TooLarge { .. }
        | DiffError::PatchTooLarge { .. }
        | DiffError::HtmlTooLarge { .. }
        | DiffError::DeltaInputsTooLarge { .. }
        | DiffError::DeltaOutputTooLarge { .. }
        | DiffError::OutOfMemory => "ERR_DATA_TOO_LARGE",
        DiffError::Cancelled => "ABORT_ERR",
        DiffError::LinesOnly => "ERR_DIFF_NOT_LINES",
        DiffError::PatchInvalid { .. } | DiffError::JsonPatchInvalid { .. } => "ERR_PATCH_INVALID",
        DiffError::PatchMismatch { .. } | DiffError::JsonPatchMismatch { .. } => {
            "ERR_PATCH_MISMATCH"
        }
        DiffError::DocumentInvalid { .. } => "ERR_DOCUMENT_INVALID",
        DiffError::PointerInvalid { .. } => "ERR_INVALID_ARG_VALUE",
        DiffError::PatchTargetExists => "ERR_PATCH_TARGET_EXISTS",
        DiffError::PatchBinary => "ERR_PATCH_BINARY",
        DiffError::PatchSearchLimit { .. } => "ERR_PATCH_SEARCH_LIMIT",
        DiffError::DeltaInvalid { .. } => "ERR_DELTA_INVALID",
        DiffError::DeltaMismatch => "ERR_DELTA_MISMATCH",
        _ => "ERR_INTERNAL",
    }
}

fn cause_to_js<'env>(
    env: &'env Env,
    cause: &(dyn StdError + 'static),
    depth: usize,
) -> napi::Result<Unknown<'env>> {
    // A shared cause shows itself as the pointer that it is shared by.
    let shared = cause.downcast_ref::<SharedCause>();
    let cause = shared.map_or(cause, |shared| &**shared);
    if let Some(thrown) = cause.downcast_ref::<Thrown>() {
        return thrown.to_js(env);
    }
    let mut object = uncoded(env, &cause.to_string())?;
    if let Some(failed) = cause.downcast_ref::<RegionsFailed>() {
        set_hidden(&mut object, "errors", errors_to_js(env, failed)?)?;
    }
    if let Some(inner) = cause.source().filter(|_| depth > 1) {
        set_cause(&mut object, cause_to_js(env, inner, depth - 1)?)?;
    }
    Ok(object.to_unknown())
}

/// One error for each region, as an AggregateError has them.
fn errors_to_js<'env>(env: &'env Env, failed: &RegionsFailed) -> napi::Result<Unknown<'env>> {
    let said = failed.failures().iter();
    let errors = said.map(|failure| uncoded(env, &failure.to_string()));
    let errors = Array::from_vec(env, errors.collect::<napi::Result<Vec<_>>>()?)?;
    Ok(errors.to_unknown())
}

/// An Error that is not ours, so without a code.
fn uncoded<'env>(env: &'env Env, message: &str) -> napi::Result<Object<'env>> {
    let error = napi::Error::new(Code("ERR_CAUSE"), message.to_owned());
    let value = JsError::from(error).into_unknown(*env);
    let mut object: Object<'env> = value.coerce_to_object()?;
    object.delete_named_property("code")?;
    Ok(object)
}

fn set_cause(error: &mut Object<'_>, cause: Unknown<'_>) -> napi::Result<()> {
    set_hidden(error, "cause", cause)
}

/// As the constructors of errors have it: not enumerable.
fn set_hidden(error: &mut Object<'_>, name: &str, value: Unknown<'_>) -> napi::Result<()> {
    let attributes = PropertyAttributes::Configurable | PropertyAttributes::Writable;
    let property = Property::new()
        .with_utf8_name(name)?
        .with_value(&value)
        .with_property_attributes(attributes);
    error.define_properties(&[property])
}

/// Turns the outcome of an export's body into what napi returns to JavaScript.
pub(crate) fn finish<T: ToNapiValue>(env: &Env, outcome: Result<T, Failure>) -> napi::Result<T> {
    outcome.map_err(|failure| failure.into_napi(env))
}
