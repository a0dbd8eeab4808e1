//! Which records are under the key that writes now, and the keys that put them there; warming.

use sealdiff_envelope::record::{NamedKey, SealedRecord};
use sealdiff_envelope::{EnvelopeError, KeyLevel, RecordKey, Session};
use sealdiff_testkit::EditableMetastore;

use super::support::{IK, MINUTE, START, World, created, meta, seal};

async fn is_current(session: &Session, created: u32) -> bool {
    let named = meta(IK, created);
    let named = RecordKey::DataRow(&named);
    let answer = session.is_current(named).await.unwrap();
    if let Some(at_once) = session.is_current_in_memory(named).unwrap() {
        assert_eq!(at_once, answer);
    }
    answer
}

#[tokio::test]
async fn what_was_written_just_now_is_current_in_both_formats() {
    let world = World::new();
    let session = world.warm_session().await;
    assert!(is_current(&session, START).await);
    let key = session.writing_key().await.unwrap();
    let record = seal(&key, b"x", b"");
    let named = RecordKey::Sealed(SealedRecord::parse(&record).unwrap().header());
    assert_eq!(session.is_current_in_memory(named).unwrap(), Some(true));
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn what_was_written_under_an_older_key_is_not_and_its_key_is_not_loaded() {
    let world = World::new();
    let parent = world.store_system_key(START - 600, false);
    world.store_intermediate_key(START - 600, false, &parent);
    world.store_intermediate_key(START - 60, false, &parent);
    let session = world.warm_session().await;
    assert!(!is_current(&session, START - 600).await);
    assert!(is_current(&session, START - 60).await);
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_cold_session_asks_for_both_keys() {
    let world = World::new();
    let parent = world.store_system_key(START - 600, false);
    world.store_intermediate_key(START - 600, false, &parent);
    let session = world.session();
    let named = meta(IK, START - 600);
    let named = RecordKey::DataRow(&named);
    assert_eq!(session.is_current_in_memory(named).unwrap(), None);
    assert!(session.is_current(named).await.unwrap());
    assert_eq!(
        world.calls(),
        ["load IK", "load SK", "decrypt", "latest IK"]
    );
    world.store_intermediate_key(START - 60, false, &parent);
    assert!(!world.session().is_current(named).await.unwrap());
}

#[tokio::test]
async fn asking_makes_no_key() {
    let world = World::new();
    let expired = START - 91 * 86_400;
    let parent = world.store_system_key(START - 60, false);
    world.store_intermediate_key(expired, false, &parent);
    assert!(!is_current(&world.session(), expired).await);
    assert!(world.calls().is_empty(), "its age is in its name");
    world.store_intermediate_key(START - 60, true, &parent);
    assert!(!is_current(&world.session(), START - 60).await);
    assert_eq!(world.calls(), ["load IK", "load SK", "decrypt"]);
    assert_eq!(world.rows().versions(IK), [expired, START - 60]);
}

#[tokio::test]
async fn a_revoked_key_is_not_current_once_that_is_noticed() {
    let world = World::new();
    let session = world.warm_session().await;
    world.rows().revoke(IK);
    assert!(
        is_current(&session, START).await,
        "believed for the interval"
    );
    world.clock.advance(MINUTE * 58);
    assert!(is_current(&session, START).await, "and asked for again");
    world.run_background().await;
    assert!(!is_current(&session, START).await);
}

#[tokio::test]
async fn a_key_that_another_process_made_since_is_current_and_what_is_under_it_stays_there() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    world.store_intermediate_key(START - 60, false, &parent);
    let session = world.warm_session().await;
    world.store_intermediate_key(START, false, &parent);
    assert!(is_current(&session, START).await);
    let named = meta(IK, START);
    let keys = session
        .reseal_keys(RecordKey::DataRow(&named))
        .await
        .unwrap();
    assert_eq!(
        (created(&keys.reading), created(&keys.writing)),
        (START, START)
    );
    let keys = session.reseal_keys_in_memory(RecordKey::DataRow(&named));
    assert_eq!(created(&keys.unwrap().unwrap().writing), START);
}

#[tokio::test]
async fn a_newer_key_that_was_revoked_is_not_current_and_nothing_stays_under_it() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    world.store_intermediate_key(START - 60, false, &parent);
    let session = world.warm_session().await;
    world.store_intermediate_key(START, true, &parent);
    assert!(!is_current(&session, START).await);
    let named = meta(IK, START);
    let keys = session
        .reseal_keys(RecordKey::DataRow(&named))
        .await
        .unwrap();
    assert_eq!(created(&keys.writing), START - 60);
}

#[tokio::test]
async fn a_forged_name_of_a_newer_key_is_an_error() {
    let world = World::new();
    let session = world.warm_session().await;
    let named = meta(IK, START + 600);
    let error = session.is_current(RecordKey::DataRow(&named)).await;
    assert!(matches!(error, Err(EnvelopeError::KeyNotFound { .. })));
}

#[tokio::test]
async fn another_partitions_record_is_refused_and_another_regions_is_not_current() {
    let world = World::over(EditableMetastore::of_region("us-west-2"));
    let session = world.warm_session().await;
    let foreign = meta("_IK_p2_svc_prod_us-west-2", START);
    let foreign = RecordKey::DataRow(&foreign);
    let outcome = session.is_current(foreign).await;
    assert!(matches!(outcome, Err(EnvelopeError::PartitionMismatch)));
    let outcome = session.reseal_keys(foreign).await;
    assert!(matches!(outcome, Err(EnvelopeError::PartitionMismatch)));
    let elsewhere = meta("_IK_p1_svc_prod_eu-west-1", START);
    let elsewhere = RecordKey::DataRow(&elsewhere);
    assert!(!session.is_current(elsewhere).await.unwrap());
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn resealing_reads_under_the_old_key_and_writes_under_the_newest() {
    let world = World::new();
    let parent = world.store_system_key(START - 600, false);
    world.store_intermediate_key(START - 600, false, &parent);
    let session = world.session();
    let record = seal(&session.writing_key().await.unwrap(), b"kept", b"place");
    let record = SealedRecord::parse(&record).unwrap();
    world.rows().revoke(IK);
    let session = world.session();
    let named = RecordKey::Sealed(record.header());
    assert!(session.reseal_keys_in_memory(named).unwrap().is_none());
    let keys = session.reseal_keys(named).await.unwrap();
    assert_eq!(created(&keys.reading), START - 600);
    assert_eq!(created(&keys.writing), START);
    let mut plaintext = [0; 4];
    keys.reading
        .unseal(&record, b"place", &mut plaintext)
        .unwrap();
    let again = session.reseal_keys_in_memory(named).unwrap().unwrap();
    assert_eq!(created(&again.writing), START);
}

/// The versions of partition `p1`'s key, all under one system key, and what records name them.
fn stored_versions(world: &World, count: u32) -> Vec<NamedKey> {
    let parent = world.store_system_key(START - 86_400, false);
    (0..count)
        .map(|minute| {
            let key = world.store_intermediate_key(START - 3600 + minute * 60, false, &parent);
            NamedKey::DataRow(key.meta)
        })
        .collect()
}

fn can_read(session: &Session, named: &NamedKey) -> bool {
    session.cached_reading_key(named.into()).is_ok()
}

#[tokio::test]
async fn warming_loads_the_newest_key_and_those_named_each_once() {
    let world = World::new();
    let versions = stored_versions(&world, 30);
    let session = world.session();
    let (named, others) = versions.split_at(20);
    let many: Vec<_> = named.iter().cycle().take(1000).cloned().collect();
    session.warm(&many).await.unwrap();
    let calls = world.calls();
    assert_eq!(calls[..3], ["latest IK", "load SK", "decrypt"]);
    assert_eq!(calls[3..], ["load IK"; 20]);
    assert!(named.iter().all(|key| can_read(&session, key)));
    let newest = others.last().unwrap();
    assert!(can_read(&session, newest), "as the key that writes");
    assert!(!can_read(&session, &others[0]));
    session.cached_writing_key().unwrap();
}

#[tokio::test]
async fn warming_with_a_foreign_record_loads_nothing() {
    let world = World::new();
    let mut named = stored_versions(&world, 2);
    named.push(NamedKey::DataRow(meta("_IK_p2_svc_prod", START)));
    let outcome = world.session().warm(&named).await;
    assert!(matches!(outcome, Err(EnvelopeError::PartitionMismatch)));
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn warming_goes_on_past_a_key_that_is_missing_and_then_says_so() {
    let world = World::new();
    let mut named = stored_versions(&world, 20);
    named[3] = NamedKey::DataRow(meta(IK, START - 7200));
    let session = world.session();
    let outcome = session.warm(&named).await;
    assert!(matches!(
        outcome,
        Err(EnvelopeError::KeyNotFound {
            level: KeyLevel::Intermediate,
            ..
        })
    ));
    named.remove(3);
    assert!(named.iter().all(|key| can_read(&session, key)));
}

#[tokio::test]
async fn a_named_key_is_read_from_either_format_and_shows_no_id() {
    let world = World::new();
    let session = world.session();
    let key = session.writing_key().await.unwrap();
    let sealed = NamedKey::of(&seal(&key, b"x", b"")).unwrap();
    let text = key.encrypt(b"x", world.now()).unwrap();
    let data_row = NamedKey::of(text.as_bytes()).unwrap();
    for named in [&sealed, &data_row] {
        assert!(session.is_current(named.into()).await.unwrap());
        assert!(!format!("{named:?}").contains("p1"));
    }
    for malformed in [&b""[..], b"{}", b"\xD1\0"] {
        let outcome = NamedKey::of(malformed);
        assert!(matches!(outcome, Err(EnvelopeError::RecordInvalid { .. })));
    }
}
