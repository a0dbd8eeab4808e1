//! Ids that can't be used, records of others, records that were altered.

use sealdiff_envelope::{Dependencies, EnvelopeError, IntermediateKey, Session, SessionFactory};
use sealdiff_testkit::EditableMetastore;
use std::sync::Arc;

use super::support::{IK, START, World, decrypt, meta, seal, unseal};

async fn session_and_key(world: &World) -> (Session, Arc<IntermediateKey>) {
    let session = world.session();
    let key = session.writing_key().await.unwrap();
    (session, key)
}

fn factory_of(
    world: &World,
    service: &str,
    product: &str,
) -> Result<SessionFactory, EnvelopeError> {
    let dependencies = Dependencies {
        metastore: world.metastore.clone(),
        kms: world.kms.clone(),
        clock: world.clock.clone(),
        spawner: world.spawner.clone(),
    };
    SessionFactory::new(service, product, world.options, dependencies)
}

#[tokio::test]
async fn unusable_ids_are_refused_before_anything_is_asked() {
    let world = World::new();
    let factory = world.factory();
    for bad in ["", "a\0b", &"x".repeat(256), &"ü".repeat(243)] {
        let error = factory.session(bad).unwrap_err();
        assert!(matches!(
            error,
            EnvelopeError::InvalidArgument {
                name: "partitionId",
                ..
            }
        ));
        assert!(
            !error.to_string().contains('x'),
            "a message echoes no id: {error}"
        );
    }
    for bad in ["", " svc", "svc ", "a\0b", &"x".repeat(256)] {
        assert!(factory_of(&world, bad, "prod").is_err(), "{bad:?}");
        assert!(factory_of(&world, "svc", bad).is_err(), "{bad:?}");
    }
    assert!(factory.session(&"ü".repeat(242)).is_ok());
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn every_truncated_record_is_refused() {
    let world = World::new();
    let (session, key) = session_and_key(&world).await;
    let sealed = seal(&key, b"plaintext", b"aad");
    let text = key.encrypt(b"plaintext", world.now()).unwrap();
    for cut in 0..sealed.len() {
        let error = unseal(&session, &sealed[..cut], b"aad").await.unwrap_err();
        let expected = if cut < 46 {
            "RecordInvalid"
        } else {
            "DecryptFailed"
        };
        assert!(
            format!("{error:?}").starts_with(expected),
            "{cut}: {error:?}"
        );
    }
    for cut in 0..text.len() {
        let error = decrypt(&session, &text.as_bytes()[..cut])
            .await
            .unwrap_err();
        assert!(
            matches!(error, EnvelopeError::RecordInvalid { .. }),
            "{cut}: {error:?}"
        );
    }
    for byte in 0..=255 {
        assert!(unseal(&session, &[byte], b"").await.is_err());
        assert!(decrypt(&session, &[byte]).await.is_err());
    }
}

#[tokio::test]
async fn a_sealed_record_fails_with_every_changed_byte() {
    let world = World::new();
    let (session, key) = session_and_key(&world).await;
    let sealed = seal(&key, b"plaintext", b"aad");
    for at in 0..sealed.len() {
        for change in 1..=255 {
            let mut forged = sealed.clone();
            forged[at] ^= change;
            let error = unseal(&session, &forged, b"aad").await.unwrap_err();
            let is_expected = match at {
                0 => matches!(error, EnvelopeError::RecordInvalid { .. }),
                1 => matches!(
                    error,
                    EnvelopeError::RecordInvalid { .. } | EnvelopeError::PartitionMismatch
                ),
                2..=5 => matches!(error, EnvelopeError::KeyNotFound { .. }),
                _ => matches!(error, EnvelopeError::DecryptFailed),
            };
            assert!(is_expected, "byte {at} changed by {change}: {error:?}");
        }
    }
    for wrong_aad in ["", "AAD", "aad "] {
        let error = unseal(&session, &sealed, wrong_aad.as_bytes())
            .await
            .unwrap_err();
        assert!(matches!(error, EnvelopeError::DecryptFailed));
    }
    assert_eq!(
        unseal(&session, &sealed, b"aad").await.unwrap(),
        b"plaintext"
    );
}

/// The data row key's creation time is nobody's business but the reader's: Asherah's format
/// doesn't authenticate it, and nothing depends on it. Every other byte matters.
#[tokio::test]
async fn a_data_row_record_gives_no_other_plaintext_with_any_changed_byte() {
    let world = World::new();
    let (session, key) = session_and_key(&world).await;
    let text = key.encrypt(b"plaintext", world.now()).unwrap();
    let created_at = text.find(&START.to_string()).unwrap();
    let created = created_at..created_at + START.to_string().len();
    let mut tolerated = 0;
    for at in 0..text.len() {
        for change in 1..=255 {
            let mut forged = text.clone().into_bytes();
            forged[at] ^= change;
            match decrypt(&session, &forged).await {
                Ok(plaintext) => {
                    assert_eq!(plaintext, b"plaintext");
                    assert!(created.contains(&at), "byte {at} changed by {change}");
                    let is_number = forged[at].is_ascii_digit() || forged[at].is_ascii_whitespace();
                    assert!(is_number, "byte {at} changed by {change}");
                    tolerated += 1;
                }
                Err(
                    EnvelopeError::RecordInvalid { .. }
                    | EnvelopeError::PartitionMismatch
                    | EnvelopeError::KeyNotFound { .. }
                    | EnvelopeError::DecryptFailed,
                ) => {}
                Err(other) => panic!("byte {at} changed by {change}: {other:?}"),
            }
        }
    }
    assert!(tolerated > 0);
}

#[tokio::test]
async fn records_of_another_partition_service_or_product_are_refused() {
    let world = World::new();
    let (_, key) = session_and_key(&world).await;
    let text = key.encrypt(b"plaintext", world.now()).unwrap();
    let sealed = seal(&key, b"plaintext", b"");
    for (service, product, partition) in [
        ("svc", "prod", "p2"),
        ("svc2", "prod", "p1"),
        ("svc", "prod2", "p1"),
        ("svc", "pro", "p1"),
    ] {
        let factory = factory_of(&world, service, product).unwrap();
        let session = factory.session(partition).unwrap();
        world.calls();
        let error = decrypt(&session, text.as_bytes()).await.unwrap_err();
        assert!(
            matches!(error, EnvelopeError::PartitionMismatch),
            "{error:?}"
        );
        assert!(world.calls().is_empty(), "a foreign name asks nobody");
        session.writing_key().await.unwrap();
        let error = unseal(&session, &sealed, b"").await.unwrap_err();
        assert!(matches!(error, EnvelopeError::DecryptFailed), "{error:?}");
    }
}

#[tokio::test]
async fn a_sealed_record_stays_in_its_place_where_key_ids_collide() {
    let world = World::new();
    let one = factory_of(&world, "c", "p")
        .unwrap()
        .session("a_b")
        .unwrap();
    let other = factory_of(&world, "b_c", "p")
        .unwrap()
        .session("a")
        .unwrap();
    let parent = {
        let key = one.writing_key().await.unwrap();
        seal(&key, b"plaintext", b"")
    };
    assert_eq!(unseal(&one, &parent, b"").await.unwrap(), b"plaintext");
    let error = unseal(&other, &parent, b"").await.unwrap_err();
    assert!(
        matches!(
            error,
            EnvelopeError::DecryptFailed | EnvelopeError::KeyInvalid { .. }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_region_reads_the_records_of_others_and_of_none() {
    let west = World::over(EditableMetastore::of_region("us-west-2"));
    let (session, key) = session_and_key(&west).await;
    let sealed = seal(&key, b"west", b"");
    assert_eq!(&sealed[6..15], b"us-west-2");
    assert_eq!(unseal(&session, &sealed, b"").await.unwrap(), b"west");
    let plain = World::new();
    let (plain_session, plain_key) = session_and_key(&plain).await;
    let error = unseal(&plain_session, &sealed, b"").await.unwrap_err();
    assert!(matches!(error, EnvelopeError::PartitionMismatch));
    let text = plain_key.encrypt(b"plain", plain.now()).unwrap();
    let error = decrypt(&session, text.as_bytes()).await.unwrap_err();
    assert!(
        matches!(error, EnvelopeError::KeyNotFound { .. }),
        "accepted, but not there"
    );
}

#[tokio::test]
async fn key_rows_that_cannot_be_trusted_are_named_as_such() {
    let world = World::new();
    let parent = world.store_system_key(START, false);
    let named = meta(IK, START);
    let read = async |edit: &dyn Fn(&mut sealdiff_envelope::record::EnvelopeKeyRecord)| {
        let (_, mut record) = super::support::new_key(&parent.secret, START);
        record.parent = Some(parent.meta.clone());
        edit(&mut record);
        world.rows().put(IK, record);
        let session = world.session();
        let named = sealdiff_envelope::RecordKey::DataRow(&named);
        session.reading_key(named).await.map(drop)
    };
    read(&|_| {}).await.unwrap();
    for error in [
        read(&|row| row.parent = None).await,
        read(&|row| row.encrypted_key[0] ^= 1).await,
        read(&|row| row.encrypted_key.truncate(59)).await,
        read(&|row| row.parent = Some(meta("_SK_svc_other", START))).await,
        read(&|row| row.parent = Some(meta(IK, START))).await,
    ] {
        assert!(
            matches!(error, Err(EnvelopeError::KeyInvalid { .. })),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn names_of_keys_that_do_not_exist_push_no_key_out_of_the_cache() {
    let mut world = World::new();
    world.options.intermediate_keys = 64;
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    session.writing_key().await.unwrap();
    let others: Vec<_> = (0..20)
        .map(|p| meta(&format!("_IK_t{p}_svc_prod"), START))
        .collect();
    for (partition, _) in others.iter().enumerate() {
        let other = factory.session(&format!("t{partition}")).unwrap();
        other.writing_key().await.unwrap();
    }
    for hostile in 0..1000 {
        let named = meta(IK, START - 60 * (hostile + 1));
        let named = sealdiff_envelope::RecordKey::DataRow(&named);
        assert!(session.reading_key(named).await.is_err());
    }
    assert!(
        factory.stats().intermediate_keys <= 21,
        "no slot is left of them"
    );
    world.calls();
    for (partition, named) in others.iter().enumerate() {
        let other = factory.session(&format!("t{partition}")).unwrap();
        let named = sealdiff_envelope::RecordKey::DataRow(named);
        other.cached_reading_key(named).unwrap();
    }
    assert!(world.calls().is_empty());
}
