//! What an operation on a key in memory costs; run by hand:
//! `cargo test --release -p sealdiff-envelope --test speed -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]
#![expect(clippy::print_stdout, reason = "its result is what it prints")]

use std::hint::black_box;
use std::sync::Arc;

use futures_util::FutureExt;
use sealdiff_envelope::record::{DataRowRecord, SealedRecord};
use sealdiff_envelope::{
    Dependencies, FactoryOptions, IntermediateKey, SecretKey, SessionFactory, Timestamp,
};
use sealdiff_kms::StaticKeyManagementService;
use sealdiff_metastores::MemoryMetastore;
use sealdiff_testkit::{FixedClock, QueuedSpawner};

const NOW: u32 = 1_795_257_011;
const ROUNDS: usize = 9;
/// Long rounds: the system counts a thread's time in milliseconds.
const CALLS: u64 = 300_000;

fn factory(options: FactoryOptions) -> SessionFactory {
    let master_key = SecretKey::generate().unwrap();
    let dependencies = Dependencies {
        metastore: Arc::new(MemoryMetastore::default()),
        kms: Arc::new(StaticKeyManagementService::new(master_key)),
        clock: Arc::new(FixedClock::at(NOW)),
        spawner: Arc::new(QueuedSpawner::default()),
    };
    SessionFactory::new("svc", "prod", options, dependencies).unwrap()
}

fn key_of(factory: &SessionFactory, partition: &str) -> Arc<IntermediateKey> {
    let session = factory.session(partition).unwrap();
    session.writing_key().now_or_never().unwrap().unwrap()
}

/// The median of some rounds, in nanoseconds of this thread's processor time per call.
fn report(name: &str, mut call: impl FnMut()) {
    let mut rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let start = processor_time_ns();
            (0..CALLS).for_each(|_| call());
            (processor_time_ns() - start) / CALLS
        })
        .collect();
    rounds.sort_unstable();
    println!("{name:<24} {:>6} ns", rounds[ROUNDS / 2]);
}

fn processor_time_ns() -> u64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split(' ').next().unwrap().parse().unwrap()
}

fn report_all(key: &IntermediateKey) {
    let plaintext = [7; 64];
    let mut sealed = vec![0; key.sealed_len(plaintext.len())];
    report("seal 64 B", || {
        key.seal(black_box(&plaintext), b"", &mut sealed).unwrap();
    });
    let mut opened = [0; 64];
    report("unseal 64 B", || {
        let record = SealedRecord::parse(black_box(&sealed)).unwrap();
        key.unseal(&record, b"", &mut opened).unwrap();
    });
    let now = Timestamp::from_unix_seconds(NOW);
    report("encrypt 64 B", || {
        black_box(key.encrypt(black_box(&plaintext), now).unwrap());
    });
    let text = key.encrypt(&plaintext, now).unwrap();
    report("decrypt 64 B", || {
        let record = DataRowRecord::from_json(black_box(text.as_bytes())).unwrap();
        black_box(key.decrypt(record).unwrap());
    });
}

#[test]
#[ignore = "prints times, asserts nothing"]
fn operations_on_a_key_in_memory() {
    for locked_bytes in [None, Some(1)] {
        println!("locked_bytes: {locked_bytes:?}");
        let options = FactoryOptions {
            locked_bytes,
            ..FactoryOptions::default()
        };
        report_all(&key_of(&factory(options), "p1"));
    }
}
