//! However many callers miss at once: one load, which no single caller can spoil.

use std::sync::Barrier;

use futures_util::FutureExt;
use futures_util::future::join_all;
use sealdiff_envelope::{EnvelopeError, RecordKey, Session, SessionFactory, TimedOut};
use sealdiff_testkit::Outage;

use super::support::{IK, SK, START, World, meta, new_key};

fn sessions(factory: &SessionFactory, count: usize) -> Vec<Session> {
    let sessions = (0..count).map(|_| factory.session("p1").unwrap());
    sessions.collect()
}

#[tokio::test]
async fn a_thousand_misses_are_one_load_and_one_kms_call() {
    let world = World::new();
    world.warm_session().await;
    let named = meta(IK, START);
    let sessions = sessions(&world.factory(), 1000);
    let reads = sessions
        .iter()
        .map(|s| s.reading_key(RecordKey::DataRow(&named)));
    assert!(join_all(reads).await.iter().all(Result::is_ok));
    assert_eq!(world.calls(), ["load IK", "load SK", "decrypt"]);
}

#[tokio::test]
async fn a_thousand_first_writes_make_one_key() {
    let world = World::new();
    let sessions = sessions(&world.factory(), 1000);
    let writes = sessions.iter().map(Session::writing_key);
    assert!(join_all(writes).await.iter().all(Result::is_ok));
    assert_eq!(
        world.calls(),
        ["latest IK", "latest SK", "encrypt", "store SK", "store IK"]
    );
}

#[tokio::test]
async fn a_thousand_new_partitions_make_one_system_key() {
    let world = World::new();
    let factory = world.factory();
    let sessions: Vec<_> = (0..1000)
        .map(|partition| factory.session(&format!("p{partition}")).unwrap())
        .collect();
    let writes = sessions.iter().map(Session::writing_key);
    assert!(join_all(writes).await.iter().all(Result::is_ok));
    let stats = factory.stats();
    assert_eq!((stats.kms_encrypts, stats.kms_decrypts), (1, 0));
    assert_eq!(
        (stats.metastore_loads, stats.metastore_stores),
        (1001, 1001)
    );
}

#[tokio::test]
async fn a_thousand_partitions_read_at_once_are_one_load_of_their_system_key() {
    let world = World::new();
    let parent = world.store_system_key(START, false);
    for partition in 0..1000 {
        let (_, mut record) = new_key(&parent.secret, START);
        record.parent = Some(parent.meta.clone());
        world
            .rows()
            .put(&format!("_IK_p{partition}_svc_prod"), record);
    }
    for reads in [true, false] {
        let factory = world.factory();
        let calls = (0..1000).map(|partition| {
            let session = factory.session(&format!("p{partition}")).unwrap();
            let named = meta(&format!("_IK_p{partition}_svc_prod"), START);
            async move {
                match reads {
                    true => session.reading_key(RecordKey::DataRow(&named)).await,
                    false => session.writing_key().await,
                }
            }
        });
        assert!(join_all(calls).await.iter().all(Result::is_ok));
        let stats = factory.stats();
        assert_eq!((stats.metastore_loads, stats.kms_decrypts), (1001, 1));
        assert_eq!((stats.key_misses, stats.key_loads), (1000, 1001));
    }
}

#[test]
fn threads_that_start_at_once_share_one_load() {
    let world = World::new();
    let factory = world.factory();
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                let session = factory.session("p1").unwrap();
                barrier.wait();
                runtime.block_on(session.writing_key()).unwrap();
            });
        }
    });
    assert_eq!(world.rows().versions(IK), [START]);
    assert_eq!(world.rows().versions(SK), [START]);
    assert_eq!(factory.stats().metastore_stores, 2);
}

#[tokio::test]
async fn a_leader_that_gives_up_fails_no_follower() {
    let world = World::new();
    let session = world.session();
    let mut leader = Box::pin(session.writing_key());
    let mut follower = Box::pin(session.writing_key());
    assert!((&mut leader).now_or_never().is_none());
    assert!((&mut follower).now_or_never().is_none());
    drop(leader);
    follower.await.unwrap();
    assert_eq!(
        world.calls(),
        ["latest IK", "latest SK", "encrypt", "store SK", "store IK"]
    );
}

#[tokio::test]
async fn a_load_ends_with_its_last_waiter() {
    let world = World::new();
    let session = world.session();
    let mut only = Box::pin(session.writing_key());
    assert!((&mut only).now_or_never().is_none());
    drop(only);
    assert_eq!(world.run_background().await, 0);
    assert!(world.calls().is_empty(), "it ended before its first answer");
    session.writing_key().await.unwrap();
    assert_eq!(world.calls().len(), 5, "the next caller starts afresh");
}

#[tokio::test]
async fn a_system_keys_load_survives_the_partition_that_started_it() {
    let world = World::new();
    let factory = world.factory();
    let (one, other) = (
        factory.session("p1").unwrap(),
        factory.session("p2").unwrap(),
    );
    let mut first = Box::pin(one.writing_key());
    let mut second = Box::pin(other.writing_key());
    for _ in 0..2 {
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
    }
    drop(first);
    second.await.unwrap();
    assert_eq!(world.rows().versions(SK), [START]);
    assert_eq!(factory.stats().kms_encrypts, 1);
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_waited_and_not_remembered() {
    let world = World::new();
    world.metastore.set_outage(Some(Outage::Silent));
    let sessions = sessions(&world.factory(), 100);
    let mut writes: Vec<_> = sessions.iter().map(|s| Box::pin(s.writing_key())).collect();
    for write in &mut writes {
        assert!(write.now_or_never().is_none());
    }
    world.metastore.set_outage(Some(Outage::Unavailable));
    for outcome in join_all(writes).await {
        assert!(matches!(
            outcome,
            Err(EnvelopeError::MetastoreUnavailable { .. })
        ));
    }
    assert_eq!(world.calls(), ["latest IK"]);
    world.metastore.set_outage(None);
    sessions[0].writing_key().await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_backend_is_an_error_for_every_waiter() {
    for in_kms in [false, true] {
        let world = World::new();
        let panics = |on: bool| {
            let outage = on.then_some(Outage::Panics);
            if in_kms {
                world.kms.set_outage(outage);
            } else {
                world.metastore.set_outage(outage);
            }
        };
        panics(true);
        let sessions = sessions(&world.factory(), 10);
        let writes = sessions.iter().map(Session::writing_key);
        for outcome in join_all(writes).await {
            assert!(matches!(outcome, Err(EnvelopeError::Internal)));
        }
        panics(false);
        sessions[0].writing_key().await.unwrap();
    }
}

#[tokio::test]
async fn a_backend_that_does_not_answer_in_time_is_unavailable() {
    for in_kms in [false, true] {
        let world = World::new();
        let session = world.session();
        if in_kms {
            world.kms.set_outage(Some(Outage::Silent));
        } else {
            world.metastore.set_outage(Some(Outage::Silent));
        }
        let mut write = Box::pin(session.writing_key());
        for _ in 0..10 {
            assert!(
                (&mut write).now_or_never().is_none(),
                "it waits for the answer"
            );
        }
        world.spawner.ring_timers();
        let error = write.await.unwrap_err();
        assert!(error.is_retryable());
        let source = match (&error, in_kms) {
            (EnvelopeError::MetastoreUnavailable { source, .. }, false)
            | (EnvelopeError::KmsUnavailable { source, .. }, true) => source,
            (other, _) => panic!("{other}"),
        };
        let timed_out = source.downcast_ref::<TimedOut>().unwrap();
        assert_eq!(timed_out.limit, world.options.timeout);
    }
}
