//! The options of the Vault KMS, checked before anything is sent.

use std::net::IpAddr;
use std::path::PathBuf;

use reqwest::header::HeaderValue;
use url::{Host, Url};

use super::secrets::{SecretText, Token};
use crate::open::OpenError;

/// Default of [`VaultOptions::mount`].
const TRANSIT_MOUNT: &str = "transit";
/// Default of the mount of the AppRole auth method.
const APPROLE_MOUNT: &str = "approle";
/// Default of the mount of the Kubernetes auth method.
const KUBERNETES_MOUNT: &str = "kubernetes";
/// Where a pod finds the token of its service account.
const KUBERNETES_JWT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// Where Vault or OpenBao is, which key of its transit engine to use, and how to log in.
#[derive(Debug)]
pub struct VaultOptions {
    /// `https://HOST:PORT`, with a path if a proxy wants one.
    pub address: String,
    /// The name of the transit key.
    pub key: String,
    /// Where the transit engine is mounted; `transit` by default.
    pub mount: Option<String>,
    /// The namespace, such as `team-a/`; none by default.
    pub namespace: Option<String>,
    /// How to log in.
    pub auth: VaultAuth,
    /// Certificates.
    pub tls: VaultTls,
    /// Lets `address` be `http:` with a host that is not this machine: tokens and keys travel in the clear.
    pub allow_plain_http: bool,
}

/// How to get a token.
#[derive(Debug)]
#[non_exhaustive]
pub enum VaultAuth {
    /// A token, renewed while it can be.
    Token(SecretText),
    /// A file that holds a token, read again when the token is turned down: Vault Agent's sink.
    TokenFile(PathBuf),
    /// The AppRole auth method.
    AppRole {
        /// The role's id.
        role_id: String,
        /// A secret id of it.
        secret_id: SecretText,
        /// Where the auth method is mounted; `approle` by default.
        mount: Option<String>,
    },
    /// The Kubernetes auth method.
    Kubernetes {
        /// The name of the role.
        role: String,
        /// The file of the service account's token, read at each login; by default where pods have it.
        jwt_path: Option<PathBuf>,
        /// Where the auth method is mounted; `kubernetes` by default.
        mount: Option<String>,
    },
}

/// Certificates for TLS, each as PEM.
#[derive(Default)]
pub struct VaultTls {
    /// The authorities to trust, in place of the system's.
    pub ca: Option<Vec<u8>>,
    /// This client's certificate, with its chain. Needs `key`.
    pub cert: Option<Vec<u8>>,
    /// The private key of `cert`.
    pub key: Option<Vec<u8>>,
}

impl std::fmt::Debug for VaultTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VaultTls")
            .field("ca", &self.ca.is_some())
            .field("cert", &self.cert.is_some())
            .finish_non_exhaustive()
    }
}

/// An option that can't be used.
pub(super) fn invalid(name: &'static str, requirement: &'static str) -> OpenError {
    OpenError::InvalidOption { name, requirement }
}

/// Where requests go.
#[derive(Debug)]
pub(super) struct Endpoints {
    pub(super) encrypt: Url,
    pub(super) decrypt: Url,
    /// Of the auth method, if it has one.
    pub(super) login: Option<Url>,
    pub(super) lookup_self: Url,
    pub(super) renew_self: Url,
}

impl VaultOptions {
    /// The URLs of all requests.
    pub(super) fn endpoints(&self) -> Result<Endpoints, OpenError> {
        let base = self.base()?;
        let mount = mount_segments("mount", self.mount.as_deref(), TRANSIT_MOUNT)?;
        let key = check_key(&self.key)?;
        let transit = |action| endpoint(&base, &[mount.as_slice(), &[action, key]].concat());
        let token = |action| endpoint(&base, &["auth", "token", action]);
        Ok(Endpoints {
            encrypt: transit("encrypt"),
            decrypt: transit("decrypt"),
            login: self.login_segments()?.map(|path| endpoint(&base, &path)),
            lookup_self: token("lookup-self"),
            renew_self: token("renew-self"),
        })
    }

    /// The address, checked.
    pub(super) fn base(&self) -> Result<Url, OpenError> {
        let name = "address";
        let shape = "must be an https: or http: URL without credentials, query or fragment";
        let url = Url::parse(&self.address).map_err(|_| invalid(name, shape))?;
        let is_http = matches!(url.scheme(), "https" | "http");
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if !is_http || has_credentials || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(name, shape));
        }
        if url.scheme() == "http" && !self.allow_plain_http && !is_this_machine(&url) {
            let requirement = "must be an https: URL unless the host is this machine, \
                               or allowPlainHttp is set";
            return Err(invalid(name, requirement));
        }
        Ok(url)
    }

    /// The value of the namespace's header.
    pub(super) fn namespace_header(&self) -> Result<Option<HeaderValue>, OpenError> {
        let Some(namespace) = self.namespace.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let requirement = "must be a path of visible ASCII characters";
        let is_path = namespace.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::from_str(namespace).ok().filter(|_| is_path);
        value.map(Some).ok_or(invalid("namespace", requirement))
    }

    fn login_segments(&self) -> Result<Option<Vec<&str>>, OpenError> {
        let (mount, default) = match &self.auth {
            VaultAuth::Token(token) => return check_token(token).map(|()| None),
            VaultAuth::TokenFile(_) => return Ok(None),
            VaultAuth::AppRole { mount, .. } => (mount, APPROLE_MOUNT),
            VaultAuth::Kubernetes { mount, .. } => (mount, KUBERNETES_MOUNT),
        };
        let mount = mount_segments("auth.mount", mount.as_deref(), default)?;
        Ok(Some([&["auth"], mount.as_slice(), &["login"]].concat()))
    }
}

/// The file of the service account's token.
pub(super) fn jwt_path(given: Option<&PathBuf>) -> PathBuf {
    given.map_or_else(|| PathBuf::from(KUBERNETES_JWT_PATH), PathBuf::clone)
}

/// Whether nobody between here and the host can listen.
pub(super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

fn endpoint(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.path_segments_mut()
        .expect("an http URL has a path")
        .pop_if_empty()
        .push("v1")
        .extend(segments);
    url
}

fn check_token(token: &SecretText) -> Result<(), OpenError> {
    let requirement = "must be visible ASCII characters";
    Token::from_text(token.expose())
        .map(drop)
        .ok_or(invalid("auth.token", requirement))
}

/// What Vault takes as the name of a key.
fn check_key(name: &str) -> Result<&str, OpenError> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = name
        .bytes()
        .all(|byte| is_word(byte) || b"-.".contains(&byte));
    let ends = [name.bytes().next(), name.bytes().last()];
    if is_name && ends.iter().all(|end| end.is_some_and(is_word)) {
        return Ok(name);
    }
    let requirement =
        "must be the name of a transit key: letters, digits and _, inside also - and .";
    Err(invalid("key", requirement))
}

fn mount_segments<'a>(
    name: &'static str,
    given: Option<&'a str>,
    default: &'static str,
) -> Result<Vec<&'a str>, OpenError> {
    let segments: Vec<&str> = given
        .unwrap_or(default)
        .trim_matches('/')
        .split('/')
        .collect();
    let is_segment = |segment: &&str| {
        !matches!(*segment, "" | "." | "..") && segment.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match segments.iter().all(is_segment) {
        true => Ok(segments),
        false => Err(invalid(
            name,
            "must be the path of a mount, such as transit",
        )),
    }
}
