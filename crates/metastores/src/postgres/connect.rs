//! From a URL to the driver's options.

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::server::{InvalidUrl, ServerUrl, TlsMode, TlsOptions};

/// The parameters that the driver knows, the mode of TLS apart.
const PARAMETERS: [&str; 16] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Sessions are in UTC: the driver asks for that at every start.
pub(super) fn options(url: &str, tls: &TlsOptions) -> Result<PgConnectOptions, InvalidUrl> {
    let url = ServerUrl::parse(url, is_known)?;
    let options = PgConnectOptions::from_url(url.url()).map_err(|_quotes_the_value| {
        InvalidUrl::Malformed("must have a port, addresses and numbers that can be read")
    })?;
    let is_local_socket = options.get_socket().is_some() || options.get_host().starts_with('/');
    let mut options = options.ssl_mode(match url.tls_mode(is_local_socket, tls)? {
        TlsMode::Disable => PgSslMode::Disable,
        TlsMode::Prefer => PgSslMode::Prefer,
        TlsMode::Require => PgSslMode::Require,
        TlsMode::VerifyCa => PgSslMode::VerifyCa,
        TlsMode::VerifyFull => PgSslMode::VerifyFull,
    });
    if let Some(ca) = &tls.ca {
        options = options.ssl_root_cert_from_pem(ca.clone());
    }
    if let Some(cert) = &tls.cert {
        options = options.ssl_client_cert_from_pem(cert);
    }
    if let Some(key) = &tls.key {
        options = options.ssl_client_key_from_pem(key);
    }
    Ok(options)
}

fn is_known(name: &str) -> bool {
    PARAMETERS.contains(&name) || (name.starts_with("options[") && name.ends_with(']'))
}
