//! Closing a factory: who is waited for, who is refused, what is left.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join;
use sealdiff_envelope::{EnvelopeError, RecordKey};

use super::support::{IK, START, World, meta};

fn is_closed<T>(outcome: Result<T, EnvelopeError>) -> bool {
    matches!(outcome, Err(EnvelopeError::Closed))
}

#[tokio::test]
async fn closing_waits_for_those_inside_and_refuses_all_others() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    let operation = session.begin().unwrap();
    let mut closing = Box::pin(factory.close());
    assert!((&mut closing).now_or_never().is_none());
    assert!(is_closed(session.begin()));
    assert!(is_closed(factory.session("p2")));
    assert!(is_closed(session.cached_writing_key()));
    let named = meta(IK, START);
    assert!(is_closed(
        session.cached_reading_key(RecordKey::DataRow(&named))
    ));
    assert!(is_closed(factory.ping().await));
    session
        .writing_key()
        .await
        .expect("the operation inside goes on to its end");
    world.calls();
    drop(operation);
    closing.await;
    assert_eq!(world.calls(), ["close"]);
}

#[tokio::test]
async fn two_who_close_at_once_wait_for_the_same_end() {
    let world = World::new();
    let factory = world.factory();
    let operation = factory.session("p1").unwrap().begin().unwrap();
    let mut both = Box::pin(join(factory.close(), factory.close()));
    assert!((&mut both).now_or_never().is_none());
    drop(operation);
    both.await;
    factory.close().await;
    assert_eq!(world.calls(), ["close"]);
}

#[tokio::test]
async fn the_second_close_does_not_end_before_the_metastore_is_closed() {
    let world = World::new();
    let factory = world.factory();
    let mut first = Box::pin(factory.close());
    assert!(
        (&mut first).now_or_never().is_none(),
        "the metastore takes its time"
    );
    let mut second = Box::pin(factory.close());
    assert!(
        (&mut second).now_or_never().is_some(),
        "it drives the same end"
    );
    first.await;
    assert_eq!(world.calls(), ["close"]);
}

#[tokio::test]
async fn a_close_that_is_dropped_is_finished_by_the_next() {
    let world = World::new();
    let factory = world.factory();
    let operation = factory.session("p1").unwrap().begin().unwrap();
    let mut first = Box::pin(factory.close());
    assert!((&mut first).now_or_never().is_none());
    drop(first);
    drop(operation);
    factory.close().await;
    assert_eq!(world.calls(), ["close"]);
}

#[tokio::test]
async fn closing_erases_keys_even_where_a_session_lives_on() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    let key = Arc::downgrade(&session.writing_key().await.unwrap());
    assert!(key.upgrade().is_some());
    factory.close().await;
    assert!(key.upgrade().is_none());
    drop(session);
}

#[tokio::test]
async fn closing_erases_keys_whose_slot_the_cache_let_go() {
    let mut world = World::new();
    world.options.intermediate_keys = 4;
    let factory = world.factory();
    let mut held = Vec::new();
    for partition in 0..100 {
        let session = factory.session(&format!("p{partition}")).unwrap();
        let key = Arc::downgrade(&session.writing_key().await.unwrap());
        held.push((session, key));
    }
    assert!(held.iter().all(|(_, key)| key.upgrade().is_some()));
    factory.close().await;
    assert!(held.iter().all(|(_, key)| key.upgrade().is_none()));
}

#[tokio::test]
async fn a_load_that_ends_after_closing_leaves_no_key_behind() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    assert!(session.cached_writing_key().is_err(), "it starts the load");
    factory.close().await;
    assert_eq!(world.run_background().await, 1);
    world.calls();
    session.writing_key().await.unwrap();
    assert!(
        !world.calls().is_empty(),
        "the background load filled nothing"
    );
}

#[tokio::test]
async fn a_ping_asks_both_backends() {
    let world = World::new();
    world.factory().ping().await.unwrap();
    assert_eq!(world.calls(), ["ping", "ping"]);
}
