//! What every metastore and every KMS must do, whatever is behind it.

use sealdiff_envelope::record::{EnvelopeKeyRecord, KeyMeta};
use sealdiff_envelope::{KeyManagementService, Metastore, SecretKey, Timestamp};

/// Runs the metastore contract. The metastore must be empty of the ids used here.
pub async fn metastore_contract(metastore: &dyn Metastore) {
    metastore_contract_until(metastore, u32::MAX).await;
}

/// Runs the metastore contract over a column whose last second is `end`, in Unix seconds.
pub async fn metastore_contract_until(metastore: &dyn Metastore, end: u32) {
    metastore
        .ping()
        .await
        .expect("a fresh metastore answers a ping");
    finds_nothing_in_an_empty_store(metastore).await;
    gives_back_exactly_what_was_stored(metastore).await;
    finds_the_newest_of_several_versions(metastore).await;
    never_overwrites(metastore).await;
    tells_similar_ids_apart(metastore).await;
    keeps_the_last_representable_second(metastore, end).await;
}

async fn finds_nothing_in_an_empty_store(metastore: &dyn Metastore) {
    assert_eq!(load(metastore, "_IK_contract_empty", 60).await, None);
    assert_eq!(latest(metastore, "_IK_contract_empty").await, None);
}

async fn gives_back_exactly_what_was_stored(metastore: &dyn Metastore) {
    let id = "_IK_contract_\"quotes'_<tag>_ünïcode_\u{1F511}_s_p";
    for (created, is_revoked) in [(1_795_257_000, false), (1_795_257_060, true)] {
        let stored = EnvelopeKeyRecord {
            is_revoked,
            ..record(created)
        };
        assert!(store(metastore, id, &stored).await);
        assert_eq!(load(metastore, id, created).await, Some(stored));
    }
    let without_parent = EnvelopeKeyRecord {
        parent: None,
        ..record(60)
    };
    assert!(store(metastore, "_SK_contract_p", &without_parent).await);
    assert_eq!(
        load(metastore, "_SK_contract_p", 60).await,
        Some(without_parent)
    );
}

async fn finds_the_newest_of_several_versions(metastore: &dyn Metastore) {
    let id = "_IK_contract_newest_s_p";
    // 999 999 999 sorts after 1 000 000 020 as text, and is older.
    for created in [1_000_000_020, 999_999_960, 1_000_000_080, 60] {
        assert!(store(metastore, id, &record(created)).await);
    }
    assert_eq!(latest(metastore, id).await, Some(record(1_000_000_080)));
    assert_eq!(
        load(metastore, id, 999_999_960).await,
        Some(record(999_999_960))
    );
    assert_eq!(
        load(metastore, id, 120).await,
        None,
        "another minute is another key"
    );
}

async fn never_overwrites(metastore: &dyn Metastore) {
    let id = "_IK_contract_duplicate_s_p";
    let first = record(60);
    let second = EnvelopeKeyRecord {
        encrypted_key: vec![9; 60],
        ..record(60)
    };
    assert!(store(metastore, id, &first).await);
    assert!(
        !store(metastore, id, &second).await,
        "a duplicate is false, not an error"
    );
    assert_eq!(load(metastore, id, 60).await, Some(first));
}

async fn tells_similar_ids_apart(metastore: &dyn Metastore) {
    let ids = [
        "_IK_contract_Bob",
        "_IK_contract_bob",
        "_IK_contract_bob ",
        "_IK_contract_bób",
    ];
    for (created, id) in (1..).map(|minute| minute * 60).zip(ids) {
        assert!(store(metastore, id, &record(created)).await, "{id:?}");
    }
    for (created, id) in (1..).map(|minute| minute * 60).zip(ids) {
        assert_eq!(latest(metastore, id).await, Some(record(created)), "{id:?}");
    }
}

async fn keeps_the_last_representable_second(metastore: &dyn Metastore, end: u32) {
    let id = "_IK_contract_end_s_p";
    assert!(store(metastore, id, &record(end)).await);
    assert_eq!(latest(metastore, id).await, Some(record(end)));
    let Some(beyond) = end.checked_add(1) else {
        return;
    };
    assert_eq!(load(metastore, id, beyond).await, None);
    let stored = metastore
        .store(id, Timestamp::from_unix_seconds(beyond), &record(beyond))
        .await;
    assert!(stored.is_err(), "never stored as another second");
}

async fn load(metastore: &dyn Metastore, id: &str, created: u32) -> Option<EnvelopeKeyRecord> {
    metastore
        .load(id, Timestamp::from_unix_seconds(created))
        .await
        .expect("the row can be read")
}

async fn latest(metastore: &dyn Metastore, id: &str) -> Option<EnvelopeKeyRecord> {
    metastore
        .load_latest(id)
        .await
        .expect("the row can be read")
}

async fn store(metastore: &dyn Metastore, id: &str, record: &EnvelopeKeyRecord) -> bool {
    metastore
        .store(id, record.created, record)
        .await
        .expect("the row can be written")
}

fn record(created: u32) -> EnvelopeKeyRecord {
    EnvelopeKeyRecord {
        created: Timestamp::from_unix_seconds(created),
        encrypted_key: created.to_be_bytes().repeat(15),
        parent: Some(KeyMeta {
            id: "_SK_svc_prod".to_owned(),
            created: Timestamp::from_unix_seconds(created),
        }),
        is_revoked: false,
    }
}

/// Runs the KMS contract.
pub async fn kms_contract(kms: &dyn KeyManagementService) {
    kms.ping().await.expect("the service answers a ping");
    let key = SecretKey::generate().expect("the system has random bytes");
    let first = kms.encrypt_key(&key).await.expect("the service encrypts");
    let second = kms.encrypt_key(&key).await.expect("the service encrypts");
    assert_ne!(first, second, "two encryptions of one key must differ");
    for encrypted in [&first, &second] {
        assert!(
            !encrypted
                .windows(16)
                .any(|w| key.expose().windows(16).any(|k| k == w))
        );
        let decrypted = kms
            .decrypt_key(encrypted)
            .await
            .expect("the service decrypts its own");
        assert_eq!(decrypted.expose(), key.expose());
    }
    for at in 0..first.len() {
        let mut forged = first.clone();
        forged[at] ^= 1;
        let opened = kms.decrypt_key(&forged).await;
        assert!(
            !opened.is_ok_and(|opened| opened.expose() != key.expose()),
            "a changed ciphertext must never give another key (byte {at})"
        );
    }
    assert!(kms.decrypt_key(b"").await.is_err());
    assert!(kms.decrypt_key(&first[..first.len() - 1]).await.is_err());
}
