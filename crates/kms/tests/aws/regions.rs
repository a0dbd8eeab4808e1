//! Regions that encrypt and decrypt, and regions that are lost.

use std::slice::from_ref;
use std::time::Duration;

use sealdiff_envelope::{KeyManagementService, SecretKey};
use sealdiff_testkit::{AwsAnswer, AwsResponder, kms_contract};

use super::support::{
    EAST, MotoRegion, WEST, answered_by, assert_decrypts, causes, regions_of, service,
    service_of_at_least, west_and_east,
};

#[tokio::test]
async fn passes_the_contract_in_one_region_and_in_two() {
    let Some((west, east)) = west_and_east().await else {
        return;
    };
    kms_contract(&service(from_ref(&west.region))).await;
    kms_contract(&service(&[west.region, east.region])).await;
}

#[tokio::test]
async fn a_lost_region_stops_neither_new_keys_nor_old_ones() {
    let Some((west, east)) = west_and_east().await else {
        return;
    };
    let kms = service(&[west.region, east.region.clone()]);
    let key = SecretKey::generate().unwrap();
    let before = kms.encrypt_key(&key).await.unwrap();
    assert_eq!(regions_of(&before), [WEST, EAST]);

    drop(west.server);
    assert_decrypts(&kms, &key, &before).await;
    let after = kms.encrypt_key(&key).await.unwrap();
    assert_eq!(regions_of(&after), [EAST]);
    assert_decrypts(&kms, &key, &after).await;
    assert_decrypts(&service(from_ref(&east.region)), &key, &before).await;
    kms.ping().await.unwrap();

    drop(east.server);
    for outcome in [
        kms.decrypt_key(&before).await.map(drop),
        kms.encrypt_key(&key).await.map(drop),
        kms.ping().await,
    ] {
        let (is_refusal, causes) = causes(outcome);
        assert!(!is_refusal);
        assert_eq!(
            causes,
            [
                "us-west-2 failed: the connection failed",
                "us-east-1 failed: the connection failed"
            ]
        );
    }
}

#[tokio::test]
async fn a_region_that_never_answers_holds_up_no_more_than_its_share() {
    let Some(east) = MotoRegion::start(EAST).await else {
        return;
    };
    let silent = AwsResponder::always(AwsAnswer::Silence);
    let kms = service(&[answered_by(WEST, &silent), east.region]);
    let key = SecretKey::generate().unwrap();
    let encrypted = tokio::time::timeout(Duration::from_secs(20), kms.encrypt_key(&key));
    let encrypted = encrypted.await.unwrap().unwrap();
    assert_eq!(regions_of(&encrypted), [EAST]);
    // Asked for a data key, and not once more to encrypt the other region's.
    let asked = silent.requests();
    assert!(!asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|request| request.target == "TrentService.GenerateDataKey")
    );
}

#[tokio::test]
async fn a_key_that_too_few_regions_could_open_is_not_made() {
    let Some((west, east)) = west_and_east().await else {
        return;
    };
    let kms = service_of_at_least(2, &[west.region, east.region]);
    let key = SecretKey::generate().unwrap();
    let both = kms.encrypt_key(&key).await.unwrap();
    assert_eq!(regions_of(&both), [WEST, EAST]);
    drop(east.server);
    let (is_refusal, causes) = causes(kms.encrypt_key(&key).await);
    assert!(!is_refusal);
    assert_eq!(causes, ["us-east-1 failed: the connection failed"]);
    assert_decrypts(&kms, &key, &both).await;
}

#[tokio::test]
async fn reads_what_others_wrote_in_another_order_and_case() {
    let Some((west, east)) = west_and_east().await else {
        return;
    };
    let kms = service(&[west.region, east.region.clone()]);
    let key = SecretKey::generate().unwrap();
    let blob = kms.encrypt_key(&key).await.unwrap();
    let blob: serde_json::Value = serde_json::from_slice(&blob).unwrap();
    let [west_kek, east_kek] = [0, 1].map(|i| blob["kmsKeks"][i]["encryptedKek"].to_string());
    let encrypted_key = &blob["encryptedKey"];
    let foreign = format!(
        r#"{{ "kmsKeks" : [ {{"encryptedKek":{east_kek},"region":"US-EAST-1","arn":"x"}},
            {{"region":"US-WEST-2","encryptedKek":{west_kek},"arn":"arn:aws:kms:us-west-2:666666666666:key/theirs"}},
            {{"region":"eu-west-1","encryptedKek":"AAAA","arn":"y"}} ], "encryptedKey":{encrypted_key} }}"#
    );
    assert_decrypts(&kms, &key, foreign.as_bytes()).await;
    drop(west.server);
    assert_decrypts(&kms, &key, foreign.as_bytes()).await;
}

#[tokio::test]
async fn a_key_of_another_account_is_refused() {
    let Some((west, other)) = west_and_east().await else {
        return;
    };
    let key = SecretKey::generate().unwrap();
    let blob = service(from_ref(&west.region))
        .encrypt_key(&key)
        .await
        .unwrap();
    let (is_refusal, causes) = causes(service(&[other.region]).decrypt_key(&blob).await);
    assert!(is_refusal);
    assert_eq!(
        causes,
        ["us-east-1 refused: the system key was not encrypted for this region"]
    );
    let kms = service(&[west.region]);
    let mut forged: serde_json::Value = serde_json::from_slice(&blob).unwrap();
    forged["encryptedKey"] = "A".repeat(80).into();
    let (is_refusal, _causes) =
        super::support::causes(kms.decrypt_key(forged.to_string().as_bytes()).await);
    assert!(is_refusal);
}

#[tokio::test]
async fn a_key_that_is_switched_off_fails_the_ping() {
    let Some(west) = MotoRegion::start(WEST).await else {
        return;
    };
    let kms = service(from_ref(&west.region));
    kms.ping().await.unwrap();
    let (_arn, key_id) = west.region.key_arn.rsplit_once('/').unwrap();
    west.client
        .disable_key()
        .key_id(key_id)
        .send()
        .await
        .unwrap();
    let (is_refusal, causes) = causes(kms.ping().await);
    assert!(is_refusal);
    assert_eq!(causes, ["us-west-2 refused: the key is not enabled"]);
}
