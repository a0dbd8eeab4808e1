//! URLs of database servers, checked before a driver sees them: drivers pass over what they don't
//! know, and log it with its value.

use std::borrow::Cow;

use ::url::Url;

use super::TlsOptions;

/// Why a URL can't be used. It repeats no part of the URL but a parameter's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It lacks a part, or a part has no usable value.
    #[error("{0}")]
    Malformed(&'static str),
    /// It has a parameter that this metastore doesn't know.
    #[error("has the parameter {0}, which is not supported")]
    UnknownParameter(String),
    /// It has a parameter whose name could be a part of something secret.
    #[error("has a parameter that is not supported; reserved characters must be percent-encoded")]
    UnnamedParameter,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// Not at all.
    Disable,
    /// By TLS if the server offers it, which whoever is in between can prevent.
    Prefer,
    /// By TLS with any certificate.
    Require,
    /// By TLS with a certificate of a known authority.
    VerifyCa,
    /// By TLS with a certificate of a known authority for this very host.
    VerifyFull,
}

/// A URL whose parameters are all known, those about the mode of TLS taken out.
#[derive(Clone)]
pub(crate) struct ServerUrl {
    url: Url,
    mode: Option<TlsMode>,
    has_ca: bool,
}

const MODE: [&str; 2] = ["sslmode", "ssl-mode"];
const CA: [&str; 4] = ["sslrootcert", "ssl-root-cert", "ssl-ca", "sslca"];
/// Longest name of a parameter that an error repeats.
const MAX_NAME_BYTES: usize = 40;

impl ServerUrl {
    /// Reads a URL; `is_known` tells the parameters besides the mode of TLS.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub(crate) fn parse(text: &str, is_known: impl Fn(&str) -> bool) -> Result<Self, InvalidUrl> {
        let mut url =
            Url::parse(text).map_err(|_syntax| InvalidUrl::Malformed("must be a valid URL"))?;
        // A password with a bare `/`, `#` or `?` in it would end up in these parts.
        if url.fragment().is_some() || url.path().contains('@') {
            return Err(InvalidUrl::Malformed(
                "must have reserved characters percent-encoded",
            ));
        }
        let mut mode = None;
        let mut has_ca = false;
        let mut others = Vec::new();
        for (name, value) in url.query_pairs() {
            if MODE.contains(&&*name) {
                mode = Some(TlsMode::parse(&value)?);
            } else if is_known(&name) {
                has_ca |= CA.contains(&&*name);
                others.push((name.into_owned(), value.into_owned()));
            } else {
                return Err(unknown_parameter(name, url.query().unwrap_or_default()));
            }
        }
        url.set_query(None);
        if !others.is_empty() {
            url.query_pairs_mut().extend_pairs(others);
        }
        Ok(Self { url, mode, has_ca })
    }

    /// The URL for the driver.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// TLS is required unless the URL says otherwise, or nothing leaves the machine. An authority
    /// that is given is always asked.
    ///
    /// # Errors
    /// [`InvalidUrl`]: certificates for a connection without TLS, or half of a client's.
    pub(crate) fn tls_mode(
        &self,
        is_local_socket: bool,
        tls: &TlsOptions,
    ) -> Result<TlsMode, InvalidUrl> {
        if tls.cert.is_some() != tls.key.is_some() {
            return Err(InvalidUrl::Malformed("needs tls.cert and tls.key together"));
        }
        let verifies = self.has_ca || tls.ca.is_some();
        let has_certificates = verifies || tls.cert.is_some();
        match self.mode {
            Some(TlsMode::Disable) if has_certificates => Err(InvalidUrl::Malformed(
                "must not turn TLS off where certificates for it are given",
            )),
            Some(TlsMode::Prefer | TlsMode::Require) if verifies => Ok(TlsMode::VerifyCa),
            Some(mode) => Ok(mode),
            None if is_local_socket => Ok(TlsMode::Disable),
            None if verifies => Ok(TlsMode::VerifyFull),
            None => Ok(TlsMode::Require),
        }
    }
}

impl TlsMode {
    /// PostgreSQL's and MySQL's words.
    fn parse(text: &str) -> Result<Self, InvalidUrl> {
        match text.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Ok(Self::Disable),
            "allow" | "prefer" | "preferred" => Ok(Self::Prefer),
            "require" | "required" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" | "verify-identity" => Ok(Self::VerifyFull),
            _ => Err(InvalidUrl::Malformed(
                "must have an sslmode of disable, prefer, require, verify-ca or verify-full",
            )),
        }
    }
}

/// Names the parameter, unless it may be the end of a password with a bare `&` in it.
pub(crate) fn unknown_parameter(name: Cow<'_, str>, query: &str) -> InvalidUrl {
    let is_plain = name.len() <= MAX_NAME_BYTES
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    let has_value = query
        .split('&')
        .any(|pair| pair.split_once('=').is_some_and(|(n, _)| n == name));
    if is_plain && has_value {
        InvalidUrl::UnknownParameter(name.into_owned())
    } else {
        InvalidUrl::UnnamedParameter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ServerUrl, InvalidUrl> {
        ServerUrl::parse(text, |name| matches!(name, "user" | "ssl-ca"))
    }

    #[test]
    fn unknown_parameters_are_refused_by_name_without_their_values() {
        let error = parse("postgres://h/d?user=u&target=secret")
            .map(drop)
            .unwrap_err();
        assert_eq!(error, InvalidUrl::UnknownParameter("target".to_owned()));
        for url in [
            "postgres://h/d?user=u&secret",
            "postgres://h/d?se%63ret=1",
            "postgres://h/d?sec/ret=1",
        ] {
            let error = parse(url).map(drop).unwrap_err();
            assert_eq!(error, InvalidUrl::UnnamedParameter, "{url}");
        }
    }

    #[test]
    fn a_password_that_is_not_percent_encoded_is_never_taken_for_another_part() {
        for url in [
            "postgres://u:1/secret@h/d",
            "postgres://u:p#secret@h/d",
            "postgres://u:p/secret@h/d",
            "postgres://h/d?sslmode=secret",
            "secret",
        ] {
            let error = parse(url).map(drop).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("secret"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn tls_is_required_unless_the_url_says_otherwise() {
        let tls = |has_ca: bool| TlsOptions {
            ca: has_ca.then(Vec::new),
            ..TlsOptions::default()
        };
        for (url, is_local_socket, has_ca, expected) in [
            ("mysql://h/d", false, false, TlsMode::Require),
            ("mysql://h/d", false, true, TlsMode::VerifyFull),
            (
                "mysql://h/d?ssl-ca=ca.pem",
                false,
                false,
                TlsMode::VerifyFull,
            ),
            ("mysql://h/d", true, false, TlsMode::Disable),
            (
                "mysql://h/d?sslmode=disable",
                false,
                false,
                TlsMode::Disable,
            ),
            (
                "mysql://h/d?ssl-mode=PREFERRED",
                false,
                false,
                TlsMode::Prefer,
            ),
            (
                "mysql://h/d?ssl-mode=REQUIRED",
                false,
                true,
                TlsMode::VerifyCa,
            ),
            (
                "mysql://h/d?ssl-mode=VERIFY_IDENTITY",
                true,
                false,
                TlsMode::VerifyFull,
            ),
        ] {
            let mode = parse(url).unwrap().tls_mode(is_local_socket, &tls(has_ca));
            assert_eq!(mode, Ok(expected), "{url}");
        }
        let contradiction = parse("mysql://h/d?sslmode=disable").unwrap();
        assert!(contradiction.tls_mode(false, &tls(true)).is_err());
        let half = TlsOptions {
            key: Some(Vec::new()),
            ..TlsOptions::default()
        };
        assert!(
            parse("mysql://h/d")
                .unwrap()
                .tls_mode(false, &half)
                .is_err()
        );
    }

    #[test]
    fn the_driver_gets_all_parameters_but_the_mode() {
        let url = parse("mysql://h/d?sslmode=require&user=a%26b").unwrap();
        assert_eq!(url.url().as_str(), "mysql://h/d?user=a%26b");
        assert_eq!(
            parse("mysql://h/d?sslmode=require").unwrap().url().query(),
            None
        );
    }
}
