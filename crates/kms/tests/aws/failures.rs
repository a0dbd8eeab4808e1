//! What KMS says when it says no, or not now.

use aws_config::{BehaviorVersion, SdkConfig};
use sealdiff_envelope::{KeyManagementService, KmsError, SecretKey};
use sealdiff_kms::{AwsKeyManagementService, AwsKmsOptions};
use sealdiff_testkit::{AwsAnswer, AwsResponder};

use super::support::{EAST, WEST, answered_by, causes, service};

const DENIED: AwsAnswer = AwsAnswer::Error(
    400,
    "AccessDeniedException",
    "User: arn:aws:iam::111122223333:user/u is not authorized to perform: kms:Decrypt",
);
const THROTTLED: AwsAnswer = AwsAnswer::Error(400, "ThrottlingException", "Rate exceeded");

const BLOB: &[u8] = br#"{"encryptedKey":"AAAA","kmsKeks":[
    {"region":"us-west-2","arn":"arn:aws:kms:us-west-2:666666666666:key/theirs","encryptedKek":"d2VzdA=="},
    {"region":"us-east-1","arn":"arn:aws:kms:us-east-1:666666666666:key/theirs","encryptedKek":"ZWFzdA=="}]}"#;

async fn outcomes(west: AwsAnswer, east: AwsAnswer) -> Vec<(bool, Vec<String>)> {
    let (west, east) = (AwsResponder::always(west), AwsResponder::always(east));
    let kms = service(&[answered_by(WEST, &west), answered_by(EAST, &east)]);
    let key = SecretKey::generate().unwrap();
    vec![
        causes(kms.decrypt_key(BLOB).await),
        causes(kms.encrypt_key(&key).await),
    ]
}

#[tokio::test]
async fn an_outage_anywhere_is_an_outage_and_what_is_denied_is_told_first() {
    for (is_refusal, causes) in outcomes(THROTTLED, DENIED).await {
        assert!(!is_refusal);
        assert!(causes[0].starts_with("us-east-1 refused: AccessDeniedException: User:"));
        assert_eq!(causes[1], "us-west-2 failed: ThrottlingException");
        assert_eq!(causes.len(), 2);
    }
}

#[tokio::test]
async fn it_is_a_refusal_where_every_region_refuses() {
    let disabled = AwsAnswer::Error(400, "DisabledException", "key is disabled");
    for (is_refusal, causes) in outcomes(DENIED, disabled).await {
        assert!(is_refusal);
        assert!(causes[0].starts_with("us-west-2 refused: AccessDeniedException: User:"));
        assert_eq!(
            causes[1],
            "us-east-1 refused: DisabledException: key is disabled"
        );
    }
}

#[tokio::test]
async fn a_failure_of_the_service_is_an_outage() {
    let failed = AwsAnswer::Error(500, "KMSInternalException", "try again");
    let proxy = AwsAnswer::Body(403, "<html>blocked</html>".to_owned());
    for (is_refusal, causes) in outcomes(failed, proxy).await {
        assert!(!is_refusal, "{causes:?}");
        assert_eq!(causes[0], "us-west-2 failed: KMSInternalException");
        assert_eq!(causes[1], "us-east-1 failed: an answer that is not of KMS");
    }
}

#[tokio::test]
async fn the_configured_key_is_asked_and_never_the_one_that_the_row_names() {
    let west = AwsResponder::always(DENIED);
    let kms = service(&[answered_by(WEST, &west)]);
    causes(kms.decrypt_key(BLOB).await);
    let [request] = west.requests().try_into().unwrap();
    assert_eq!(request.target, "TrentService.Decrypt");
    assert!(
        request
            .body
            .contains("arn:aws:kms:us-west-2:111122223333:key/k")
    );
    assert!(!request.body.contains("666666666666"));
}

#[tokio::test]
async fn a_service_that_may_not_look_at_the_key_answers_a_ping() {
    let west = AwsResponder::always(DENIED);
    service(&[answered_by(WEST, &west)]).ping().await.unwrap();
    assert_eq!(west.requests()[0].target, "TrentService.DescribeKey");
    let foreign = AwsAnswer::Error(400, "UnrecognizedClientException", "no such token");
    let west = AwsResponder::always(foreign);
    let (is_refusal, causes) = causes(service(&[answered_by(WEST, &west)]).ping().await);
    assert!(is_refusal);
    assert_eq!(causes, ["us-west-2 refused: UnrecognizedClientException"]);
}

#[tokio::test]
async fn bytes_that_are_no_blob_are_refused_without_a_question() {
    let west = AwsResponder::always(DENIED);
    let kms = service(&[answered_by(WEST, &west)]);
    for foreign in [&b"vault:v1:abc"[..], &[7; 60]] {
        let outcome = kms.decrypt_key(foreign).await;
        assert!(matches!(outcome, Err(KmsError::Refused(_))));
    }
    assert_eq!(west.requests(), []);
}

#[tokio::test]
async fn without_credentials_nobody_was_asked() {
    let west = AwsResponder::always(DENIED);
    let options = AwsKmsOptions {
        regions: vec![answered_by(WEST, &west)],
        ..AwsKmsOptions::default()
    };
    let nobody = SdkConfig::builder().behavior_version(BehaviorVersion::v2026_01_12());
    let kms = AwsKeyManagementService::new(options, &nobody.build()).unwrap();
    let (is_refusal, causes) = causes(kms.decrypt_key(BLOB).await);
    assert!(!is_refusal);
    assert!(causes[0].contains("credentials"), "{causes:?}");
    assert_eq!(west.requests(), []);
}
