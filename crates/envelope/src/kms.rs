//! What the key hierarchy needs of a key management service.

use std::error::Error as StdError;

use futures_util::future::BoxFuture;

use crate::secret::SecretKey;

/// A failure of a key management service, as the service sees it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KmsError {
    /// No answer: the network, throttling, a time-out.
    #[error("the key management service is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer is no: denied, disabled, or not a ciphertext of this master key.
    #[error("the key management service refused")]
    Refused(#[source] Box<dyn StdError + Send + Sync>),
}

/// Wraps and unwraps system keys with the master key.
pub trait KeyManagementService: Send + Sync + 'static {
    /// Encrypts a system key. The result's layout is the service's own.
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>>;

    /// Decrypts what `encrypt_key` of any process with the same master key returned.
    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>>;

    /// Asks for a sign of life.
    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>>;
}
