//! Regions, each a server of its own, and a service over them.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_kms::Client;
use aws_sdk_kms::config::{Builder, Credentials, Region, SharedCredentialsProvider};
use sealdiff_envelope::{KeyManagementService, KmsError, SecretKey};
use sealdiff_kms::{AwsKeyManagementService, AwsKmsOptions, AwsRegion, RegionsFailed};
use sealdiff_testkit::{AwsResponder, MotoServer};

pub(crate) const WEST: &str = "us-west-2";
pub(crate) const EAST: &str = "us-east-1";

/// A configuration with credentials that any stand-in believes.
pub(crate) fn config() -> SdkConfig {
    let credentials = Credentials::new("id", "Zauberwort", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// One region in a moto of its own, with a key.
pub(crate) struct MotoRegion {
    pub(crate) server: MotoServer,
    pub(crate) region: AwsRegion,
    pub(crate) client: Client,
}

impl MotoRegion {
    /// `None` where moto is not installed.
    pub(crate) async fn start(name: &str) -> Option<Self> {
        let server = MotoServer::start()?;
        let config = Builder::from(&config())
            .region(Region::new(name.to_owned()))
            .endpoint_url(server.endpoint());
        let client = Client::from_conf(config.build());
        let created = client.create_key().send().await.unwrap();
        let region = AwsRegion {
            name: name.to_owned(),
            key_arn: created.key_metadata.unwrap().arn.unwrap(),
            endpoint: Some(server.endpoint()),
        };
        Some(Self {
            server,
            region,
            client,
        })
    }
}

/// The two regions of most tests.
pub(crate) async fn west_and_east() -> Option<(MotoRegion, MotoRegion)> {
    Some((
        MotoRegion::start(WEST).await?,
        MotoRegion::start(EAST).await?,
    ))
}

/// A region whose answers the test decides.
pub(crate) fn answered_by(name: &str, responder: &AwsResponder) -> AwsRegion {
    AwsRegion {
        name: name.to_owned(),
        key_arn: format!("arn:aws:kms:{name}:111122223333:key/k"),
        endpoint: Some(responder.endpoint()),
    }
}

/// A service over `regions`, the first of them preferred.
pub(crate) fn service(regions: &[AwsRegion]) -> AwsKeyManagementService {
    service_of_at_least(1, regions)
}

pub(crate) fn service_of_at_least(
    min_regions: u32,
    regions: &[AwsRegion],
) -> AwsKeyManagementService {
    let options = AwsKmsOptions {
        regions: regions.to_vec(),
        preferred_region: Some(regions[0].name.clone()),
        min_regions: Some(min_regions),
    };
    AwsKeyManagementService::new(options, &config()).unwrap()
}

/// Asserts that a key comes back from what `by` makes of it.
pub(crate) async fn assert_decrypts(
    by: &AwsKeyManagementService,
    key: &SecretKey,
    encrypted: &[u8],
) {
    let decrypted = by.decrypt_key(encrypted).await.unwrap();
    assert_eq!(decrypted.expose(), key.expose());
}

/// The regions that a blob names, in its order.
pub(crate) fn regions_of(blob: &[u8]) -> Vec<String> {
    let blob: serde_json::Value = serde_json::from_slice(blob).unwrap();
    let keks = blob["kmsKeks"].as_array().unwrap();
    let region = |kek: &serde_json::Value| kek["region"].as_str().unwrap().to_owned();
    keks.iter().map(region).collect()
}

/// What each region said, with whether the whole is a refusal.
pub(crate) fn causes<T>(outcome: Result<T, KmsError>) -> (bool, Vec<String>) {
    let (is_refusal, cause) = match outcome.map(drop).unwrap_err() {
        KmsError::Refused(cause) => (true, cause),
        KmsError::Unavailable(cause) => (false, cause),
        other => panic!("{other:?}"),
    };
    let shown = format!("{cause} {cause:?}");
    assert!(!shown.contains("Zauberwort"), "{shown}");
    let failed = cause.downcast_ref::<RegionsFailed>().unwrap();
    let said = failed.failures().iter().map(ToString::to_string);
    (is_refusal, said.collect())
}
