//! What goes wrong with Vault, and whether Vault said no or did not say anything.
//! No message holds a token, a credential or a key; Vault's own words are shown cleaned.

use std::io;
use std::sync::Arc;

use sealdiff_envelope::KmsError;

/// A failure of a request to Vault.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// No answer: the network, TLS, a time-out.
    #[error("Vault did not answer the request to {operation}")]
    NoAnswer {
        /// What was asked of it.
        operation: &'static str,
        /// What the connection said.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// An answer that is an error.
    #[error("Vault answered {status} to the request to {operation}: {errors}")]
    Status {
        /// What was asked of it.
        operation: &'static str,
        /// The HTTP status code.
        status: u16,
        /// Vault's own words, cut and without anything that was sent.
        errors: String,
        /// Whether Vault itself said no. Others are outages: a sealed or standby node, a limit, a proxy.
        is_refusal: bool,
    },
    /// An answer that Vault would not give.
    #[error("the answer to the request to {operation} {reason}")]
    UnexpectedAnswer {
        /// What was asked of it.
        operation: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The stored bytes are not what Vault Transit writes, or not a system key.
    #[error("the encrypted system key {reason}")]
    ForeignCiphertext {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// A file with a credential could not be read.
    #[error("the file with the {what} could not be read")]
    CredentialFile {
        /// Which credential.
        what: &'static str,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// A file with a credential holds none.
    #[error("the file with the {what} does not hold one")]
    NoCredential {
        /// Which credential.
        what: &'static str,
    },
}

impl VaultError {
    /// The HTTP status of an answer that is an error.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the token was turned down: unknown, ended, or without the right.
    pub(super) fn is_denial(&self) -> bool {
        matches!(
            self,
            Self::Status {
                status: 403,
                is_refusal: true,
                ..
            }
        )
    }

    /// Whether asking again would give the same answer.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Status { is_refusal, .. } => *is_refusal,
            Self::ForeignCiphertext { .. } => true,
            _ => false,
        }
    }
}

impl From<VaultError> for KmsError {
    fn from(error: VaultError) -> Self {
        match error.is_refusal() {
            true => Self::Refused(Box::new(error)),
            false => Self::Unavailable(Box::new(error)),
        }
    }
}
