//! Connections: how many, for how long, and how they are protected.

use std::fmt;
use std::time::Duration;

/// Limits of a pool of connections. `None` takes the default.
#[derive(Debug, Clone, Default)]
pub struct PoolOptions {
    /// The most connections, at least 1. Default 10: keys are cached, and loads are rare.
    pub max_connections: Option<u32>,
    /// The longest wait for a connection, from the pool or the server. Default 10 s.
    pub acquire_timeout: Option<Duration>,
    /// How long a connection may lie unused before it is closed. Default 5 minutes, less than
    /// the usual load balancers and firewalls forget a connection after (350 s and more).
    pub idle_timeout: Option<Duration>,
}

const MAX_CONNECTIONS: u32 = 10;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

impl PoolOptions {
    /// Whether everything is left to the defaults.
    pub(crate) fn is_default(&self) -> bool {
        self.max_connections.is_none()
            && self.acquire_timeout.is_none()
            && self.idle_timeout.is_none()
    }

    /// The wait for a connection that holds.
    pub(crate) fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout.unwrap_or(ACQUIRE_TIMEOUT)
    }

    /// The driver's form of these limits.
    pub(crate) fn to_driver<DB: sqlx::Database>(&self) -> sqlx::pool::PoolOptions<DB> {
        sqlx::pool::PoolOptions::new()
            .max_connections(self.max_connections.unwrap_or(MAX_CONNECTIONS).max(1))
            .acquire_timeout(self.acquire_timeout())
            .idle_timeout(self.idle_timeout.unwrap_or(IDLE_TIMEOUT))
    }
}

/// Certificates for TLS, as PEM. Debug shows none of them.
#[derive(Clone, Default)]
pub struct TlsOptions {
    /// Authorities besides the public ones. Once given, the server's certificate is verified.
    pub ca: Option<Vec<u8>>,
    /// This client's certificate, with its chain; needs `key`.
    pub cert: Option<Vec<u8>>,
    /// The private key of `cert`.
    pub key: Option<Vec<u8>>,
}

impl TlsOptions {
    /// Whether nothing is given.
    pub(crate) fn is_default(&self) -> bool {
        self.ca.is_none() && self.cert.is_none() && self.key.is_none()
    }
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsOptions")
            .field("ca", &self.ca.is_some())
            .field("cert", &self.cert.is_some())
            .field("key", &self.key.is_some())
            .finish()
    }
}
