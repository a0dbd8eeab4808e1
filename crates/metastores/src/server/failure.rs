//! What drivers and servers say, without what they must not repeat.
//!
//! A server quotes key ids in its messages about data (`Duplicate entry '_IK_…'`), and a driver
//! quotes certificates and settings: only what is about connections, rights and schemas is passed on.

use std::io;

use sealdiff_envelope::MetastoreError;
use sqlx::error::DatabaseError;

/// What one database's own codes say of an error.
pub(crate) struct Verdict {
    /// The code, as that database's users know it.
    pub(crate) code: String,
    /// Whether the same call may succeed later, with no operator's help.
    pub(crate) passes: bool,
}

/// A failure whose text names no key id and no secret.
#[derive(Debug, thiserror::Error)]
enum ServerFailure {
    #[error("the server said {code}: {message}")]
    Said { code: String, message: String },
    #[error("the server answered with error {code}")]
    Coded { code: String },
    #[error("no connection within the time allowed: the server is down, unreachable or overloaded")]
    NoConnection,
    #[error("the connection failed: {0}")]
    Connection(#[source] io::Error),
    #[error("TLS failed: {0}")]
    Tls(String),
    #[error("the metastore is closed")]
    Closed,
    #[error("the server and the driver did not understand each other")]
    Protocol,
}

/// Classes of SQLSTATE whose messages are about connections (08), rights (28, 42), databases and
/// schemas (3D, 3F, 42), resources (53), operators (57) and systems (58): never about data.
const HARMLESS_CLASSES: [&str; 8] = ["08", "28", "3D", "3F", "42", "53", "57", "58"];
/// Classes about the one statement: data (22), constraints (23), rights and schemas (42).
const CLASSES_OF_STATEMENTS: [&str; 3] = ["22", "23", "42"];

/// Tells a driver's error as ours.
pub(crate) fn unavailable(
    error: sqlx::Error,
    judge: impl FnOnce(&dyn DatabaseError) -> Verdict,
) -> MetastoreError {
    let (retryable, source) = match error {
        sqlx::Error::Database(said) => {
            let Verdict { code, passes } = judge(&*said);
            (passes, ServerFailure::said(code, &*said))
        }
        sqlx::Error::Io(cause) => (io_passes(&cause), ServerFailure::Connection(cause)),
        sqlx::Error::Tls(cause) => (false, ServerFailure::Tls(without_pem(cause.to_string()))),
        sqlx::Error::Configuration(_) => (
            false,
            ServerFailure::Tls("a certificate or key is not usable PEM".to_owned()),
        ),
        sqlx::Error::PoolTimedOut => (true, ServerFailure::NoConnection),
        sqlx::Error::PoolClosed => (false, ServerFailure::Closed),
        _ => (false, ServerFailure::Protocol),
    };
    MetastoreError::Unavailable {
        retryable,
        source: Box::new(source),
    }
}

/// Whether a connection can serve further calls after this error.
///
/// Where it isn't about the statement, a new connection may fare better: after a failover the
/// host's name leads to another server, and this one has become read-only.
pub(super) fn leaves_connection_usable(error: &sqlx::Error) -> bool {
    let state = error.as_database_error().and_then(DatabaseError::code);
    state.is_some_and(|state| is_of(&state, &CLASSES_OF_STATEMENTS))
}

fn is_of(state: &str, classes: &[&str]) -> bool {
    classes.iter().any(|class| state.starts_with(class))
}

/// rustls reports a certificate that it refuses as invalid data.
fn io_passes(cause: &io::Error) -> bool {
    !matches!(
        cause.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied
    )
}

impl ServerFailure {
    fn said(code: String, said: &dyn DatabaseError) -> Self {
        let state = said.code().unwrap_or_default();
        if is_of(&state, &HARMLESS_CLASSES) {
            let message = said.message().to_owned();
            Self::Said { code, message }
        } else {
            Self::Coded { code }
        }
    }
}

/// The driver quotes a PEM text that it can't read, and somebody's private key may be in it.
fn without_pem(message: String) -> String {
    if message.contains("-----") || message.contains("Invalid certificate") {
        "a certificate is not usable PEM".to_owned()
    } else {
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: sqlx::Error) -> (bool, String) {
        let never = |_: &dyn DatabaseError| Verdict {
            code: String::new(),
            passes: false,
        };
        match unavailable(error, never) {
            MetastoreError::Unavailable { retryable, source } => (retryable, source.to_string()),
            other => (false, other.to_string()),
        }
    }

    #[test]
    fn no_message_quotes_a_pem_text() {
        let quoted = "Invalid certificate -----BEGIN PRIVATE KEY-----\nc2VjcmV0\n";
        assert_eq!(
            told(sqlx::Error::Tls(quoted.into())),
            (
                false,
                "TLS failed: a certificate is not usable PEM".to_owned()
            )
        );
    }

    #[test]
    fn a_refused_certificate_lasts_and_a_lost_connection_passes() {
        for (kind, passes) in [
            (io::ErrorKind::InvalidData, false),
            (io::ErrorKind::ConnectionRefused, true),
            (io::ErrorKind::UnexpectedEof, true),
        ] {
            assert_eq!(told(sqlx::Error::Io(kind.into())).0, passes, "{kind}");
        }
    }
}
