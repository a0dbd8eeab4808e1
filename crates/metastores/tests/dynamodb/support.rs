//! A DynamoDB of the test's own, and a metastore over it.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Builder, Credentials, Region, SharedCredentialsProvider};
use sealdiff_envelope::Timestamp;
use sealdiff_envelope::record::{EnvelopeKeyRecord, KeyMeta};
use sealdiff_metastores::{DynamoDbMetastore, DynamoDbOptions, OpenError};
pub(crate) use sealdiff_testkit::assert_failed;
use sealdiff_testkit::{MotoServer, PASSWORD};

pub(crate) const CREATED: u32 = 1_795_257_000;

/// A configuration with credentials that any stand-in believes.
pub(crate) fn config() -> SdkConfig {
    let credentials = Credentials::new("id", PASSWORD, None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

pub(crate) struct MotoDynamoDb {
    server: MotoServer,
    pub(crate) client: Client,
}

impl MotoDynamoDb {
    /// `None` where moto is not installed.
    pub(crate) fn start() -> Option<Self> {
        let server = MotoServer::start()?;
        let config = Builder::from(&config())
            .region(Region::from_static("us-west-2"))
            .endpoint_url(server.endpoint());
        let client = Client::from_conf(config.build());
        Some(Self { server, client })
    }

    /// A URL of the table, with further parameters.
    pub(crate) fn url(&self, table: &str, parameters: &str) -> String {
        url(&self.server.endpoint(), table, parameters)
    }

    pub(crate) async fn open(&self, parameters: &str) -> DynamoDbMetastore {
        open(&self.url("", parameters), true).await.unwrap()
    }
}

pub(crate) fn url(endpoint: &str, table: &str, parameters: &str) -> String {
    format!("dynamodb://{table}?region=us-west-2&endpoint={endpoint}{parameters}")
}

pub(crate) async fn open(url: &str, create_table: bool) -> Result<DynamoDbMetastore, OpenError> {
    let options = DynamoDbOptions {
        create_table,
        ..DynamoDbOptions::default()
    };
    DynamoDbMetastore::open_with(url, options, &config()).await
}

pub(crate) fn at(seconds: u32) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

pub(crate) fn record(created: u32) -> EnvelopeKeyRecord {
    EnvelopeKeyRecord {
        created: at(created),
        encrypted_key: b"abc".to_vec(),
        parent: Some(KeyMeta {
            id: "_SK_s_p".to_owned(),
            created: at(60),
        }),
        is_revoked: false,
    }
}

/// As [`assert_failed`], of a metastore that can't be opened.
pub(crate) fn assert_not_opened<T>(outcome: Result<T, OpenError>, expected: bool) -> String {
    match outcome.map(drop) {
        Err(OpenError::Metastore(error)) => assert_failed::<()>(Err(error), expected),
        other => panic!("{other:?}"),
    }
}
