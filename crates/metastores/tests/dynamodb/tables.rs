//! Opening: what the table must be, and who makes it.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use sealdiff_envelope::Metastore;
use sealdiff_metastores::{InvalidUrl, OpenError};
use sealdiff_testkit::{AwsAnswer, AwsResponder};

use super::support::{CREATED, MotoDynamoDb, assert_not_opened, at, open, record, url};

#[tokio::test]
async fn a_missing_table_is_made_only_when_asked_and_then_left_alone() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    let text = assert_not_opened(open(&moto.url("keys", ""), false).await, false);
    assert!(text.contains("ResourceNotFoundException"), "{text}");
    let metastore = open(&moto.url("keys", ""), true).await.unwrap();
    assert!(
        metastore
            .store("_SK_s_p", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );

    let again = open(&moto.url("keys", ""), true).await.unwrap();
    assert_eq!(
        again.load("_SK_s_p", at(CREATED)).await.unwrap(),
        Some(record(CREATED))
    );
    let described = moto.client.describe_table().table_name("keys");
    let table = described.send().await.unwrap().table.unwrap();
    let billing = table.billing_mode_summary.unwrap().billing_mode;
    assert_eq!(billing, Some(BillingMode::PayPerRequest));
}

#[tokio::test]
async fn many_that_make_the_table_at_the_same_time_all_open_it() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    let url = moto.url("keys", "");
    let opened = futures_util::future::join_all((0..8).map(|_| open(&url, true))).await;
    assert!(opened.iter().all(Result::is_ok), "{opened:?}");
}

#[tokio::test]
async fn a_table_with_another_key_is_refused() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    let element = KeySchemaElement::builder()
        .attribute_name("Id")
        .key_type(KeyType::Hash);
    let attribute = AttributeDefinition::builder()
        .attribute_name("Id")
        .attribute_type(ScalarAttributeType::S);
    let create = moto.client.create_table().table_name("other");
    create
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(element.build().unwrap())
        .attribute_definitions(attribute.build().unwrap())
        .send()
        .await
        .unwrap();
    let text = assert_not_opened(open(&moto.url("other", ""), true).await, false);
    assert!(text.contains("the table's key is not"), "{text}");
}

const KEY: &str = r#""TableStatus":"ACTIVE",
    "KeySchema":[{"AttributeName":"Id","KeyType":"HASH"},{"AttributeName":"Created","KeyType":"RANGE"}],
    "AttributeDefinitions":[{"AttributeName":"Created","AttributeType":"N"},{"AttributeName":"Id","AttributeType":"S"}]"#;

fn described_as(members: &str) -> AwsResponder {
    let body = format!(r#"{{"Table":{{{KEY}{members}}}}}"#);
    AwsResponder::always(AwsAnswer::Body(200, body))
}

#[tokio::test]
async fn a_global_table_needs_region_suffixes_unless_overridden() {
    for members in [
        r#","Replicas":[{"RegionName":"eu-west-1"}]"#,
        r#","GlobalTableVersion":"2017.11.29""#,
        r#","Replicas":[{"RegionName":"eu-west-1"}],"MultiRegionConsistency":"EVENTUAL""#,
    ] {
        let responder = described_as(members);
        let at = |parameters| url(&responder.endpoint(), "", parameters);
        match open(&at(""), false).await.map(drop) {
            Err(OpenError::InvalidUrl(InvalidUrl::Malformed(what))) => {
                assert!(what.contains("regionSuffix=true"), "{what}");
            }
            other => panic!("{other:?}"),
        }
        open(&at("&regionSuffix=true"), false).await.unwrap();
        open(&at("&allowGlobalTable=true"), false).await.unwrap();
    }
}

#[tokio::test]
async fn tables_whose_regions_agree_on_every_write_need_none() {
    for members in [
        "",
        r#","Replicas":[{"RegionName":"us-east-2"}],"MultiRegionConsistency":"STRONG""#,
    ] {
        let responder = described_as(members);
        open(&url(&responder.endpoint(), "", ""), false)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_service_that_may_not_look_at_the_table_still_opens() {
    let denied = AwsAnswer::Error(400, "AccessDeniedException", "not authorized");
    let responder = AwsResponder::always(denied);
    open(&url(&responder.endpoint(), "", ""), false)
        .await
        .unwrap();
    let [request] = responder.requests().try_into().unwrap();
    assert_eq!(request.target, "DynamoDB_20120810.DescribeTable");
}
