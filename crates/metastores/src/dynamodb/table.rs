//! The table: whether it is one for key records, and making it where it is missing.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, MultiRegionConsistency,
    ScalarAttributeType, TableDescription, TableStatus,
};
use sealdiff_envelope::MetastoreError;

use super::failure::{DynamoDbFailure, failed, unavailable};
use super::item::{CREATED, ID};

const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// One minute: a new table takes some seconds.
const LOOKS: usize = 240;

/// What DynamoDB tells of the table; `None` to a caller who may use it and not look at it.
///
/// # Errors
/// [`MetastoreError::Unavailable`].
pub(super) async fn look(
    client: &Client,
    table: &str,
    create_table: bool,
) -> Result<Option<TableDescription>, MetastoreError> {
    let description = match describe(client, table).await {
        Err(error) if create_table && is_missing(&error) => {
            create(client, table).await?;
            wait_until_active(client, table).await?
        }
        Err(error) => return Err(unavailable(&error)),
        Ok(Some(description)) if create_table && !is_active(&description) => {
            wait_until_active(client, table).await?
        }
        Ok(description) => description,
    };
    // Also of a table that another process was making.
    match description {
        Some(other) if !has_our_key(&other) => Err(failed(false, DynamoDbFailure::OtherKey)),
        ours => Ok(ours),
    }
}

/// Whether another region's write can replace one of this region, whatever its condition says:
/// a global table, unless its regions are consistent with each other.
pub(super) fn last_writer_wins(table: &TableDescription) -> bool {
    let is_global = !table.replicas().is_empty() || table.global_table_version().is_some();
    let consistency = table.multi_region_consistency();
    is_global && consistency != Some(&MultiRegionConsistency::Strong)
}

type DescribeFailure = SdkError<DescribeTableError, HttpResponse>;

async fn describe(
    client: &Client,
    table: &str,
) -> Result<Option<TableDescription>, DescribeFailure> {
    match client.describe_table().table_name(table).send().await {
        Ok(answer) => Ok(answer.table),
        Err(error) if is_denied(&error) => {
            tracing::warn!(
                "dynamodb:DescribeTable is denied: a global table without regionSuffix=true \
                 would not be noticed"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn is_denied(error: &DescribeFailure) -> bool {
    let said = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    said == Some("AccessDeniedException")
}

fn is_missing(error: &DescribeFailure) -> bool {
    let said = error.as_service_error();
    said.is_some_and(DescribeTableError::is_resource_not_found_exception)
}

fn is_active(table: &TableDescription) -> bool {
    !matches!(
        table.table_status(),
        Some(TableStatus::Creating | TableStatus::Deleting)
    )
}

fn has_our_key(table: &TableDescription) -> bool {
    let is_key = |element: &KeySchemaElement, name, key_type| {
        element.attribute_name() == name && *element.key_type() == key_type
    };
    let is_typed = |name, scalar: ScalarAttributeType| {
        let mut attributes = table.attribute_definitions().iter();
        attributes.any(|a| a.attribute_name() == name && *a.attribute_type() == scalar)
    };
    let [hash, range] = table.key_schema() else {
        return false;
    };
    is_key(hash, ID, KeyType::Hash)
        && is_key(range, CREATED, KeyType::Range)
        && is_typed(ID, ScalarAttributeType::S)
        && is_typed(CREATED, ScalarAttributeType::N)
}

/// Another process may be making it at the same time.
async fn create(client: &Client, table: &str) -> Result<(), MetastoreError> {
    let request = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    let request = add_key(request).expect("every required member of the schema is set");
    match request.send().await {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(said)) if said.err().is_resource_in_use_exception() => Ok(()),
        Err(error) => Err(unavailable(&error)),
    }
}

type CreateTable = aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;

fn add_key(mut request: CreateTable) -> Result<CreateTable, BuildError> {
    for (name, key_type, scalar) in [
        (ID, KeyType::Hash, ScalarAttributeType::S),
        (CREATED, KeyType::Range, ScalarAttributeType::N),
    ] {
        let element = KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(key_type);
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(scalar);
        request = request
            .key_schema(element.build()?)
            .attribute_definitions(attribute.build()?);
    }
    Ok(request)
}

async fn wait_until_active(
    client: &Client,
    table: &str,
) -> Result<Option<TableDescription>, MetastoreError> {
    for _ in 0..LOOKS {
        match describe(client, table).await {
            Ok(Some(description)) if is_active(&description) => return Ok(Some(description)),
            Ok(None) => return Ok(None),
            Err(error) if !is_missing(&error) => return Err(unavailable(&error)),
            // Not there yet: what was just made is not seen everywhere at once.
            Ok(Some(_)) | Err(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
    Err(failed(true, DynamoDbFailure::NotActive))
}
