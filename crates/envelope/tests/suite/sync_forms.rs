//! Calls that never wait.

use sealdiff_envelope::{EnvelopeError, RecordKey};
use sealdiff_testkit::Outage;

use super::support::{DAY, HOUR, IK, MINUTE, START, World, created, meta};

fn is_not_cached<T>(outcome: Result<T, EnvelopeError>) -> bool {
    matches!(&outcome, Err(error @ EnvelopeError::KeyNotCached) if error.is_retryable())
}

#[tokio::test]
async fn a_cold_write_starts_the_load_so_that_a_retry_works() {
    let world = World::new();
    let session = world.session();
    assert!(is_not_cached(session.cached_writing_key()));
    assert!(is_not_cached(session.cached_writing_key()));
    assert_eq!(world.run_background().await, 1, "one load for both");
    assert_eq!(created(&session.cached_writing_key().unwrap()), START);
}

#[tokio::test]
async fn a_cold_read_starts_the_load_so_that_a_retry_works() {
    let world = World::new();
    world.warm_session().await;
    let session = world.session();
    let named = meta(IK, START);
    assert!(is_not_cached(
        session.cached_reading_key(RecordKey::DataRow(&named))
    ));
    assert_eq!(world.run_background().await, 1);
    session
        .cached_reading_key(RecordKey::DataRow(&named))
        .unwrap();
    assert_eq!(world.calls(), ["load IK", "load SK", "decrypt"]);
}

#[tokio::test]
async fn another_partitions_key_is_refused_without_a_load() {
    let world = World::new();
    let session = world.warm_session().await;
    let foreign = meta("_IK_p2_svc_prod", START);
    let outcome = session.cached_reading_key(RecordKey::DataRow(&foreign));
    assert!(matches!(outcome, Err(EnvelopeError::PartitionMismatch)));
    assert_eq!(world.run_background().await, 0);
}

#[tokio::test]
async fn a_stale_key_serves_within_the_grace_and_no_longer() {
    let world = World::new();
    let session = world.warm_session().await;
    world.metastore.set_outage(Some(Outage::Unavailable));
    world.clock.advance(HOUR + MINUTE * 9);
    session.cached_writing_key().unwrap();
    world.run_background().await;
    world.clock.advance(MINUTE);
    assert!(is_not_cached(session.cached_writing_key()));
}

#[tokio::test]
async fn an_expired_key_serves_within_the_grace_while_its_successor_is_made() {
    let world = World::new();
    let session = world.warm_session().await;
    world.clock.set_wall_clock(START + 90 * 86_400 + 600);
    assert_eq!(created(&session.cached_writing_key().unwrap()), START);
    assert_eq!(world.run_background().await, 1);
    let successor = session.cached_writing_key().unwrap();
    assert_eq!(created(&successor), START + 90 * 86_400 + 600);
}

#[tokio::test]
async fn a_key_expired_beyond_the_grace_does_not_serve() {
    let world = World::new();
    let session = world.warm_session().await;
    world.clock.set_wall_clock(START + 90 * 86_400 + 601);
    assert!(is_not_cached(session.cached_writing_key()));
}

#[tokio::test]
async fn an_expired_key_is_not_reloaded_with_every_call_of_an_outage() {
    let world = World::new();
    let session = world.warm_session().await;
    world.clock.set_wall_clock(START + 90 * 86_400 + 1);
    world.metastore.set_outage(Some(Outage::Unavailable));
    for _ in 0..1000 {
        session.cached_writing_key().unwrap();
        world.run_background().await;
    }
    assert_eq!(world.calls(), ["latest IK"], "again in five seconds");
    world.clock.advance(MINUTE);
    session.cached_writing_key().unwrap();
    assert_eq!(world.run_background().await, 1);
}

#[tokio::test]
async fn a_key_known_to_be_revoked_never_writes() {
    let world = World::new();
    let session = world.warm_session().await;
    world.rows().revoke(IK);
    world.clock.advance(MINUTE * 58);
    session.cached_writing_key().unwrap();
    world.run_background().await;
    assert_eq!(
        created(&session.cached_writing_key().unwrap()),
        START + 58 * 60
    );
}

#[tokio::test]
async fn refreshes_a_cached_version_in_the_background() {
    let world = World::new();
    world.warm_session().await;
    let session = world.session();
    let named = meta(IK, START);
    session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    world.calls();
    world.clock.advance(MINUTE * 58);
    session
        .cached_reading_key(RecordKey::DataRow(&named))
        .unwrap();
    assert_eq!(world.run_background().await, 1);
    assert_eq!(world.calls(), ["load IK", "load SK", "decrypt"]);
    world.clock.advance(DAY);
    assert!(is_not_cached(
        session.cached_reading_key(RecordKey::DataRow(&named))
    ));
}
