//! From a URL to the driver's options, and what each session is set to.

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{ConnectOptions, Executor, Row};

use crate::server::{InvalidUrl, ServerUrl, TlsMode, TlsOptions};

/// The parameters that the driver knows, the mode of TLS apart. Character set, collation and time
/// zone are not for the URL to choose: ids need utf8mb4, and times the server's zone.
const PARAMETERS: [&str; 8] = [
    "socket",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "sslca",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
];

pub(super) fn options(url: &str, tls: &TlsOptions) -> Result<MySqlConnectOptions, InvalidUrl> {
    let url = ServerUrl::parse(url, |name| PARAMETERS.contains(&name))?;
    let options = MySqlConnectOptions::from_url(url.url())
        .map_err(|_quotes_the_value| {
            InvalidUrl::Malformed("must have a port and numbers that can be read")
        })?
        // The driver's own choice would shift every TIMESTAMP of a server that isn't in UTC.
        .timezone(None)
        .pipes_as_concat(false)
        .no_engine_substitution(false);
    if options.get_database().is_none() {
        return Err(InvalidUrl::Malformed("must name a database after the host"));
    }
    let is_local_socket = options.get_socket().is_some();
    let mut options = options.ssl_mode(match url.tls_mode(is_local_socket, tls)? {
        TlsMode::Disable => MySqlSslMode::Disabled,
        TlsMode::Prefer => MySqlSslMode::Preferred,
        TlsMode::Require => MySqlSslMode::Required,
        TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
        TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
    });
    if let Some(ca) = &tls.ca {
        options = options.ssl_ca_from_pem(ca.clone());
    }
    if let Some(cert) = &tls.cert {
        options = options.ssl_client_cert_from_pem(cert);
    }
    if let Some(key) = &tls.key {
        options = options.ssl_client_key_from_pem(key);
    }
    Ok(options)
}

/// Strict, so that nothing is cut or changed to fit; committing, whatever the server's default.
pub(super) async fn prepare_session(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    connection
        .execute(
            "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES'), \
             SESSION autocommit = 1",
        )
        .await
        .map(drop)
}

/// Looked at in winter and in summer: London is in UTC for half of the year.
pub(super) async fn is_in_utc(connection: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    let row = connection
        .fetch_one(
            "SELECT UNIX_TIMESTAMP('2026-01-15 00:00:00') = 1768435200 \
             AND UNIX_TIMESTAMP('2026-07-15 00:00:00') = 1784073600",
        )
        .await?;
    row.try_get_unchecked::<i64, _>(0).map(|is_utc| is_utc == 1)
}
