//! What a factory counts, and that it counts right.

use std::thread;

use sealdiff_envelope::RecordKey;
use sealdiff_testkit::Outage;

use super::support::{IK, MINUTE, START, World, meta};

#[tokio::test]
async fn a_call_is_one_hit_or_one_miss() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    let lookups = || (factory.stats().key_hits, factory.stats().key_misses);
    assert!(session.writing_key_in_memory().unwrap().is_none());
    assert_eq!(lookups(), (0, 0), "the caller goes on to wait");
    session.writing_key().await.unwrap();
    assert_eq!(lookups(), (0, 1));
    session.writing_key().await.unwrap();
    session.cached_writing_key().unwrap();
    session.writing_key_in_memory().unwrap().unwrap();
    assert_eq!(lookups(), (3, 1));
    let named = meta(IK, START);
    session
        .cached_reading_key(RecordKey::DataRow(&named))
        .unwrap();
    session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    assert_eq!(lookups(), (5, 1));
    let cold = world.factory();
    let session = cold.session("p1").unwrap();
    session.cached_writing_key().unwrap_err();
    session
        .cached_reading_key(RecordKey::DataRow(&named))
        .unwrap_err();
    assert_eq!((cold.stats().key_hits, cold.stats().key_misses), (0, 2));
}

#[tokio::test]
async fn keys_are_counted_while_they_are_in_memory_and_empty_slots_are_not() {
    let mut world = World::new();
    world.options.intermediate_keys = 4;
    let factory = world.factory();
    let unused = factory.stats();
    let sessions: Vec<_> = (0..100)
        .map(|partition| factory.session(&format!("p{partition}")).unwrap())
        .collect();
    assert_eq!(factory.stats(), unused);
    assert_eq!((unused.intermediate_keys, unused.system_keys), (0, 0));
    for session in &sessions[..50] {
        session.writing_key().await.unwrap();
    }
    let stats = factory.stats();
    assert_eq!(stats.intermediate_keys, 50, "their sessions hold them");
    assert_eq!((stats.system_keys, stats.key_loads), (1, 51));
    drop(sessions);
    assert!(factory.stats().intermediate_keys <= 4);
    factory.close().await;
    let stats = factory.stats();
    assert_eq!((stats.intermediate_keys, stats.system_keys), (0, 0));
}

#[tokio::test]
async fn a_key_that_makes_room_is_an_eviction() {
    let mut world = World::new();
    world.options.intermediate_keys = 10;
    let factory = world.factory();
    for partition in 0..100 {
        let session = factory.session(&format!("p{partition}")).unwrap();
        session.writing_key().await.unwrap();
    }
    let stats = factory.stats();
    assert_eq!(stats.key_evictions, 100 - stats.intermediate_keys as u64);
    assert!((1..=10).contains(&stats.intermediate_keys));
}

#[tokio::test]
async fn a_key_that_two_slots_share_is_one() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    session.writing_key().await.unwrap();
    world.clock.advance(MINUTE * 58);
    let named = meta(IK, START);
    session
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    assert_eq!(factory.stats().intermediate_keys, 1);
}

#[tokio::test]
async fn refreshes_are_no_loads_and_failed_ones_count_twice() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    session.writing_key().await.unwrap();
    let loads = factory.stats().key_loads;
    world.metastore.set_outage(Some(Outage::Unavailable));
    world.clock.advance(MINUTE * 58);
    session.cached_writing_key().unwrap();
    world.run_background().await;
    let stats = factory.stats();
    assert_eq!((stats.key_refreshes, stats.refresh_failures), (1, 1));
    assert_eq!(stats.key_loads, loads);
}

#[tokio::test]
async fn threads_count_apart_and_lose_nothing() {
    let world = World::new();
    let factory = world.factory();
    factory.session("p1").unwrap().writing_key().await.unwrap();
    let shared = factory.session("p1").unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let own = factory.session("p1").unwrap();
                for _ in 0..10_000 {
                    own.cached_writing_key().unwrap();
                    shared.cached_writing_key().unwrap();
                }
            });
        }
    });
    assert_eq!(factory.stats().key_hits, 8 * 2 * 10_000);
}
