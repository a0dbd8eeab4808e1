//! Getting a token: each way of logging in, and what a token says of itself.
//! Sources: "AppRole auth method (API)", "Kubernetes auth method (API)", "Token auth method (API)".

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::VaultError;
use super::http::{Request, VaultClient};
use super::options::{Endpoints, VaultAuth, jwt_path};
use super::secrets::{Token, json_object};

/// Longest file that is taken for a token, in bytes.
const MAX_CREDENTIAL_LEN_BYTES: u64 = 64 * 1024;

/// A token and the time it was granted.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) token: Token,
    /// `None`: it never ends.
    pub(super) lease: Option<Duration>,
    pub(super) is_renewable: bool,
}

#[derive(Deserialize)]
struct LoginAnswer {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    client_token: Token,
    lease_duration: u64,
    renewable: bool,
}

#[derive(Deserialize)]
struct LookupAnswer {
    data: TokenData,
}

#[derive(Deserialize)]
struct TokenData {
    ttl: u64,
    #[serde(default)]
    renewable: bool,
}

impl From<Auth> for Grant {
    fn from(auth: Auth) -> Self {
        Self {
            token: auth.client_token,
            lease: lease(auth.lease_duration),
            is_renewable: auth.renewable,
        }
    }
}

/// Where and how to ask for tokens.
pub(super) struct Login {
    pub(super) http: Arc<VaultClient>,
    pub(super) endpoints: Arc<Endpoints>,
    pub(super) auth: VaultAuth,
}

impl Login {
    /// Whether logging in again can give another token.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self.auth, VaultAuth::Token(_))
    }

    /// A token by the configured way.
    pub(super) async fn log_in(&self) -> Result<Grant, VaultError> {
        match &self.auth {
            VaultAuth::Token(text) => self.given(text.expose()).await,
            VaultAuth::TokenFile(path) => {
                let text = read_credential("token", path.clone()).await?;
                self.given(text.trim()).await
            }
            VaultAuth::AppRole {
                role_id, secret_id, ..
            } => {
                self.exchange(&[("role_id", role_id), ("secret_id", secret_id.expose())])
                    .await
            }
            VaultAuth::Kubernetes {
                role,
                jwt_path: path,
                ..
            } => {
                let jwt = read_credential("service account token", jwt_path(path.as_ref())).await?;
                self.exchange(&[("role", role), ("jwt", jwt.trim())]).await
            }
        }
    }

    /// More time for a token.
    pub(super) async fn renew(&self, token: &Token) -> Result<Grant, VaultError> {
        let request = Request {
            operation: "renew the token",
            url: &self.endpoints.renew_self,
            token: Some(token.clone()),
            body: Some(json_object(&[])),
        };
        let answer: LoginAnswer = self.http.send(request).await?;
        Ok(answer.auth.into())
    }

    /// Asks what a token says of itself: a sign of life, and of the token's.
    pub(super) async fn look_up(&self, token: &Token) -> Result<Grant, VaultError> {
        let request = Request {
            operation: "look up the token",
            url: &self.endpoints.lookup_self,
            token: Some(token.clone()),
            body: None,
        };
        let LookupAnswer { data } = self.http.send(request).await?;
        Ok(Grant {
            token: token.clone(),
            lease: lease(data.ttl),
            is_renewable: data.renewable,
        })
    }

    async fn given(&self, text: &str) -> Result<Grant, VaultError> {
        let token = Token::from_text(text).ok_or(VaultError::NoCredential { what: "token" })?;
        self.look_up(&token).await
    }

    async fn exchange(&self, members: &[(&str, &str)]) -> Result<Grant, VaultError> {
        let url = self.endpoints.login.as_ref();
        let request = Request {
            operation: "log in",
            url: url.expect("a method that logs in has an endpoint"),
            token: None,
            body: Some(json_object(members)),
        };
        let answer: LoginAnswer = self.http.send(request).await?;
        Ok(answer.auth.into())
    }
}

/// "A TTL of 0 means that the token never expires."
fn lease(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// The text of a file that another process writes anew from time to time.
async fn read_credential(
    what: &'static str,
    path: PathBuf,
) -> Result<Zeroizing<String>, VaultError> {
    let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
    let bytes = read
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|source| VaultError::CredentialFile {
            what,
            source: Arc::new(source),
        })?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.trim().is_empty() => Ok(Zeroizing::new(text.to_owned())),
        _ => Err(VaultError::NoCredential { what }),
    }
}

fn read_file(path: &std::path::Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    use std::io::Read;
    let file = std::fs::File::open(path)?;
    // Never grown: a buffer that is moved leaves a copy behind.
    let capacity = file.metadata()?.len().min(MAX_CREDENTIAL_LEN_BYTES) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(capacity).unwrap_or(0)));
    file.take(MAX_CREDENTIAL_LEN_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
