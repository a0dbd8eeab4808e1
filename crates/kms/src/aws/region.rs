//! One region: a client, and the KMS key that it asks for.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::timeout::TimeoutConfig;
use aws_sdk_kms::config::{Builder, Region as RegionName};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeyMetadata};
use bytes::Bytes;
use sealdiff_envelope::SecretKey;
use zeroize::Zeroizing;

use super::blob::EncryptedKek;
use super::failure::{RegionFailure, is_denial};
use super::options::AwsRegion;

/// The longest that one region is waited for, retries and credentials included: the next one may
/// be quicker, and the factory's timeout must hold for a few.
const TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// One retry, for a connection that the other side has closed meanwhile, or a throttled moment.
const ATTEMPTS: u32 = 2;
const INITIAL_BACKOFF: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Region {
    name: String,
    key_arn: String,
    client: Client,
}

impl Region {
    pub(super) fn new(region: AwsRegion, config: &SdkConfig) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_timeout(TIMEOUT);
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(INITIAL_BACKOFF);
        let mut builder = Builder::from(config)
            .region(RegionName::new(region.endpoint_name()))
            .timeout_config(timeouts.build())
            .retry_config(retries);
        if let Some(endpoint) = region.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        Self {
            name: region.name,
            key_arn: region.key_arn,
            client: Client::from_conf(builder.build()),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    /// A fresh data key, in clear and encrypted.
    pub(super) async fn generate_data_key(
        &self,
    ) -> Result<(SecretKey, EncryptedKek), RegionFailure> {
        let answer = self
            .client
            .generate_data_key()
            .key_id(&self.key_arn)
            .key_spec(DataKeySpec::Aes256)
            .send()
            .await
            .map_err(|error| RegionFailure::of(&self.name, &error))?;
        Ok((
            self.secret(answer.plaintext)?,
            self.kek(answer.ciphertext_blob)?,
        ))
    }

    pub(super) async fn encrypt(
        &self,
        data_key: &SecretKey,
    ) -> Result<EncryptedKek, RegionFailure> {
        let answer = self
            .client
            .encrypt()
            .key_id(&self.key_arn)
            .plaintext(erased_when_dropped(data_key))
            .send()
            .await
            .map_err(|error| RegionFailure::of(&self.name, &error))?;
        self.kek(answer.ciphertext_blob)
    }

    /// The key is the configured one: whoever writes the metastore could name one of theirs.
    pub(super) async fn decrypt(&self, kek: &[u8]) -> Result<SecretKey, RegionFailure> {
        let answer = self
            .client
            .decrypt()
            .key_id(&self.key_arn)
            .ciphertext_blob(Blob::new(kek))
            .send()
            .await
            .map_err(|error| RegionFailure::of(&self.name, &error))?;
        self.secret(answer.plaintext)
    }

    /// Looks at the key. Who may only use it is denied that, by a service that is alive.
    pub(super) async fn describe_key(&self) -> Result<(), RegionFailure> {
        match self
            .client
            .describe_key()
            .key_id(&self.key_arn)
            .send()
            .await
        {
            Ok(answer) if answer.key_metadata.as_ref().is_some_and(is_off) => {
                Err(RegionFailure::refused(&self.name, "the key is not enabled"))
            }
            Ok(_) => Ok(()),
            Err(error) if is_denial(&error) => Ok(()),
            Err(error) => Err(RegionFailure::of(&self.name, &error)),
        }
    }

    /// Takes the bytes out of the answer, and erases them there.
    fn secret(&self, plaintext: Option<Blob>) -> Result<SecretKey, RegionFailure> {
        let bytes = Zeroizing::new(plaintext.map(Blob::into_inner).unwrap_or_default());
        SecretKey::from_slice(&bytes)
            .ok_or_else(|| RegionFailure::refused(&self.name, "the data key is not 32 bytes long"))
    }

    fn kek(&self, ciphertext: Option<Blob>) -> Result<EncryptedKek, RegionFailure> {
        let ciphertext = ciphertext
            .ok_or_else(|| RegionFailure::refused(&self.name, "the answer has no ciphertext"))?;
        Ok(EncryptedKek {
            region: self.name.clone(),
            arn: self.key_arn.clone(),
            ciphertext: ciphertext.into_inner(),
        })
    }
}

/// The request's copy of a key. The SDK writes another into the body that it sends.
fn erased_when_dropped(key: &SecretKey) -> Blob {
    let copy = Zeroizing::new(key.expose().to_vec());
    Blob::from_maybe_shared(Bytes::from_owner(copy))
}

fn is_off(key: &KeyMetadata) -> bool {
    !key.enabled
}
