//! How long a cached key is believed, and what a failed refresh does to it.

use std::time::Duration;

use sealdiff_envelope::{EnvelopeError, RecordKey};
use sealdiff_testkit::Outage;

use super::support::{HOUR, IK, MINUTE, SK, START, World, created, decrypt, meta, new_key};

#[tokio::test]
async fn a_refresh_starts_once_between_85_and_95_percent_of_the_interval() {
    let world = World::new();
    let session = world.warm_session().await;
    world.clock.advance(Duration::from_secs(3059));
    session.writing_key().await.unwrap();
    assert_eq!(world.run_background().await, 0, "not before 85 %");
    world.clock.advance(Duration::from_secs(3421 - 3059));
    for _ in 0..1000 {
        session.writing_key().await.unwrap();
        session.cached_writing_key().unwrap();
    }
    assert_eq!(world.spawner.run_all().await, 1, "one for all, by 95 %");
    session.writing_key().await.unwrap();
    assert_eq!(world.spawner.run_all().await, 0, "and no other after it");
}

#[tokio::test]
async fn keys_of_one_start_do_not_come_due_at_once() {
    let world = World::new();
    let factory = world.factory();
    let mut sessions = Vec::new();
    for partition in 0..200 {
        let session = factory.session(&format!("p{partition}")).unwrap();
        session.writing_key().await.unwrap();
        sessions.push(session);
    }
    world.clock.advance(Duration::from_secs(3240));
    for session in &sessions {
        session.cached_writing_key().unwrap();
    }
    let due = world.run_background().await;
    assert!((20..180).contains(&due), "{due} of 200 at 90 %");
}

#[tokio::test]
async fn a_revoked_key_is_noticed_at_the_refresh() {
    let world = World::new();
    let session = world.warm_session().await;
    world.rows().revoke(IK);
    world.clock.advance(MINUTE * 58);
    assert_eq!(created(&session.writing_key().await.unwrap()), START);
    world.run_background().await;
    assert_eq!(
        created(&session.writing_key().await.unwrap()),
        START + 58 * 60
    );
}

#[tokio::test]
async fn a_revoked_system_key_replaces_the_intermediate_key_at_its_refresh() {
    let world = World::new();
    let session = world.warm_session().await;
    world.rows().revoke(SK);
    world.clock.advance(MINUTE * 58);
    session.writing_key().await.unwrap();
    world.run_background().await;
    assert_eq!(
        created(&session.writing_key().await.unwrap()),
        START + 58 * 60
    );
    assert_eq!(world.rows().versions(SK), [START, START + 58 * 60]);
}

#[tokio::test]
async fn a_newer_key_of_another_process_replaces_the_latest_at_the_refresh() {
    let world = World::new();
    let parent = world.store_system_key(START, false);
    world.store_intermediate_key(START, false, &parent);
    let session = world.session();
    session.writing_key().await.unwrap();
    world.store_intermediate_key(START + 60, false, &parent);
    world.clock.advance(MINUTE * 58);
    session.writing_key().await.unwrap();
    world.run_background().await;
    assert_eq!(created(&session.writing_key().await.unwrap()), START + 60);
    let old = meta(IK, START);
    session.reading_key(RecordKey::DataRow(&old)).await.unwrap();
}

#[tokio::test]
async fn an_unavailable_metastore_leaves_the_old_key_for_the_grace() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    let text = {
        let key = session.writing_key().await.unwrap();
        key.encrypt(b"kept", world.now()).unwrap()
    };
    world.metastore.set_outage(Some(Outage::Unavailable));
    world.clock.advance(MINUTE * 58);
    for minute in 58..70 {
        session.writing_key().await.unwrap();
        assert_eq!(decrypt(&session, text.as_bytes()).await.unwrap(), b"kept");
        world.run_background().await;
        let failures = factory.stats().refresh_failures;
        assert!(failures >= minute - 57, "every failed refresh is counted");
        world.clock.advance(MINUTE);
    }
    let error = session.writing_key().await.unwrap_err();
    assert!(matches!(
        error,
        EnvelopeError::MetastoreUnavailable {
            retryable: true,
            ..
        }
    ));
    let error = decrypt(&session, text.as_bytes()).await.unwrap_err();
    assert!(matches!(error, EnvelopeError::MetastoreUnavailable { .. }));
    world.metastore.set_outage(None);
    session.writing_key().await.unwrap();
    assert_eq!(decrypt(&session, text.as_bytes()).await.unwrap(), b"kept");
}

#[tokio::test]
async fn a_failed_refresh_is_repeated_after_seconds_not_with_every_call() {
    let world = World::new();
    let session = world.warm_session().await;
    world.metastore.set_outage(Some(Outage::Unavailable));
    world.clock.advance(MINUTE * 58);
    for _ in 0..100 {
        session.cached_writing_key().unwrap();
        world.run_background().await;
    }
    assert_eq!(world.calls(), ["latest IK"]);
    world.clock.advance(Duration::from_secs(5));
    session.cached_writing_key().unwrap();
    assert_eq!(world.run_background().await, 1);
}

#[tokio::test]
async fn a_row_that_is_gone_ends_the_reading_key_at_once() {
    let world = World::new();
    world.warm_session().await;
    let session = world.session();
    let named = meta(IK, START);
    session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    world.rows().remove(IK);
    world.clock.advance(MINUTE * 58);
    session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    world.run_background().await;
    let error = session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap_err();
    assert!(matches!(error, EnvelopeError::KeyNotFound { .. }));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_row_that_is_gone_ends_the_writing_key_too_when_a_reader_notices() {
    let world = World::new();
    let session = world.warm_session().await;
    let named = meta(IK, START);
    world.rows().remove(IK);
    world.clock.advance(MINUTE * 58);
    session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    world.run_background().await;
    let error = session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap_err();
    assert!(matches!(error, EnvelopeError::KeyNotFound { .. }));
    let key = session.writing_key().await.unwrap();
    assert_eq!(
        created(&key),
        START + 58 * 60,
        "nothing is written under a lost key"
    );
}

#[tokio::test]
async fn reading_under_the_writing_key_refreshes_in_time_and_never_writes() {
    let world = World::new();
    let session = world.warm_session().await;
    let named = meta(IK, START);
    world.rows().revoke(IK);
    for _ in 0..10 {
        world.clock.advance(MINUTE * 58);
        session
            .reading_key(RecordKey::DataRow(&named))
            .await
            .unwrap();
        assert_eq!(
            world.run_background().await,
            1,
            "in the background: no reader waits"
        );
        assert_eq!(world.calls(), ["load IK", "load SK", "decrypt"]);
    }
}

#[tokio::test]
async fn a_reader_never_waits_while_the_writing_key_is_believed() {
    let world = World::new();
    world.warm_session().await;
    let session = world.session();
    let named = meta(IK, START);
    let named = RecordKey::DataRow(&named);
    session.reading_key(named).await.unwrap();
    session.writing_key().await.unwrap();
    world.clock.advance(MINUTE * 58);
    session.cached_writing_key().unwrap();
    world.run_background().await;
    world.clock.advance(MINUTE * 58);
    let read = session.cached_reading_key(named);
    read.expect("its own slot is two hours old, but the writing key is not");
    assert_eq!(world.run_background().await, 1);
}

#[tokio::test]
async fn a_refusing_kms_stops_everybody_at_the_refresh() {
    let world = World::new();
    let session = world.warm_session().await;
    world.kms.set_outage(Some(Outage::Refused));
    world.clock.advance(MINUTE * 58);
    session.cached_writing_key().unwrap();
    world.run_background().await;
    let named = meta(IK, START);
    let error = session.writing_key().await.unwrap_err();
    assert!(matches!(error, EnvelopeError::KmsRefused { .. }));
    assert!(!error.is_retryable());
    let error = session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap_err();
    assert!(matches!(error, EnvelopeError::KmsRefused { .. }));
}

#[tokio::test]
async fn a_disabled_master_key_stops_a_key_loaded_late_within_the_interval_too() {
    let world = World::new();
    world.warm_session().await;
    let factory = world.factory();
    factory
        .session("early")
        .unwrap()
        .writing_key()
        .await
        .unwrap();
    world.kms.set_outage(Some(Outage::Refused));
    world.clock.advance(MINUTE * 50);
    let late = factory.session("p1").unwrap();
    late.writing_key().await.unwrap();
    world.clock.advance(MINUTE * 10);
    let _ = late.cached_writing_key();
    world.run_background().await;
    world.clock.advance(MINUTE);
    let error = late.writing_key().await.unwrap_err();
    assert!(matches!(error, EnvelopeError::KmsRefused { .. }));
}

#[tokio::test]
async fn the_kms_is_asked_once_an_interval_however_many_partitions_load() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    for partition in 0..50 {
        let (_, mut record) = new_key(&parent.secret, START - 60);
        record.parent = Some(parent.meta.clone());
        world
            .rows()
            .put(&format!("_IK_p{partition}_svc_prod"), record);
    }
    let factory = world.factory();
    for partition in 0..50 {
        let session = factory.session(&format!("p{partition}")).unwrap();
        session.writing_key().await.unwrap();
        world.clock.advance(MINUTE);
    }
    assert_eq!(factory.stats().kms_decrypts, 1);
    assert_eq!(factory.stats().kms_encrypts, 0);
    world.clock.advance(MINUTE * 8);
    factory.session("p0").unwrap().writing_key().await.unwrap();
    world.run_background().await;
    assert_eq!(factory.stats().kms_decrypts, 2);
}

#[tokio::test]
async fn a_system_keys_row_is_read_again_only_after_a_minute() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    for partition in ["p1", "p2", "p3"] {
        let (_, mut record) = new_key(&parent.secret, START - 60);
        record.parent = Some(parent.meta.clone());
        world
            .rows()
            .put(&format!("_IK_{partition}_svc_prod"), record);
    }
    let factory = world.factory();
    let load = async |partition: &str| {
        factory
            .session(partition)
            .unwrap()
            .writing_key()
            .await
            .unwrap();
        world.calls()
    };
    assert_eq!(load("p1").await, ["latest IK", "load SK", "decrypt"]);
    world.clock.advance(MINUTE);
    assert_eq!(load("p2").await, ["latest IK"]);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(load("p3").await, ["latest IK", "load SK"]);
}

#[tokio::test]
async fn while_the_kms_is_away_a_cached_system_key_opens_other_partitions_for_the_grace() {
    let world = World::new();
    world.warm_session().await;
    let factory = world.factory();
    factory
        .session("other")
        .unwrap()
        .writing_key()
        .await
        .unwrap();
    world.kms.set_outage(Some(Outage::Unavailable));
    world.clock.advance(MINUTE * 69);
    factory.session("p1").unwrap().writing_key().await.unwrap();
    assert!(factory.stats().refresh_failures > 0, "and it shows");
    world.clock.advance(MINUTE + Duration::from_secs(1));
    let error = factory
        .session("p1")
        .unwrap()
        .writing_key()
        .await
        .unwrap_err();
    assert!(matches!(error, EnvelopeError::KmsUnavailable { .. }));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_unreadable_row_is_never_taken_for_an_absent_one() {
    let world = World::new();
    world.warm_session().await;
    let session = world.session();
    world.metastore.set_outage(Some(Outage::Refused));
    let error = session.writing_key().await.unwrap_err();
    assert!(matches!(error, EnvelopeError::KeyInvalid { .. }));
    assert_eq!(world.rows().versions(IK), [START], "no new key hides it");
}

#[tokio::test]
async fn nothing_is_written_where_the_metastore_takes_different_ids_for_one() {
    let world = World::new();
    world.metastore.set_outage(Some(Outage::Confused));
    let error = world.session().writing_key().await.unwrap_err();
    assert!(matches!(error, EnvelopeError::MetastoreCollation));
    assert!(!error.is_retryable());
    assert!(world.rows().versions(IK).is_empty());
}

#[tokio::test]
async fn an_hour_without_calls_makes_the_next_caller_wait_for_one_load() {
    let world = World::new();
    let session = world.warm_session().await;
    world.clock.advance(HOUR * 2);
    session.writing_key().await.unwrap();
    assert_eq!(world.calls(), ["latest IK", "load SK", "decrypt"]);
}
