//! What DynamoDB and the SDK say, without what must not be repeated: an answer about data may
//! quote a key id.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use sealdiff_envelope::MetastoreError;

/// A failure whose text names no key id and no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum DynamoDbFailure {
    #[error("DynamoDB said {code}: {message}")]
    Said { code: String, message: String },
    #[error("DynamoDB answered with {0}")]
    Coded(String),
    #[error("an answer that is not of DynamoDB, with status {0}")]
    Foreign(u16),
    #[error("no answer in time")]
    TimedOut,
    #[error("the connection failed")]
    Connection,
    #[error("no usable AWS credentials, or the request could not be sent")]
    NotSent,
    #[error("the answer was not understood")]
    Protocol,
    #[error("the table's key is not Id (S) and Created (N)")]
    OtherKey,
    #[error("the table is not active yet")]
    NotActive,
}

/// Answers with a status of 4xx after which the same call may succeed. Those of 5xx all pass.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PASSING: [&str; 11] = [
    "ExpiredTokenException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestTimeoutException",
    "ResourceInUseException",
    "Throttling",
    "ThrottlingException",
    "TransactionConflictException",
];
/// Their messages name roles, actions and tables.
const HARMLESS: [&str; 2] = ["AccessDeniedException", "ResourceNotFoundException"];

/// Tells the SDK's error as ours.
pub(super) fn unavailable<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
) -> MetastoreError {
    let (retryable, source) = match error {
        SdkError::ServiceError(answer) => judge(answer.err(), answer.raw().status().as_u16()),
        SdkError::TimeoutError(_) => (true, DynamoDbFailure::TimedOut),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (true, DynamoDbFailure::TimedOut)
        }
        SdkError::DispatchFailure(failure) if failure.is_io() => {
            (true, DynamoDbFailure::Connection)
        }
        // Credentials that can't be had now, most often: their source may be away, too.
        SdkError::DispatchFailure(_) => (true, DynamoDbFailure::NotSent),
        SdkError::ResponseError(_) => (true, DynamoDbFailure::Protocol),
        _ => (false, DynamoDbFailure::NotSent),
    };
    failed(retryable, source)
}

pub(super) fn failed(retryable: bool, source: DynamoDbFailure) -> MetastoreError {
    MetastoreError::Unavailable {
        retryable,
        source: Box::new(source),
    }
}

fn judge(answer: &impl ProvideErrorMetadata, status: u16) -> (bool, DynamoDbFailure) {
    let Some(code) = answer.code() else {
        return (true, DynamoDbFailure::Foreign(status));
    };
    let passes = status >= 500 || PASSING.contains(&code);
    let code = code.to_owned();
    let source = match answer.message() {
        Some(message) if HARMLESS.contains(&code.as_str()) => DynamoDbFailure::Said {
            code,
            message: message.to_owned(),
        },
        _ => DynamoDbFailure::Coded(code),
    };
    (passes, source)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;

    use super::*;

    fn told(code: &str, status: u16) -> (bool, String) {
        let message = "One or more parameter values: _IK_secret";
        let answer = ErrorMetadata::builder().code(code).message(message);
        let (passes, source) = judge(&answer.build(), status);
        (passes, source.to_string())
    }

    #[test]
    fn an_answer_about_data_is_not_repeated() {
        assert_eq!(
            told("ValidationException", 400),
            (
                false,
                "DynamoDB answered with ValidationException".to_owned()
            )
        );
    }

    #[test]
    fn throttling_and_failures_of_the_service_pass() {
        for (code, status, passes) in [
            ("ThrottlingException", 400, true),
            ("ProvisionedThroughputExceededException", 400, true),
            ("InternalServerError", 500, true),
            ("AccessDeniedException", 400, false),
            ("ResourceNotFoundException", 400, false),
            ("UnrecognizedClientException", 400, false),
        ] {
            assert_eq!(told(code, status).0, passes, "{code}");
        }
    }
}
