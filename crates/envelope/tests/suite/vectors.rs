//! Records that another implementation wrote, and ours in its shape.

use std::sync::Arc;

use sealdiff_envelope::record::{DataRowRecord, EnvelopeKeyRecord};
use sealdiff_envelope::{Dependencies, FactoryOptions, Metastore, SecretKey, SessionFactory};
use sealdiff_kms::StaticKeyManagementService;
use sealdiff_metastores::MemoryMetastore;
use sealdiff_testkit::{AsherahVectors, FixedClock, QueuedSpawner, asherah_vectors};

use super::support::{START, World, at, decrypt};

async fn factory_over(vectors: &AsherahVectors, service: &str, product: &str) -> SessionFactory {
    let metastore = MemoryMetastore::default();
    for row in &vectors.metastore {
        let record = EnvelopeKeyRecord::from_json(&row.key_record).unwrap();
        assert!(
            metastore
                .store(&row.id, at(row.created), &record)
                .await
                .unwrap()
        );
    }
    let master_key = hex::decode(&vectors.master_key_hex).unwrap();
    let master_key = SecretKey::from_slice(&master_key).unwrap();
    let dependencies = Dependencies {
        metastore: Arc::new(metastore),
        kms: Arc::new(StaticKeyManagementService::new(master_key)),
        clock: Arc::new(FixedClock::at(START)),
        spawner: Arc::new(QueuedSpawner::default()),
    };
    SessionFactory::new(service, product, FactoryOptions::default(), dependencies).unwrap()
}

/// Standard base64 without a dependency: through the record format, which has it.
fn base64_decode(text: &str) -> Vec<u8> {
    let json = format!(r#"{{"Created":1,"Key":"{text}"}}"#);
    EnvelopeKeyRecord::from_json(&json).unwrap().encrypted_key
}

#[tokio::test]
async fn decrypts_every_record_of_asherah() {
    let vectors = asherah_vectors();
    let mut count = 0;
    for set in &vectors.sets {
        let factory = factory_over(&vectors, &set.service, &set.product).await;
        for row in &set.rows {
            let session = factory.session(&row.partition).unwrap();
            let plaintext = decrypt(&session, row.drr.as_bytes()).await.unwrap();
            assert_eq!(plaintext, base64_decode(&row.plaintext_b64), "{}", row.name);
            count += 1;
        }
        assert_eq!(factory.stats().metastore_stores, 0, "reading never writes");
    }
    assert_eq!(count, 12);
}

#[tokio::test]
async fn rows_of_asherah_come_out_as_they_went_in() {
    for row in asherah_vectors().metastore {
        let record = EnvelopeKeyRecord::from_json(&row.key_record).unwrap();
        assert_eq!(record.to_json(), row.key_record);
    }
}

#[tokio::test]
async fn writes_under_a_key_of_asherah_and_reads_it_back() {
    let vectors = asherah_vectors();
    let factory = factory_over(&vectors, "svc", "prod").await;
    let session = factory.session("p1").unwrap();
    let key = session.writing_key().await.unwrap();
    let text = key.encrypt(b"ours", at(START)).unwrap();
    assert_eq!(decrypt(&session, text.as_bytes()).await.unwrap(), b"ours");
    assert_eq!(factory.stats().metastore_stores, 0, "its key is valid");
}

#[tokio::test]
async fn encrypts_to_the_members_of_asherah_in_its_order() {
    let world = World::new();
    let session = world.session();
    let key = session.writing_key().await.unwrap();
    let text = key.encrypt(b"plaintext", at(START + 11)).unwrap();
    let record = DataRowRecord::from_json(text.as_bytes()).unwrap();
    let between = |from: &str, to: &str| {
        let start = text.find(from).unwrap() + from.len();
        &text[start..start + text[start..].find(to).unwrap()]
    };
    let key_text = between(r#""Key":""#, "\"");
    let data_text = between(r#""Data":""#, "\"");
    assert_eq!(key_text.len(), 80);
    assert_eq!(record.data.len(), 9 + 28);
    let now = START + 11;
    assert_eq!(
        text,
        format!(
            r#"{{"Key":{{"Created":{now},"Key":"{key_text}","ParentKeyMeta":{{"KeyId":"_IK_p1_svc_prod","Created":{START}}}}},"Data":"{data_text}"}}"#
        )
    );
    assert!(text.len() <= key.encrypted_len(9));
}

#[tokio::test]
async fn reads_records_that_other_writers_ordered_and_escaped_otherwise() {
    let world = World::new();
    let session = world.factory().session("a<b&c").unwrap();
    let key = session.writing_key().await.unwrap();
    let text = key.encrypt(b"plaintext", world.now()).unwrap();
    let escaped = text
        .replace('<', r"\u003c")
        .replace('&', r"\u0026")
        .replace('+', r"\u002B")
        .replace('/', r"\/")
        .replacen(
            r#"{"Key":{"#,
            r#"{ "Other":[1,{"Key":2}], "Key":{"Revoked":false,"#,
            1,
        );
    assert_ne!(text, escaped);
    assert_eq!(
        decrypt(&session, escaped.as_bytes()).await.unwrap(),
        b"plaintext"
    );
}
