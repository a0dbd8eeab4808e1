//! What DynamoDB says when it says no, or not now.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use sealdiff_envelope::{Metastore, MetastoreError};
use sealdiff_metastores::{DynamoDbMetastore, DynamoDbOptions, InvalidUrl, OpenError};
use sealdiff_testkit::{AwsAnswer, AwsResponder};

use super::support::{CREATED, assert_failed, assert_not_opened, at, config, open, record, url};

/// Opens, as DescribeTable is denied, and fails from then on.
async fn opened_over(answer: AwsAnswer) -> (AwsResponder, DynamoDbMetastore) {
    let responder = AwsResponder::start(move |request| {
        if request.target.ends_with("DescribeTable") {
            return AwsAnswer::Error(400, "AccessDeniedException", "not authorized");
        }
        answer.clone()
    });
    let metastore = open(&url(&responder.endpoint(), "", ""), false).await;
    (responder, metastore.unwrap())
}

#[tokio::test]
async fn whose_move_it_is_follows_from_the_answer() {
    for (answer, retryable) in [
        (
            AwsAnswer::Error(400, "AccessDeniedException", "not authorized"),
            false,
        ),
        (
            AwsAnswer::Error(400, "ResourceNotFoundException", "no such table"),
            false,
        ),
        (
            AwsAnswer::Error(400, "ValidationException", "Value '_IK_p' is"),
            false,
        ),
        (
            AwsAnswer::Error(400, "ThrottlingException", "slow down"),
            true,
        ),
        (
            AwsAnswer::Error(400, "ProvisionedThroughputExceededException", "slow down"),
            true,
        ),
        (
            AwsAnswer::Error(500, "InternalServerError", "try again"),
            true,
        ),
        (
            AwsAnswer::Body(403, "<html>blocked</html>".to_owned()),
            true,
        ),
    ] {
        let (_responder, metastore) = opened_over(answer).await;
        let id = "_IK_p_s_p";
        let record = record(CREATED);
        assert_failed(metastore.load(id, at(CREATED)).await, retryable);
        assert_failed(metastore.load_latest(id).await, retryable);
        assert_failed(metastore.store(id, at(CREATED), &record).await, retryable);
        assert_failed(metastore.ping().await, retryable);
    }
}

#[tokio::test]
async fn reads_are_consistent_and_writes_conditional() {
    let (responder, metastore) = opened_over(AwsAnswer::Body(200, "{}".to_owned())).await;
    metastore.load("_IK_p", at(60)).await.unwrap();
    metastore.load_latest("_IK_p").await.unwrap();
    metastore.store("_IK_p", at(60), &record(60)).await.unwrap();
    let [_describe, get, query, put] = responder.requests().try_into().unwrap();
    for read in [get, query] {
        assert!(read.body.contains(r#""ConsistentRead":true"#), "{read:?}");
    }
    assert!(put.body.contains("attribute_not_exists(Id)"), "{put:?}");
}

#[tokio::test]
async fn a_server_that_is_down_is_worth_a_retry() {
    let dead = format!("http://127.0.0.1:{}", sealdiff_testkit::free_port());
    let text = assert_not_opened(open(&url(&dead, "", ""), false).await, true);
    assert!(text.contains("the connection failed"), "{text}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_by_itself() {
    let (_responder, metastore) = opened_over(AwsAnswer::Silence).await;
    let ping = tokio::time::timeout(Duration::from_secs(25), metastore.ping());
    let text = assert_failed(ping.await.unwrap(), true);
    assert!(text.contains("no answer in time"), "{text}");
}

#[tokio::test]
async fn neither_region_nor_credentials_are_guessed() {
    let without_region = "dynamodb://?endpoint=http://127.0.0.1:1";
    let options = DynamoDbOptions::default();
    let outcome = DynamoDbMetastore::open_with(without_region, options.clone(), &config()).await;
    match outcome.map(drop) {
        Err(OpenError::InvalidUrl(InvalidUrl::Malformed(what))) => {
            assert!(what.contains("region"), "{what}");
        }
        other => panic!("{other:?}"),
    }
    let nobody = SdkConfig::builder().behavior_version(BehaviorVersion::v2026_01_12());
    let url = url("http://127.0.0.1:1", "", "");
    let outcome = DynamoDbMetastore::open_with(&url, options, &nobody.build()).await;
    // Their source may be away for a moment only.
    let text = assert_not_opened(outcome, true);
    assert!(text.contains("credentials"), "{text}");
}

#[tokio::test]
async fn a_duplicate_is_no_failure() {
    let exists = AwsAnswer::Error(400, "ConditionalCheckFailedException", "The conditional");
    let (_responder, metastore) = opened_over(exists).await;
    let outcome: Result<bool, MetastoreError> = metastore.store("_IK_p", at(60), &record(60)).await;
    assert!(!outcome.unwrap());
}
