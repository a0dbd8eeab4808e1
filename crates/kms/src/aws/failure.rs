//! What a region or the SDK says, without what must not be repeated, and whether it means no.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_kms::config::http::HttpResponse;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use sealdiff_envelope::KmsError;

/// Why one region was of no use.
#[derive(Debug, Clone)]
pub struct RegionFailure {
    region: String,
    is_refusal: bool,
    is_silence: bool,
    reason: String,
}

/// Every region that was asked failed.
#[derive(Debug)]
pub struct RegionsFailed {
    failures: Vec<RegionFailure>,
}

/// The region answered, and it is no use to ask it again: but not about the key. An answer of
/// another name with a status of 4xx means no.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>
const PASSING: [&str; 12] = [
    "DependencyTimeoutException",
    "ExpiredTokenException",
    "KeyUnavailableException",
    "KMSInternalException",
    "LimitExceededException",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];
/// Their messages name roles, actions and keys. Those of others may quote the request.
const HARMLESS: [&str; 4] = [
    "AccessDeniedException",
    "DisabledException",
    "KMSInvalidStateException",
    "NotFoundException",
];
const DENIED: &str = "AccessDeniedException";

impl RegionFailure {
    /// An answer that means no.
    pub(super) fn refused(region: &str, reason: &str) -> Self {
        Self {
            region: region.to_owned(),
            is_refusal: true,
            is_silence: false,
            reason: reason.to_owned(),
        }
    }

    /// What the SDK says of a call.
    pub(super) fn of<E: ProvideErrorMetadata>(
        region: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self {
        let region = region.to_owned();
        let (is_refusal, reason) = match error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status();
                judge(answer.err(), status.is_client_error())
            }
            SdkError::TimeoutError(_) => outage("no answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                outage("no answer in time")
            }
            SdkError::DispatchFailure(failure) if failure.is_io() => {
                outage("the connection failed")
            }
            SdkError::DispatchFailure(_) => {
                outage("no usable AWS credentials, or the request could not be sent")
            }
            SdkError::ResponseError(_) => outage("the answer was not understood"),
            _ => outage("the request could not be made"),
        };
        let is_silence = match error {
            SdkError::TimeoutError(_) => true,
            SdkError::DispatchFailure(failure) => failure.is_timeout() || failure.is_io(),
            _ => false,
        };
        Self {
            region,
            is_refusal,
            is_silence,
            reason,
        }
    }

    /// Which region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether nothing came back, so that asking again at once would cost as long for as little.
    pub(super) fn is_silence(&self) -> bool {
        self.is_silence
    }

    /// Whether the region said no, and will say so again.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.is_refusal
    }
}

/// Whether the caller lacks the right to what it asked, which the service alone can say.
pub(super) fn is_denial<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .as_service_error()
        .is_some_and(|answer| answer.code() == Some(DENIED))
}

fn judge(answer: &impl ProvideErrorMetadata, is_client_error: bool) -> (bool, String) {
    let Some(code) = answer.code() else {
        // A proxy, or whatever else is on the way: KMS names its errors.
        return (false, "an answer that is not of KMS".to_owned());
    };
    let is_refusal = is_client_error && !PASSING.contains(&code);
    let reason = match answer.message() {
        Some(message) if HARMLESS.contains(&code) => format!("{code}: {message}"),
        _ => code.to_owned(),
    };
    (is_refusal, reason)
}

fn outage(reason: &str) -> (bool, String) {
    (false, reason.to_owned())
}

impl fmt::Display for RegionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.is_refusal { "refused" } else { "failed" };
        write!(f, "{} {verb}: {}", self.region, self.reason)
    }
}

impl StdError for RegionFailure {}

impl RegionsFailed {
    pub(super) fn new(mut failures: Vec<RegionFailure>) -> Self {
        // What an operator must change comes before what passes.
        failures.sort_by_key(|failure| !failure.is_refusal);
        Self { failures }
    }

    /// One for each region: refusals before outages, else in the order of asking.
    #[must_use]
    pub fn failures(&self) -> &[RegionFailure] {
        &self.failures
    }
}

impl fmt::Display for RegionsFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, failure) in self.failures.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{failure}")?;
        }
        Ok(())
    }
}

impl StdError for RegionsFailed {}

impl From<RegionsFailed> for KmsError {
    /// It is a refusal only if nobody is left who could say yes later.
    fn from(failed: RegionsFailed) -> Self {
        if failed.failures.iter().all(RegionFailure::is_refusal) {
            Self::Refused(Box::new(failed))
        } else {
            Self::Unavailable(Box::new(failed))
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::error::ErrorMetadata;

    use super::*;

    fn answer(code: &str) -> ErrorMetadata {
        let message = "Value 'c2VjcmV0'";
        ErrorMetadata::builder().code(code).message(message).build()
    }

    #[test]
    fn only_an_answer_about_the_key_or_the_caller_is_a_refusal() {
        for code in [
            "AccessDeniedException",
            "DisabledException",
            "IncorrectKeyException",
            "InvalidCiphertextException",
            "NotFoundException",
            "UnrecognizedClientException",
            "ValidationException",
        ] {
            assert!(judge(&answer(code), true).0, "{code}");
        }
        for code in PASSING {
            assert!(!judge(&answer(code), true).0, "{code}");
        }
        assert!(!judge(&answer("InternalFailure"), false).0);
        assert!(!judge(&ErrorMetadata::builder().build(), true).0);
    }

    #[test]
    fn only_messages_that_quote_no_request_are_passed_on() {
        let shown = |code| judge(&answer(code), true).1;
        assert!(shown("AccessDeniedException").contains("c2VjcmV0"));
        assert_eq!(shown("ValidationException"), "ValidationException");
        assert_eq!(shown("SignatureDoesNotMatch"), "SignatureDoesNotMatch");
    }

    #[test]
    fn refusals_come_first_and_one_outage_makes_it_an_outage() {
        let refused = RegionFailure::refused("b", "denied");
        let mut failed = RegionFailure::refused("a", "throttled");
        failed.is_refusal = false;
        let both = RegionsFailed::new(vec![failed, refused.clone()]);
        assert_eq!(both.to_string(), "b refused: denied; a failed: throttled");
        assert!(matches!(both.into(), KmsError::Unavailable(_)));
        let all = RegionsFailed::new(vec![refused.clone(), refused]);
        assert!(matches!(all.into(), KmsError::Refused(_)));
    }
}
