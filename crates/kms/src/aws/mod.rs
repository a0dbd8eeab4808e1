//! AWS KMS in one region or several: a system key is sealed under a data key, and the data key is
//! encrypted by the KMS key of each region, so that any one of them can open it.
//!
//! Must not know: where credentials come from (the SDK's usual chain), or who asks.

mod blob;
mod failure;
mod options;
mod region;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_kms::config::Region as RegionName;
use futures_util::FutureExt;
use futures_util::future::join_all;
use sealdiff_envelope::aead::gcm;
use sealdiff_envelope::{BoxFuture, KeyManagementService, KmsError, SecretKey};

use self::blob::{EncryptedKek, KmsBlob};
pub use self::failure::{RegionFailure, RegionsFailed};
pub use self::options::{AwsKmsOptions, AwsRegion};
use self::region::Region;
use crate::open::OpenError;

/// Wraps system keys by AWS KMS.
///
/// The wrapped key is Asherah's JSON of all regions, whatever their number.
#[derive(Debug)]
pub struct AwsKeyManagementService {
    /// Never empty; the preferred one first.
    regions: Vec<Region>,
    min_regions: usize,
}

impl AwsKeyManagementService {
    /// A service with the credentials of the SDK's usual chain. Asks no KMS.
    ///
    /// # Errors
    /// [`OpenError::InvalidOption`].
    pub async fn open(options: AwsKmsOptions) -> Result<Self, OpenError> {
        let options = options.checked()?;
        let preferred = RegionName::new(options.regions[0].endpoint_name());
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(preferred)
            .load()
            .await;
        Ok(Self::over(options, &config))
    }

    /// A service with the credentials, HTTP client and endpoints of an SDK configuration.
    ///
    /// # Errors
    /// [`OpenError::InvalidOption`].
    pub fn new(options: AwsKmsOptions, config: &SdkConfig) -> Result<Self, OpenError> {
        Ok(Self::over(options.checked()?, config))
    }

    fn over(options: options::Checked, config: &SdkConfig) -> Self {
        let open = |region| Region::new(region, config);
        Self {
            regions: options.regions.into_iter().map(open).collect(),
            min_regions: options.min_regions,
        }
    }

    async fn encrypt(&self, key: &SecretKey) -> Result<Vec<u8>, KmsError> {
        let data_key = self.generate_data_key().await?;
        let encrypted_key = gcm::wrap_key(&data_key.key, key)
            .map_err(|no_random| KmsError::Unavailable(Box::new(no_random)))?;
        let keks = self.encrypt_data_key(data_key).await?;
        Ok(KmsBlob::new(&encrypted_key, keks).to_json())
    }

    /// A fresh data key by the first region that answers.
    async fn generate_data_key(&self) -> Result<DataKey, KmsError> {
        let mut failures = Vec::new();
        for region in &self.regions {
            match region.generate_data_key().await {
                Ok((key, kek)) => return Ok(DataKey { key, kek, failures }),
                Err(failure) => failures.push(failure),
            }
        }
        Err(RegionsFailed::new(failures).into())
    }

    /// The data key encrypted by every region that can, in their order, all at the same time. A
    /// region that was silent is not asked again; one that answered, whatever it was, may still encrypt.
    async fn encrypt_data_key(&self, made: DataKey) -> Result<Vec<EncryptedKek>, KmsError> {
        let mut failures = made.failures;
        failures.retain(RegionFailure::is_silence);
        let is_lost = |region: &Region| failures.iter().any(|f| region.is_named(f.region()));
        let asked = self.regions.iter().filter(|region| !is_lost(region));
        let (key, done) = (&made.key, &made.kek);
        let encryptions = asked.map(|region| async move {
            match region.is_named(&done.region) {
                true => Ok(done.clone()),
                false => region.encrypt(key).await,
            }
        });
        let mut keks = Vec::new();
        for outcome in join_all(encryptions).await {
            match outcome {
                Ok(kek) => keks.push(kek),
                Err(failure) => failures.push(failure),
            }
        }
        if keks.len() < self.min_regions {
            return Err(RegionsFailed::new(failures).into());
        }
        for failure in failures {
            warn_of(
                &failure,
                "a system key can't be decrypted in one of the regions",
            );
        }
        Ok(keks)
    }

    async fn decrypt(&self, encrypted_key: &[u8]) -> Result<SecretKey, KmsError> {
        let blob = KmsBlob::parse(encrypted_key)
            .ok_or_else(|| KmsError::Refused(Box::new(ForeignCiphertext)))?;
        let mut failures = Vec::new();
        for region in &self.regions {
            match decrypt_in(region, &blob).await {
                Ok(key) => {
                    for failure in &failures {
                        warn_of(failure, "another region had to decrypt a system key");
                    }
                    return Ok(key);
                }
                Err(failure) => failures.push(failure),
            }
        }
        Err(RegionsFailed::new(failures).into())
    }

    /// Any answer is a sign of life; being denied to look is one, too.
    async fn ask_for_life(&self) -> Result<(), KmsError> {
        let mut failures = Vec::new();
        for region in &self.regions {
            match region.describe_key().await {
                Ok(()) => return Ok(()),
                Err(failure) => failures.push(failure),
            }
        }
        Err(RegionsFailed::new(failures).into())
    }
}

/// A data key that a region has made.
struct DataKey {
    key: SecretKey,
    /// The key, encrypted by that region.
    kek: EncryptedKek,
    /// The regions that were asked before it.
    failures: Vec<RegionFailure>,
}

/// The bytes are not Asherah's JSON of AWS KMS.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system key was not encrypted by AWS KMS")]
struct ForeignCiphertext;

async fn decrypt_in(region: &Region, blob: &KmsBlob) -> Result<SecretKey, RegionFailure> {
    let refused = |reason| RegionFailure::refused(region.name(), reason);
    let kek = blob
        .kek_of(region.name())
        .ok_or_else(|| refused("the system key was not encrypted for this region"))?;
    let data_key = region.decrypt(&kek).await?;
    gcm::unwrap_key(&data_key, blob.encrypted_key())
        .map_err(|_forged| refused("its data key does not open the system key"))
}

/// Without the service's own words, which name roles and keys: the log is not the caller's alone.
fn warn_of(failure: &RegionFailure, message: &'static str) {
    tracing::warn!(
        region = failure.region(),
        refused = failure.is_refusal(),
        message
    );
}

impl KeyManagementService for AwsKeyManagementService {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        self.encrypt(key).boxed()
    }

    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        self.decrypt(encrypted_key).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>> {
        self.ask_for_life().boxed()
    }
}
