//! What every failure of a metastore must say, and must not.

use std::error::Error as StdError;

use sealdiff_envelope::MetastoreError;

/// In every configuration that a test opens: nothing may ever show it.
pub const PASSWORD: &str = "Zauberwort";

/// Asserts that a metastore was unavailable and whose move it is, and that no text on the way names
/// a secret or a key; gives the whole text.
pub fn assert_failed<T>(outcome: Result<T, MetastoreError>, retryable: bool) -> String {
    let error = outcome.map(drop).expect_err("the call had to fail");
    let mut text = format!("{error:?}");
    let mut cause: Option<&dyn StdError> = Some(&error);
    while let Some(error) = cause {
        text.push_str(&format!("\n{error}"));
        cause = error.source();
    }
    for secret in [PASSWORD, "_IK_", "_SK_"] {
        assert!(!text.contains(secret), "{text}");
    }
    match error {
        MetastoreError::Unavailable {
            retryable: found, ..
        } => assert_eq!(found, retryable, "{text}"),
        other => panic!("{other:?}"),
    }
    text
}
