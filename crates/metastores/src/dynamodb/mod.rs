//! Key records in a table of Amazon DynamoDB, which other Asherah implementations may share.
//!
//! Every read is consistent: a key that another process stored a moment ago must be seen, and one
//! that is revoked must not look as if it were not.

mod failure;
mod item;
mod table;
mod url;

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, Region};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};

use self::failure::unavailable;
use self::item::{CREATED, ID, KEY_RECORD, number, text};
use self::url::DynamoDbUrl;
use crate::open::OpenError;
use crate::server::InvalidUrl;

/// How to open a [`DynamoDbMetastore`].
#[derive(Debug, Clone, Default)]
pub struct DynamoDbOptions {
    /// Makes the table where it is missing, paid per request, and waits until it serves. Default
    /// false. An existing table is never altered.
    pub create_table: bool,
    /// The table's name, unless the URL has it. Default `EncryptionKey`.
    pub table: Option<String>,
}

/// A metastore in a DynamoDB table.
#[derive(Debug)]
pub struct DynamoDbMetastore {
    client: Client,
    table: String,
    region_suffix: Option<String>,
}

/// The longest that one attempt may take, so that three of them fit into the factory's 30 s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;
/// Callers wait for a key: shorter than the SDK's 1 s, for loads are too rare to throttle anybody.
const INITIAL_BACKOFF: Duration = Duration::from_millis(200);

impl DynamoDbMetastore {
    /// Looks at the table, with the credentials of the SDK's usual chain.
    ///
    /// # Errors
    /// [`OpenError::InvalidUrl`]: also without a region, and for a global table whose regions
    /// would overwrite each other's keys. [`OpenError::Metastore`]: DynamoDB can't be reached or
    /// refuses, or the table is missing and `create_table` is off.
    pub async fn open(url: &str, options: DynamoDbOptions) -> Result<Self, OpenError> {
        let url = DynamoDbUrl::parse(url)?;
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
        if let Some(region) = &url.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        Self::open_over(url, options, &config).await
    }

    /// As [`DynamoDbMetastore::open`], with the credentials, region, HTTP client and endpoint of an
    /// SDK configuration; the URL's own go before.
    ///
    /// # Errors
    /// As [`DynamoDbMetastore::open`].
    pub async fn open_with(
        url: &str,
        options: DynamoDbOptions,
        config: &SdkConfig,
    ) -> Result<Self, OpenError> {
        Self::open_over(DynamoDbUrl::parse(url)?, options, config).await
    }

    async fn open_over(
        url: DynamoDbUrl,
        options: DynamoDbOptions,
        config: &SdkConfig,
    ) -> Result<Self, OpenError> {
        let table = url.table(options.table.as_deref())?;
        let configured = || config.region().map(ToString::to_string);
        let region = url.region.or_else(configured).ok_or(InvalidUrl::Malformed(
            "needs a region: region=… in the URL, or AWS_REGION",
        ))?;
        let client = client(&region, url.endpoint, config);
        let description = table::look(&client, &table, options.create_table).await?;
        let is_overwritten = description.as_ref().is_some_and(table::last_writer_wins);
        if is_overwritten && !url.has_region_suffix && !url.allows_global_table {
            return Err(GLOBAL_TABLE.into());
        }
        Ok(Self {
            client,
            table,
            region_suffix: url.has_region_suffix.then_some(region),
        })
    }

    async fn get(
        &self,
        id: &str,
        created: Timestamp,
    ) -> Result<Option<EnvelopeKeyRecord>, MetastoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(ID, text(id))
            .key(CREATED, number(created))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unavailable(&error))?;
        answer.item.map(|row| item::record_of(id, &row)).transpose()
    }

    async fn query_latest(&self, id: &str) -> Result<Option<EnvelopeKeyRecord>, MetastoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("Id = :id")
            .expression_attribute_values(":id", text(id))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unavailable(&error))?;
        let newest = answer.items().first();
        newest.map(|row| item::record_of(id, row)).transpose()
    }

    /// An answer that was lost is asked for again by the SDK: our own row is then there, and
    /// counts as that of another process, which is what becomes of it.
    async fn put(
        &self,
        id: &str,
        created: Timestamp,
        record: &EnvelopeKeyRecord,
    ) -> Result<bool, MetastoreError> {
        let outcome = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(ID, text(id))
            .item(CREATED, number(created))
            .item(KEY_RECORD, AttributeValue::M(item::of_record(record)))
            .condition_expression("attribute_not_exists(Id)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(said))
                if said.err().is_conditional_check_failed_exception() =>
            {
                Ok(false)
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Asks for a key that can't exist: no service has more rights than to read.
    async fn ask_for_life(&self) -> Result<(), MetastoreError> {
        self.client
            .get_item()
            .table_name(&self.table)
            .key(ID, text("_SK_"))
            .key(CREATED, number(Timestamp::from_unix_seconds(0)))
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable(&error))
    }
}

const GLOBAL_TABLE: InvalidUrl = InvalidUrl::Malformed(
    "names a global table, where the last of two regions that write would destroy the other's key: \
     it needs regionSuffix=true, or allowGlobalTable=true if only one region ever writes",
);

fn client(region: &str, endpoint: Option<String>, config: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT);
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(INITIAL_BACKOFF);
    let mut builder = Builder::from(config)
        .region(Region::new(region.to_owned()))
        .timeout_config(timeouts.build())
        .retry_config(retries);
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    Client::from_conf(builder.build())
}

impl Metastore for DynamoDbMetastore {
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        self.get(id, created).boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        self.query_latest(id).boxed()
    }

    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>> {
        self.put(id, created, record).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>> {
        self.ask_for_life().boxed()
    }

    /// Connections end with the client.
    fn close(&self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    fn region_suffix(&self) -> Option<&str> {
        self.region_suffix.as_deref()
    }
}
