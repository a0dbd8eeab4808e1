//! The key-state matrix: what is cached or stored, and exactly which calls that costs.

use sealdiff_envelope::{EnvelopeError, KeyLevel, RecordKey, Session};

use super::support::{DAY, HOUR, IK, MINUTE, SK, START, World, meta};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    Valid,
    Expired,
    Revoked,
}
use State::{Empty, Expired, Revoked, Valid};

const VALID_SINCE: u32 = START - 3600;
const EXPIRED_SINCE: u32 = START - 91 * 86_400;

fn created(state: State) -> u32 {
    if state == Expired {
        EXPIRED_SINCE
    } else {
        VALID_SINCE
    }
}

/// A world whose metastore holds keys in these states.
fn world_with(intermediate: State, system: State) -> World {
    let world = World::new();
    let parent = world.store_system_key(created(system), system == Revoked);
    if intermediate != Empty {
        let is_revoked = intermediate == Revoked;
        world.store_intermediate_key(created(intermediate), is_revoked, &parent);
    }
    if system == Empty {
        world.rows().remove(SK);
    }
    world
}

const NEW_BOTH: &[&str] = &["latest IK", "latest SK", "encrypt", "store SK", "store IK"];
const NEW_IK: &[&str] = &["latest IK", "latest SK", "decrypt", "store IK"];
const USE_BOTH: &[&str] = &["latest IK", "load SK", "decrypt"];
const PARENT_MISSING: &[&str] = &["latest IK", "load SK"];
const PARENT_REVOKED: &[&str] = &[
    "latest IK",
    "load SK",
    "decrypt",
    "latest SK",
    "encrypt",
    "store SK",
    "store IK",
];

/// Stored intermediate key, stored system key, calls of a write with empty caches.
const WRITING: &[(State, State, &[&str])] = &[
    (Empty, Empty, NEW_BOTH),
    (Empty, Valid, NEW_IK),
    (Empty, Expired, NEW_BOTH),
    (Empty, Revoked, NEW_BOTH),
    (Valid, Empty, PARENT_MISSING),
    (Valid, Valid, USE_BOTH),
    (Valid, Expired, NEW_BOTH),
    (Valid, Revoked, PARENT_REVOKED),
    (Expired, Empty, NEW_BOTH),
    (Expired, Valid, NEW_IK),
    (Expired, Expired, NEW_BOTH),
    (Expired, Revoked, NEW_BOTH),
    (Revoked, Empty, NEW_BOTH),
    (Revoked, Valid, NEW_IK),
    (Revoked, Expired, NEW_BOTH),
    (Revoked, Revoked, NEW_BOTH),
];

#[tokio::test]
async fn writing_with_empty_caches() {
    for &(intermediate, system, calls) in WRITING {
        let case = format!("{intermediate:?} intermediate key, {system:?} system key");
        let world = world_with(intermediate, system);
        let session = world.session();
        let outcome = session.writing_key().await;
        assert_eq!(world.calls(), calls, "{case}");
        if calls == PARENT_MISSING {
            let is_missing = matches!(
                outcome,
                Err(EnvelopeError::KeyNotFound {
                    level: KeyLevel::System,
                    ..
                })
            );
            assert!(is_missing, "{case}");
            continue;
        }
        let is_new = calls != USE_BOTH;
        let expected = if is_new { START } else { VALID_SINCE };
        assert_eq!(
            super::support::created(&outcome.unwrap()),
            expected,
            "{case}"
        );
        session.writing_key().await.unwrap();
        assert!(
            world.calls().is_empty(),
            "the second write asks nobody: {case}"
        );
    }
}

#[tokio::test]
async fn reading_with_empty_caches() {
    for intermediate in [Empty, Valid, Expired, Revoked] {
        for system in [Empty, Valid, Expired, Revoked] {
            let case = format!("{intermediate:?} intermediate key, {system:?} system key");
            let world = world_with(intermediate, system);
            let session = world.session();
            let named = meta(IK, created(intermediate));
            let outcome = session.reading_key(RecordKey::DataRow(&named)).await;
            let (calls, is_found): (&[&str], _) = match (intermediate, system) {
                (Empty, _) => (&["load IK"], false),
                (_, Empty) => (&["load IK", "load SK"], false),
                _ => (&["load IK", "load SK", "decrypt"], true),
            };
            assert_eq!(world.calls(), calls, "{case}");
            assert_eq!(outcome.is_ok(), is_found, "{case}");
            if is_found {
                session
                    .reading_key(RecordKey::DataRow(&named))
                    .await
                    .unwrap();
                assert!(
                    world.calls().is_empty(),
                    "the second read asks nobody: {case}"
                );
            } else {
                let error = outcome.unwrap_err();
                assert!(matches!(error, EnvelopeError::KeyNotFound { .. }), "{case}");
            }
        }
    }
}

/// What happens to the stored keys while this process has them cached.
#[derive(Debug, Clone, Copy)]
enum Event {
    Nothing,
    IntermediateRevoked,
    SystemRevoked,
    BothExpire,
    WriterIsAnotherPartition,
}

/// What happens, how long after the load, calls of the next write. 70 minutes are past the check
/// interval and its grace, so that the caller waits for the refresh.
const CACHED_WRITING: &[(Event, u64, &[&str])] = &[
    (Event::Nothing, 0, &[]),
    (Event::Nothing, 70, &["latest IK", "load SK", "decrypt"]),
    (Event::IntermediateRevoked, 1, &[]),
    (
        Event::IntermediateRevoked,
        70,
        &["latest IK", "latest SK", "decrypt", "store IK"],
    ),
    (Event::SystemRevoked, 1, &[]),
    (Event::SystemRevoked, 70, PARENT_REVOKED),
    (Event::BothExpire, 0, NEW_BOTH),
    (
        Event::WriterIsAnotherPartition,
        1,
        &["latest IK", "store IK"],
    ),
    (
        Event::WriterIsAnotherPartition,
        2,
        &["latest IK", "latest SK", "store IK"],
    ),
];

#[tokio::test]
async fn writing_with_cached_keys() {
    for &(event, minutes, calls) in CACHED_WRITING {
        let case = format!("{event:?}, {minutes} minutes later");
        let world = World::new();
        let factory = world.factory();
        let session = factory.session("p1").unwrap();
        session.writing_key().await.unwrap();
        world.calls();
        let writer = happen(&world, event, &session, &factory);
        world
            .clock
            .advance(MINUTE * u32::try_from(minutes).unwrap());
        writer.writing_key().await.unwrap();
        assert_eq!(world.calls(), calls, "{case}");
    }
}

fn happen(
    world: &World,
    event: Event,
    session: &Session,
    factory: &sealdiff_envelope::SessionFactory,
) -> Session {
    match event {
        Event::Nothing => {}
        Event::IntermediateRevoked => world.rows().revoke(IK),
        Event::SystemRevoked => world.rows().revoke(SK),
        Event::BothExpire => world.clock.set_wall_clock(START + 91 * 86_400),
        Event::WriterIsAnotherPartition => return factory.session("p2").unwrap(),
    }
    session.clone()
}

#[tokio::test]
async fn reading_with_cached_keys_asks_nobody_whatever_their_state() {
    for intermediate in [Valid, Expired, Revoked] {
        for system in [Valid, Expired, Revoked] {
            let world = world_with(intermediate, system);
            let session = world.session();
            let named = meta(IK, created(intermediate));
            session
                .reading_key(RecordKey::DataRow(&named))
                .await
                .unwrap();
            world.calls();
            world.clock.advance(HOUR / 2);
            session
                .reading_key(RecordKey::DataRow(&named))
                .await
                .unwrap();
            assert!(world.calls().is_empty(), "{intermediate:?}, {system:?}");
        }
    }
}

#[tokio::test]
async fn a_key_that_expired_long_ago_still_reads_what_it_wrote() {
    let world = World::new();
    let session = world.session();
    let key = session.writing_key().await.unwrap();
    let text = key.encrypt(b"old", world.now()).unwrap();
    world.clock.advance(DAY * 3650);
    world.rows().revoke(IK);
    world.rows().revoke(SK);
    let reader = world.session();
    world.calls();
    let plaintext = super::support::decrypt(&reader, text.as_bytes()).await;
    assert_eq!(plaintext.unwrap(), b"old");
    assert_eq!(world.calls(), ["load IK", "load SK", "decrypt"]);
}

#[tokio::test]
async fn a_session_keeps_its_writing_key_even_without_a_cache() {
    for capacity in [0, 1] {
        let mut world = World::new();
        world.options.intermediate_keys = capacity;
        let factory = world.factory();
        let sessions = ["p1", "p2", "p3"].map(|id| factory.session(id).unwrap());
        for session in &sessions {
            session.writing_key().await.unwrap();
        }
        for session in &sessions {
            session.cached_writing_key().unwrap();
        }
    }
}

#[tokio::test]
async fn a_system_key_that_was_unwrapped_for_reading_writes_without_another_kms_call() {
    let world = world_with(Valid, Valid);
    let factory = world.factory();
    let reader = factory.session("p1").unwrap();
    let named = meta(IK, VALID_SINCE);
    reader
        .reading_key(RecordKey::DataRow(&named))
        .await
        .unwrap();
    world.calls();
    let writer = factory.session("p2").unwrap();
    writer.writing_key().await.unwrap();
    assert_eq!(world.calls(), ["latest IK", "latest SK", "store IK"]);
}
