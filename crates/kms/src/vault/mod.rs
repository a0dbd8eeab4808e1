//! HashiCorp Vault or OpenBao: the transit engine wraps system keys with a key that never leaves the server.
//!
//! Must not know: records or metastores. Source: "Transit secrets engine (API)" of both.

mod ciphertext;
mod error;
mod http;
mod lease;
mod login;
mod options;
mod secrets;
mod tokens;
mod words;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use sealdiff_envelope::{BoxFuture, Clock, KeyManagementService, KmsError, SecretKey, Spawner};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use ciphertext::is_ciphertext;
use http::{Request, VaultClient};
use login::Login;
use options::Endpoints;
use secrets::{EncodedKey, Token, encode_key, json_object};
use tokens::Tokens;

use crate::open::OpenError;

pub use error::VaultError;
pub use options::{VaultAuth, VaultOptions, VaultTls};
pub use secrets::SecretText;

/// Wraps system keys with a key of Vault's transit engine.
///
/// The wrapped key is Vault's ciphertext verbatim: ASCII, `vault:v<n>:<base64>`.
pub struct VaultKeyManagementService {
    http: Arc<VaultClient>,
    endpoints: Arc<Endpoints>,
    tokens: Arc<Tokens>,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: EncodedKey,
}

/// A call of the transit engine.
struct Call<'a> {
    operation: &'static str,
    url: &'a Url,
    body: Bytes,
}

impl VaultKeyManagementService {
    /// A service by these options. Nothing is sent before the first call.
    ///
    /// # Errors
    /// [`OpenError::InvalidOption`] names an option that can't be used.
    pub fn new(
        options: VaultOptions,
        clock: Arc<dyn Clock>,
        spawner: Arc<dyn Spawner>,
    ) -> Result<Self, OpenError> {
        let http = Arc::new(VaultClient::new(&options)?);
        let endpoints = Arc::new(options.endpoints()?);
        let login = Login {
            http: Arc::clone(&http),
            endpoints: Arc::clone(&endpoints),
            auth: options.auth,
        };
        Ok(Self {
            http,
            endpoints,
            tokens: Tokens::new(login, clock, spawner),
        })
    }

    /// A call with the current token; once more with another, if that one is turned down.
    async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, VaultError> {
        let lease = self.tokens.current().await?;
        let denial = match self.send(&call, &lease.grant.token).await {
            Err(error) if error.is_denial() => error,
            outcome => return outcome,
        };
        let Some(replacement) = self.tokens.replace(&lease).await? else {
            return Err(denial);
        };
        let outcome = self.send(&call, &replacement.grant.token).await;
        if outcome.as_ref().is_err_and(VaultError::is_denial) {
            self.tokens.note_denial();
        }
        outcome
    }

    async fn send<T: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        token: &Token,
    ) -> Result<T, VaultError> {
        let request = Request {
            operation: call.operation,
            url: call.url,
            token: Some(token.clone()),
            body: Some(call.body.clone()),
        };
        self.http
            .send::<Answer<T>>(request)
            .await
            .map(|answer| answer.data)
    }

    async fn encrypt(&self, key: &SecretKey) -> Result<Vec<u8>, VaultError> {
        let operation = "encrypt a system key";
        let call = Call {
            operation,
            url: &self.endpoints.encrypt,
            body: json_object(&[("plaintext", &encode_key(key))]),
        };
        let Encrypted { ciphertext } = self.call(call).await?;
        match is_ciphertext(ciphertext.as_bytes()) {
            true => Ok(ciphertext.into_bytes()),
            false => Err(VaultError::UnexpectedAnswer {
                operation,
                reason: "holds no ciphertext of Vault Transit",
            }),
        }
    }

    async fn decrypt(&self, encrypted_key: &[u8]) -> Result<SecretKey, VaultError> {
        let foreign = |reason| VaultError::ForeignCiphertext { reason };
        let ciphertext = std::str::from_utf8(encrypted_key)
            .ok()
            .filter(|text| is_ciphertext(text.as_bytes()))
            .ok_or(foreign("is no ciphertext of Vault Transit"))?;
        let call = Call {
            operation: "decrypt a system key",
            url: &self.endpoints.decrypt,
            body: json_object(&[("ciphertext", ciphertext)]),
        };
        let Decrypted { plaintext } = self.call(call).await?;
        plaintext.0.ok_or(foreign("holds no key of 32 bytes"))
    }

    /// Proves that a node answers and is unsealed, and that the token lives. `sys/health` would know nothing of the
    /// token; encrypting would need a right that not every service has.
    async fn look_up(&self) -> Result<(), VaultError> {
        let lease = self.tokens.current().await?;
        match self.tokens.look_up(&lease).await {
            Err(denial) if denial.is_denial() => match self.tokens.replace(&lease).await? {
                Some(replacement) => self.tokens.look_up(&replacement).await,
                None => Err(denial),
            },
            outcome => outcome,
        }
    }
}

impl KeyManagementService for VaultKeyManagementService {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        async move { Ok(self.encrypt(key).await?) }.boxed()
    }

    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        async move { Ok(self.decrypt(encrypted_key).await?) }.boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>> {
        async move { Ok(self.look_up().await?) }.boxed()
    }
}

impl fmt::Debug for VaultKeyManagementService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultKeyManagementService")
            .field("encrypt", &self.endpoints.encrypt.as_str())
            .finish_non_exhaustive()
    }
}
