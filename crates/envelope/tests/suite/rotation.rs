//! When a key is replaced, and what its successor is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sealdiff_envelope::{EnvelopeError, KeyLevel};

use super::support::{
    DAY, IK, MINUTE, SK, START, StoredKey, World, created, decrypt, new_key, seal, unseal,
};

#[tokio::test]
async fn a_new_key_is_created_at_the_full_minute() {
    let world = World::new();
    world.clock.set_wall_clock(START + 59);
    let key = world.session().writing_key().await.unwrap();
    assert_eq!(created(&key), START);
    assert_eq!(world.rows().versions(SK), [START]);
}

#[tokio::test]
async fn an_expired_intermediate_key_is_replaced_under_the_same_system_key() {
    let world = World::new();
    let parent = world.store_system_key(START - 3600, false);
    world.store_intermediate_key(START - 91 * 86_400, false, &parent);
    let key = world.session().writing_key().await.unwrap();
    assert_eq!(created(&key), START);
    assert_eq!(world.rows().versions(SK), [START - 3600]);
    assert_eq!(world.rows().versions(IK), [START - 91 * 86_400, START]);
}

#[tokio::test]
async fn a_key_writes_to_its_last_second_and_no_longer() {
    let world = World::new();
    let session = world.warm_session().await;
    let lifetime = 90 * 86_400;
    world.clock.set_wall_clock(START + lifetime);
    assert_eq!(created(&session.writing_key().await.unwrap()), START);
    world.clock.set_wall_clock(START + lifetime + 1);
    assert_eq!(
        created(&session.writing_key().await.unwrap()),
        START + lifetime
    );
}

#[tokio::test]
async fn an_intermediate_key_is_replaced_at_once_when_its_parent_expires() {
    let world = World::new();
    let parent = world.store_system_key(START - 90 * 86_400, false);
    world.store_intermediate_key(START - 60, false, &parent);
    let session = world.session();
    assert_eq!(created(&session.writing_key().await.unwrap()), START - 60);
    world.clock.advance(MINUTE);
    assert_eq!(created(&session.writing_key().await.unwrap()), START + 60);
    assert_eq!(world.rows().versions(SK).len(), 2);
}

#[tokio::test]
async fn a_key_revoked_in_its_own_minute_gets_a_successor_in_the_next() {
    let world = World::new();
    world.warm_session().await;
    world.rows().revoke(IK);
    let key = world.session().writing_key().await.unwrap();
    assert_eq!(created(&key), START + 60);
    assert_eq!(world.rows().versions(IK), [START, START + 60]);
    world.rows().revoke(IK);
    world.rows().revoke(SK);
    let key = world.session().writing_key().await.unwrap();
    assert_eq!(created(&key), START + 120);
    assert_eq!(world.rows().versions(SK), [START, START + 60]);
}

#[tokio::test]
async fn a_clock_set_back_does_not_hide_the_new_key() {
    let world = World::new();
    world.warm_session().await;
    world.rows().revoke(IK);
    world.clock.set_wall_clock(START - 7200);
    let key = world.session().writing_key().await.unwrap();
    assert_eq!(created(&key), START + 60);
    let again = world.session().writing_key().await.unwrap();
    assert_eq!(created(&again), START + 60, "the newest key is the new one");
}

#[tokio::test]
async fn a_newest_key_a_day_ahead_serves_and_one_further_ahead_names_the_clock() {
    let world = World::new();
    world.warm_session().await;
    world.clock.set_wall_clock(START - 86_400);
    assert_eq!(
        created(&world.session().writing_key().await.unwrap()),
        START
    );
    world.clock.set_wall_clock(START - 86_401);
    let error = world.session().writing_key().await.unwrap_err();
    assert!(matches!(
        error,
        EnvelopeError::ClockSkew {
            level: KeyLevel::Intermediate,
            ..
        }
    ));
    assert!(error.to_string().contains("clock"));
    world.rows().remove(IK);
    let error = world.session().writing_key().await.unwrap_err();
    assert!(matches!(
        error,
        EnvelopeError::ClockSkew {
            level: KeyLevel::System,
            ..
        }
    ));
}

#[tokio::test]
async fn records_under_replaced_keys_stay_readable() {
    let world = World::new();
    let session = world.session();
    let mut records = Vec::new();
    for version in 0..4u8 {
        let key = session.writing_key().await.unwrap();
        let text = key.encrypt(&[version], world.now()).unwrap();
        records.push((version, text, seal(&key, &[version], b"aad")));
        world.clock.advance(DAY * 91);
    }
    assert_eq!(world.rows().versions(IK).len(), 4);
    for (version, text, sealed) in records {
        assert_eq!(decrypt(&session, text.as_bytes()).await.unwrap(), [version]);
        assert_eq!(unseal(&session, &sealed, b"aad").await.unwrap(), [version]);
    }
}

/// Lets another process store an intermediate key before each of our stores, at most `times`.
fn let_rivals_store(
    world: &World,
    parent: StoredKey,
    is_revoked: bool,
    times: u32,
) -> Arc<AtomicU32> {
    let count = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&count);
    world.rows().set_rival(Box::new(move |id, created| {
        if id != IK || seen.load(Ordering::Relaxed) == times {
            return None;
        }
        seen.fetch_add(1, Ordering::Relaxed);
        let (_, mut record) = new_key(&parent.secret, created.unix_seconds());
        record.parent = Some(parent.meta.clone());
        record.is_revoked = is_revoked;
        Some(record)
    }));
    count
}

#[tokio::test]
async fn who_loses_the_race_uses_the_winners_key() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    let rivals = let_rivals_store(&world, parent, false, 1);
    let (loser, other) = (world.session(), world.session());
    let key = loser.writing_key().await.unwrap();
    assert_eq!(rivals.load(Ordering::Relaxed), 1);
    assert_eq!(world.rows().versions(IK), [START], "ours was discarded");
    let text = key.encrypt(b"shared", world.now()).unwrap();
    assert_eq!(decrypt(&other, text.as_bytes()).await.unwrap(), b"shared");
}

#[tokio::test]
async fn a_winner_that_may_not_write_moves_us_to_the_next_minute() {
    for lost in 1..=3 {
        let world = World::new();
        let parent = world.store_system_key(START - 60, false);
        let_rivals_store(&world, parent, true, lost);
        let key = world.session().writing_key().await.unwrap();
        assert_eq!(created(&key), START + lost * 60);
    }
}

#[tokio::test]
async fn gives_up_after_losing_four_times() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    let rivals = let_rivals_store(&world, parent, true, u32::MAX);
    let error = world.session().writing_key().await.unwrap_err();
    assert!(matches!(
        error,
        EnvelopeError::StoreConflict {
            level: KeyLevel::Intermediate,
            attempts: 4
        }
    ));
    assert!(error.is_retryable());
    assert_eq!(rivals.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_valid_winner_of_the_last_attempt_is_still_used() {
    let world = World::new();
    let parent = world.store_system_key(START - 60, false);
    let mut count = 0;
    world.rows().set_rival(Box::new(move |id, created| {
        count += u32::from(id == IK);
        let (_, mut record) = new_key(&parent.secret, created.unix_seconds());
        record.parent = Some(parent.meta.clone());
        record.is_revoked = count < 4;
        (id == IK && count <= 4).then_some(record)
    }));
    let key = world.session().writing_key().await.unwrap();
    assert_eq!(created(&key), START + 180);
}

#[tokio::test]
async fn a_lost_race_for_the_system_key_is_settled_the_same_way() {
    let world = World::new();
    let master_key = sealdiff_envelope::SecretKey::from_slice(b"thisIsAStaticMasterKeyForTesting");
    let mut stored = false;
    world.rows().set_rival(Box::new(move |id, created| {
        let is_first = id == SK && !std::mem::replace(&mut stored, true);
        let (_, record) = new_key(master_key.as_ref().unwrap(), created.unix_seconds());
        is_first.then_some(record)
    }));
    world.session().writing_key().await.unwrap();
    assert_eq!(world.rows().versions(SK), [START]);
    assert_eq!(
        world.calls(),
        [
            "latest IK",
            "latest SK",
            "encrypt",
            "store SK",
            "latest SK",
            "decrypt",
            "store IK"
        ]
    );
}
