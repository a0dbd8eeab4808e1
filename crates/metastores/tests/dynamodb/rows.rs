//! Items in a table: the contract, races, and what others write.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use sealdiff_envelope::{Metastore, MetastoreError};
use sealdiff_testkit::metastore_contract;

use super::support::{CREATED, MotoDynamoDb, at, record};

const ID: &str = "_IK_p_s_p";

#[tokio::test]
async fn passes_the_contract() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    metastore_contract(&moto.open("").await).await;
}

#[tokio::test]
async fn of_many_that_store_one_key_at_the_same_time_one_succeeds() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    let metastores = join_all((0..8).map(|_| moto.open(""))).await;
    let stores = metastores.into_iter().enumerate().map(|(i, metastore)| {
        let metastore = Arc::new(metastore);
        let mut record = record(CREATED);
        record.encrypted_key = vec![u8::try_from(i).unwrap(); 60];
        async move {
            let is_stored = metastore.store(ID, at(CREATED), &record).await.unwrap();
            (is_stored, record)
        }
    });
    let outcomes = join_all(stores).await;
    let winners: Vec<_> = outcomes.iter().filter(|(stored, _)| *stored).collect();
    assert_eq!(winners.len(), 1);
    let stored = moto.open("").await.load(ID, at(CREATED)).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&winners[0].1));
}

#[tokio::test]
async fn the_suffix_is_the_region_only_where_the_url_says_so() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    assert_eq!(moto.open("").await.region_suffix(), None);
    let suffixed = moto.open("&regionSuffix=true").await;
    assert_eq!(suffixed.region_suffix(), Some("us-west-2"));
}

#[tokio::test]
async fn items_are_written_and_read_as_asherah_has_them() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    let metastore = moto.open("").await;
    assert!(
        metastore
            .store(ID, at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    let written = moto.client.scan().table_name("EncryptionKey").send();
    let written = written.await.unwrap();
    assert_eq!(written.items(), [item(CREATED)]);

    let mut foreign = item(CREATED + 60);
    let AttributeValue::M(map) = foreign.get_mut("KeyRecord").unwrap() else {
        panic!("a map");
    };
    map.insert("Revoked".to_owned(), AttributeValue::Bool(true));
    put(&moto, foreign).await;
    let newest = metastore.load_latest(ID).await.unwrap().unwrap();
    assert!(newest.is_revoked);
    assert_eq!(newest.created, at(CREATED + 60));
}

#[tokio::test]
async fn items_that_are_no_key_records_are_told_from_missing_ones() {
    let Some(moto) = MotoDynamoDb::start() else {
        return;
    };
    let metastore = moto.open("").await;
    let mut spoilt = item(CREATED);
    spoilt.insert("KeyRecord".to_owned(), AttributeValue::S("{}".to_owned()));
    put(&moto, spoilt).await;
    for outcome in [
        metastore.load(ID, at(CREATED)).await,
        metastore.load_latest(ID).await,
    ] {
        assert!(matches!(outcome, Err(MetastoreError::InvalidRow { .. })));
    }
}

fn item(created: u32) -> HashMap<String, AttributeValue> {
    let (s, n) = (
        |text: &str| AttributeValue::S(text.to_owned()),
        |number: u32| AttributeValue::N(number.to_string()),
    );
    let map = |members: &[(&str, AttributeValue)]| -> HashMap<_, _> {
        let owned = members
            .iter()
            .map(|(name, value)| (String::from(*name), value.clone()));
        owned.collect()
    };
    let parent = map(&[("KeyId", s("_SK_s_p")), ("Created", n(60))]);
    let record = map(&[
        ("Created", n(created)),
        ("Key", s("YWJj")),
        ("ParentKeyMeta", AttributeValue::M(parent)),
    ]);
    map(&[
        ("Id", s(ID)),
        ("Created", n(created)),
        ("KeyRecord", AttributeValue::M(record)),
    ])
}

async fn put(moto: &MotoDynamoDb, item: HashMap<String, AttributeValue>) {
    let put = moto.client.put_item().table_name("EncryptionKey");
    put.set_item(Some(item)).send().await.unwrap();
}
