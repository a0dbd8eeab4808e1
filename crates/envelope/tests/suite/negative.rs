//! Keys that the metastore lacks: remembered for a second or two, and for nothing else.

use std::time::Duration;

use sealdiff_envelope::{EnvelopeError, KeyLevel, RecordKey, Session};
use sealdiff_testkit::Outage;

use super::support::{IK, MINUTE, SK, START, World, created, meta, new_key};

const LONGEST: Duration = Duration::from_secs(2);
const JUST_BEFORE_THE_SHORTEST: Duration = Duration::from_millis(999);

fn is_not_found<T>(outcome: &Result<T, EnvelopeError>, expected: KeyLevel) -> bool {
    matches!(outcome, Err(EnvelopeError::KeyNotFound { level, .. }) if *level == expected)
}

async fn is_missing(session: &Session, created: u32) -> bool {
    let named = meta(IK, created);
    let outcome = session.reading_key(RecordKey::DataRow(&named)).await;
    is_not_found(&outcome, KeyLevel::Intermediate)
}

#[tokio::test]
async fn a_thousand_reads_of_a_missing_key_are_one_load_every_second_or_two() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    for _ in 0..1000 {
        assert!(is_missing(&session, START).await);
    }
    assert_eq!(world.calls(), ["load IK"]);
    assert_eq!(factory.stats().negative_hits, 999);
    world.clock.advance(JUST_BEFORE_THE_SHORTEST);
    assert!(is_missing(&session, START).await);
    assert!(world.calls().is_empty());
    world.clock.advance(LONGEST);
    assert!(is_missing(&session, START).await);
    assert_eq!(world.calls(), ["load IK"]);
}

#[tokio::test]
async fn a_row_that_appears_is_found_within_two_seconds() {
    let world = World::new();
    let session = world.session();
    assert!(is_missing(&session, START).await);
    let parent = world.store_system_key(START, false);
    world.store_intermediate_key(START, false, &parent);
    world.clock.advance(LONGEST);
    assert!(!is_missing(&session, START).await);
}

#[tokio::test]
async fn absences_noticed_together_are_not_forgotten_together() {
    let world = World::new();
    let session = world.session();
    for version in 0..200 {
        assert!(is_missing(&session, START + version * 60).await);
    }
    world.calls();
    world.clock.advance(Duration::from_millis(1500));
    for version in 0..200 {
        assert!(is_missing(&session, START + version * 60).await);
    }
    let asked_again = world.calls().len();
    assert!((20..180).contains(&asked_again), "{asked_again} of 200");
}

#[tokio::test]
async fn a_call_that_never_waits_learns_that_the_key_is_missing() {
    let world = World::new();
    let session = world.session();
    let named = meta(IK, START);
    let read = || session.cached_reading_key(RecordKey::DataRow(&named));
    assert!(matches!(read(), Err(EnvelopeError::KeyNotCached)));
    world.run_background().await;
    for _ in 0..10 {
        assert!(is_not_found(&read(), KeyLevel::Intermediate));
        assert_eq!(world.run_background().await, 0, "and starts no load");
    }
    world.clock.advance(LONGEST);
    assert!(matches!(read(), Err(EnvelopeError::KeyNotCached)));
    let parent = world.store_system_key(START, false);
    world.store_intermediate_key(START, false, &parent);
    world.run_background().await;
    read().expect("the row is there now");
}

#[tokio::test]
async fn a_failure_is_never_taken_for_absent() {
    for outage in [Outage::Unavailable, Outage::Refused, Outage::Confused] {
        let world = World::new();
        let parent = world.store_system_key(START, false);
        world.store_intermediate_key(START, false, &parent);
        let session = world.session();
        world.metastore.set_outage(Some(outage));
        assert!(!is_missing(&session, START).await);
        world.metastore.set_outage(None);
        let named = meta(IK, START);
        let read = session.reading_key(RecordKey::DataRow(&named)).await;
        read.unwrap_or_else(|error| panic!("at once after {outage:?}: {error}"));
    }
}

#[tokio::test]
async fn a_missing_system_key_is_remembered_for_all_its_children_and_no_longer_than_itself() {
    let world = World::new();
    let parent = world.store_system_key(START, false);
    for partition in ["p1", "p2"] {
        let (_, mut record) = new_key(&parent.secret, START);
        record.parent = Some(parent.meta.clone());
        world
            .rows()
            .put(&format!("_IK_{partition}_svc_prod"), record);
    }
    world.rows().remove(SK);
    let factory = world.factory();
    let read = async |partition: &str| {
        let session = factory.session(partition).unwrap();
        let named = meta(&format!("_IK_{partition}_svc_prod"), START);
        session.reading_key(RecordKey::DataRow(&named)).await
    };
    assert!(is_not_found(&read("p1").await, KeyLevel::System));
    world.clock.advance(JUST_BEFORE_THE_SHORTEST);
    assert!(is_not_found(&read("p2").await, KeyLevel::System));
    assert!(is_not_found(&read("p2").await, KeyLevel::System));
    assert_eq!(world.calls(), ["load IK", "load SK", "load IK"]);
    world.clock.advance(LONGEST - JUST_BEFORE_THE_SHORTEST);
    assert!(is_not_found(&read("p2").await, KeyLevel::System));
    assert_eq!(world.calls(), ["load IK", "load SK"]);
}

#[tokio::test]
async fn a_key_that_this_process_makes_is_there_at_once() {
    let mut world = World::new();
    world.options.intermediate_keys = 0;
    let factory = world.factory();
    let (reader, writer) = (
        factory.session("p1").unwrap(),
        factory.session("p1").unwrap(),
    );
    assert!(is_missing(&reader, START).await);
    assert_eq!(created(&writer.writing_key().await.unwrap()), START);
    assert!(!is_missing(&reader, START).await);
}

#[tokio::test]
async fn a_writer_is_not_told_what_a_reader_missed() {
    let world = World::new();
    let session = world.session();
    assert!(is_missing(&session, START).await);
    let parent = world.store_system_key(START, false);
    world.store_intermediate_key(START, false, &parent);
    let key = session.writing_key().await.unwrap();
    assert_eq!(created(&key), START, "another process made it meanwhile");
    assert_eq!(world.rows().versions(IK), [START]);
    assert!(!is_missing(&session, START).await, "and it reads at once");
}

#[tokio::test]
async fn a_flood_of_names_of_missing_keys_is_not_remembered_whole() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    for round in 0..2 {
        for version in 1..=5000 {
            assert!(is_missing(&session, version * 60).await);
        }
        assert!(factory.stats().negative_hits <= round * 1100);
    }
}

#[tokio::test]
async fn a_refresh_that_finds_the_row_gone_is_remembered_too() {
    let world = World::new();
    world.warm_session().await;
    let session = world.session();
    assert!(!is_missing(&session, START).await);
    world.rows().remove(IK);
    world.clock.advance(MINUTE * 58);
    assert!(!is_missing(&session, START).await);
    world.run_background().await;
    world.calls();
    assert!(is_missing(&session, START).await);
    assert!(world.calls().is_empty());
}
