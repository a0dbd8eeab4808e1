//! However calls, outages and background work fall: what was revoked or disabled stops writing
//! within `revokeCheckInterval` + 60 s + `refreshGrace`.

use std::time::Duration;

use proptest::prelude::*;
use sealdiff_envelope::{IntermediateKey, RecordKey, Session};
use sealdiff_testkit::Outage;

use super::support::{IK, MINUTE, SK, START, World, created, meta};

/// What ends the keys in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    IntermediateKeyRevoked,
    SystemKeyRevoked,
    MasterKeyDisabled,
}

/// What happens between two calls and at the second one.
#[derive(Debug, Clone)]
struct Step {
    seconds: u64,
    metastore_is_down: bool,
    background_runs: bool,
    waits: bool,
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::IntermediateKeyRevoked),
        Just(Ending::SystemKeyRevoked),
        Just(Ending::MasterKeyDisabled),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let seconds = prop_oneof![1..=90u64, 1..=4000u64];
    let (seldom, mostly) = (prop::bool::weighted(0.2), prop::bool::weighted(0.7));
    (seconds, seldom, mostly, any::<bool>()).prop_map(|(seconds, down, background, waits)| Step {
        seconds,
        metastore_is_down: down,
        background_runs: background,
        waits,
    })
}

fn bound(world: &World) -> Duration {
    let policy = world.options.policy;
    policy.revoke_check_interval + MINUTE + policy.refresh_grace
}

impl Ending {
    fn happen(self, world: &World) {
        match self {
            Self::IntermediateKeyRevoked => world.rows().revoke(IK),
            Self::SystemKeyRevoked => world.rows().revoke(SK),
            Self::MasterKeyDisabled => world.kms.set_outage(Some(Outage::Refused)),
        }
    }
}

async fn writing_key(session: &Session, waits: bool) -> Option<u32> {
    let of = |key: &IntermediateKey| created(key);
    if waits {
        session.writing_key().await.ok().map(|key| of(&key))
    } else {
        session.cached_writing_key().ok().map(|key| of(&key))
    }
}

async fn stops_in_time(ending: Ending, steps: &[Step], happens_at: usize) {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    // Reads the system key's row at other times than the session does.
    let neighbour = factory.session("p2").unwrap();
    session.writing_key().await.unwrap();
    let mut last_ended = None;
    let mut since = Duration::ZERO;
    for (at, step) in steps.iter().enumerate() {
        let passed = Duration::from_secs(step.seconds);
        world.clock.advance(passed);
        since += passed;
        let is_down = step.metastore_is_down.then_some(Outage::Unavailable);
        world.metastore.set_outage(is_down);
        if at == happens_at {
            last_ended = world.rows().versions(IK).last().copied();
            since = Duration::ZERO;
            ending.happen(&world);
        }
        let _ = writing_key(&neighbour, !step.waits).await;
        let used = writing_key(&session, step.waits).await;
        if let Some(ended) = last_ended.filter(|_| since > bound(&world)) {
            let is_allowed = match ending {
                Ending::MasterKeyDisabled => used.is_none(),
                _ => used.is_none_or(|key| key > ended),
            };
            assert!(is_allowed, "{used:?} was used {since:?} after the end");
            let named = meta(IK, ended);
            let read = session.reading_key(RecordKey::DataRow(&named)).await;
            let may_read = ending != Ending::MasterKeyDisabled;
            assert!(may_read || read.is_err(), "it was read {since:?} after");
        }
        if step.background_runs {
            world.run_background().await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_ended_stops_writing_within_the_bound(
        ending in ending(),
        steps in prop::collection::vec(step(), 2..60),
        happens_at in 0..30usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(stops_in_time(ending, &steps, happens_at));
    }
}

#[tokio::test]
async fn without_outages_a_busy_session_notices_within_95_percent_of_the_interval() {
    for ending in [Ending::IntermediateKeyRevoked, Ending::SystemKeyRevoked] {
        let world = World::new();
        let session = world.warm_session().await;
        ending.happen(&world);
        let mut noticed_after = 0;
        while created(&session.cached_writing_key().unwrap()) == START {
            world.clock.advance(Duration::from_secs(1));
            noticed_after += 1;
            session.cached_writing_key().unwrap();
            world.run_background().await;
        }
        assert!(
            (3060..=3420).contains(&noticed_after),
            "{ending:?}: {noticed_after} s"
        );
    }
}

#[tokio::test]
async fn ages_are_monotonic_time_and_expiry_is_wall_clock_time() {
    let world = World::new();
    let session = world.warm_session().await;
    for wall_clock in [START - 7200, START + 7200, START] {
        world.clock.set_wall_clock(wall_clock);
        session.writing_key().await.unwrap();
        assert_eq!(world.run_background().await, 0, "no second has passed");
    }
    world.clock.advance(MINUTE * 58);
    world.clock.set_wall_clock(START - 7200);
    session.writing_key().await.unwrap();
    assert_eq!(world.run_background().await, 1, "58 minutes have passed");
    world.clock.set_wall_clock(START + 90 * 86_400 + 1);
    let successor = session.writing_key().await.unwrap();
    assert_eq!(created(&successor), START + 90 * 86_400);
}
