//! A master key in memory: for tests, and for a machine whose own protection is all there is.

use futures_util::future::ready;
use futures_util::{FutureExt, TryFutureExt};
use sealdiff_envelope::aead::gcm;
use sealdiff_envelope::{BoxFuture, KeyManagementService, KmsError, SecretKey};

/// Wraps system keys with a 32-byte key given by the caller.
///
/// The wrapped key is Asherah's static KMS blob: `ciphertext(32) ‖ tag(16) ‖ nonce(12)`.
#[derive(Debug)]
pub struct StaticKeyManagementService {
    master_key: SecretKey,
}

impl StaticKeyManagementService {
    /// A service over `master_key`.
    #[must_use]
    pub fn new(master_key: SecretKey) -> Self {
        Self { master_key }
    }
}

/// The bytes are not a system key under this master key.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system key does not decrypt under this static master key")]
struct ForeignCiphertext;

impl KeyManagementService for StaticKeyManagementService {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        ready(gcm::wrap_key(&self.master_key, key))
            .map_err(|error| KmsError::Unavailable(Box::new(error)))
            .boxed()
    }

    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        ready(gcm::unwrap_key(&self.master_key, encrypted_key))
            .map_err(|_forged| KmsError::Refused(Box::new(ForeignCiphertext)))
            .boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>> {
        ready(Ok(())).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(byte: u8) -> StaticKeyManagementService {
        StaticKeyManagementService::new(SecretKey::from_slice(&[byte; 32]).unwrap())
    }

    #[tokio::test]
    async fn passes_the_contract() {
        sealdiff_testkit::kms_contract(&service(1)).await;
    }

    #[tokio::test]
    async fn refuses_the_ciphertext_of_another_master_key() {
        let key = SecretKey::generate().unwrap();
        let wrapped = service(1).encrypt_key(&key).await.unwrap();
        let outcome = service(2).decrypt_key(&wrapped).await;
        assert!(matches!(outcome, Err(KmsError::Refused(_))));
    }
}
