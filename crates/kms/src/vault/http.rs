//! Requests to Vault over HTTP: headers, redirects, and what a status means. Knows no token's life.
//! Source: "HTTP API" of Vault and OpenBao.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Certificate, Client, Identity, Method, Response, StatusCode, redirect};
use serde::de::DeserializeOwned;
use url::Url;
use zeroize::Zeroizing;

use super::error::VaultError;
use super::options::{VaultOptions, VaultTls, invalid, is_this_machine};
use super::secrets::Token;
use super::words::own_words;
use crate::open::OpenError;

/// The longest that connecting may take, so that a node that swallows packets is given up while the
/// factory's timeout still leaves time to say so.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest that one request may take: only renewals in the background have no timeout round them.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Longer than an answer can be, in bytes; nothing grows past it.
const MAX_ANSWER_LEN_BYTES: usize = 64 * 1024;

/// A request: GET without a body, POST with one.
#[derive(Clone)]
pub(super) struct Request<'a> {
    /// For messages.
    pub(super) operation: &'static str,
    pub(super) url: &'a Url,
    pub(super) token: Option<Token>,
    pub(super) body: Option<Bytes>,
}

/// A connection pool to one Vault.
#[derive(Debug)]
pub(super) struct VaultClient {
    client: Client,
    namespace: Option<HeaderValue>,
    allows_plain_http: bool,
}

impl VaultClient {
    pub(super) fn new(options: &VaultOptions) -> Result<Self, OpenError> {
        Ok(Self {
            client: http_client(&options.base()?, &options.tls)?,
            namespace: options.namespace_header()?,
            allows_plain_http: options.allow_plain_http,
        })
    }

    /// Sends a request and reads the JSON of its answer.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        request: Request<'_>,
    ) -> Result<T, VaultError> {
        let (status, answer) = self.exchange(&request).await?;
        if !status.is_success() {
            return Err(refusal_or_outage(&request, status, &answer));
        }
        serde_json::from_slice(&answer)
            .map_err(|_secret| unexpected(&request, "is not what Vault answers"))
    }

    /// A standby that does not forward sends its clients to the active node, by 307 and to the same path: that
    /// is followed, once ("High availability", client redirection). The node that says so has shown its
    /// certificate and holds token and key already, so it could pass them on itself.
    async fn exchange(
        &self,
        request: &Request<'_>,
    ) -> Result<(StatusCode, Zeroizing<Vec<u8>>), VaultError> {
        let first = self.attempt(request).await?;
        if !first.status().is_redirection() {
            return read(first, request).await;
        }
        let to_active = (first.status() == StatusCode::TEMPORARY_REDIRECT)
            .then(|| self.active_node(request.url, first.headers().get(LOCATION)))
            .flatten()
            .ok_or_else(|| unexpected(request, "is a redirect that is not followed"))?;
        let again = Request {
            url: &to_active,
            ..request.clone()
        };
        let second = self.attempt(&again).await?;
        if second.status().is_redirection() {
            return Err(unexpected(request, "is a redirect after a redirect"));
        }
        read(second, request).await
    }

    async fn attempt(&self, request: &Request<'_>) -> Result<Response, VaultError> {
        let method = match request.body {
            Some(_) => Method::POST,
            None => Method::GET,
        };
        let mut builder = self.client.request(method, request.url.clone());
        builder = builder.header("x-vault-request", "true");
        if let Some(namespace) = &self.namespace {
            builder = builder.header("x-vault-namespace", namespace.clone());
        }
        if let Some(token) = &request.token {
            builder = builder.header("x-vault-token", token.header());
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        builder
            .send()
            .await
            .map_err(|source| no_answer(request, source))
    }

    /// The same path on another node, by a scheme that is as safe.
    fn active_node(&self, from: &Url, location: Option<&HeaderValue>) -> Option<Url> {
        let to = Url::parse(location?.to_str().ok()?).ok()?;
        let is_safe = to.scheme() == "https" || self.allows_plain_http || is_this_machine(&to);
        let is_same = to.scheme() == from.scheme()
            && from.path().ends_with(to.path())
            && to.query().is_none()
            && to.username().is_empty();
        (is_safe && is_same).then_some(to)
    }
}

fn http_client(address: &Url, tls: &VaultTls) -> Result<Client, OpenError> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT);
    if address.scheme() == "http" || is_this_machine(address) {
        // A proxy would be one more that reads along.
        builder = builder.no_proxy();
    }
    if address.scheme() == "http" {
        builder = builder.tls_certs_only([]);
    }
    if let Some(authorities) = &tls.ca {
        builder = builder.tls_certs_only(certificates(authorities)?);
    }
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => builder = builder.identity(identity(cert, key)?),
        (None, None) => {}
        _ => {
            return Err(invalid("tls", "must have both cert and key, or neither"));
        }
    }
    builder.build().map_err(|_| unusable_tls(tls))
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, OpenError> {
    let found = Certificate::from_pem_bundle(pem).unwrap_or_default();
    match found.is_empty() {
        true => Err(invalid("tls.ca", "must hold certificates as PEM")),
        false => Ok(found),
    }
}

fn identity(cert: &[u8], key: &[u8]) -> Result<Identity, OpenError> {
    let mut both = Zeroizing::new(Vec::with_capacity(key.len() + cert.len() + 1));
    both.extend_from_slice(key);
    both.push(b'\n');
    both.extend_from_slice(cert);
    Identity::from_pem(&both)
        .map_err(|_| invalid("tls", "must have a certificate and its key as PEM"))
}

fn unusable_tls(tls: &VaultTls) -> OpenError {
    match tls.ca.is_some() || tls.cert.is_some() {
        true => invalid("tls", "holds certificates or a key that can't be used"),
        false => invalid("tls", "must have a ca: this system lists no authorities"),
    }
}

async fn read(
    mut response: Response,
    request: &Request<'_>,
) -> Result<(StatusCode, Zeroizing<Vec<u8>>), VaultError> {
    // Never grown: a buffer that is moved leaves a copy behind.
    let mut answer = Zeroizing::new(Vec::with_capacity(MAX_ANSWER_LEN_BYTES));
    let broken = |source| no_answer(request, source);
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if answer.len() + chunk.len() > MAX_ANSWER_LEN_BYTES {
            return Err(unexpected(request, "is too long"));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok((response.status(), answer))
}

/// Vault says no with a status of its own and a list of errors. Without that list somebody between here and Vault
/// spoke; a limit (429), a missing write of another node (412) or a standby (472, 473) passes.
fn refusal_or_outage(request: &Request<'_>, status: StatusCode, answer: &[u8]) -> VaultError {
    let passes = matches!(status.as_u16(), 408 | 412 | 425 | 429 | 472 | 473);
    let sent = request.body.as_deref().unwrap_or_default();
    let errors = own_words(answer, sent);
    VaultError::Status {
        operation: request.operation,
        status: status.as_u16(),
        is_refusal: status.is_client_error() && !passes && errors.is_some(),
        errors: errors.unwrap_or_else(|| "not in Vault's words".to_owned()),
    }
}

fn no_answer(request: &Request<'_>, source: reqwest::Error) -> VaultError {
    VaultError::NoAnswer {
        operation: request.operation,
        source: Arc::new(source.without_url()),
    }
}

fn unexpected(request: &Request<'_>, reason: &'static str) -> VaultError {
    VaultError::UnexpectedAnswer {
        operation: request.operation,
        reason,
    }
}
