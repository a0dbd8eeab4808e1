//! Why a key management service can't be opened: what its providers have in common.

use sealdiff_envelope::KmsError;

/// Why a key management service could not be opened. No message repeats a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// An option has an unusable value: the caller's move.
    #[error("{name} {requirement}")]
    InvalidOption {
        /// The option, as in `address`.
        name: &'static str,
        /// What it must be.
        requirement: &'static str,
    },
    /// The service itself failed.
    #[error(transparent)]
    Kms(#[from] KmsError),
}
