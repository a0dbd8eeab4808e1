//! Freed memory holds no key and no refused plaintext. An allocator of this test binary looks at
//! every block that is given back.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use futures_util::FutureExt;
use sealdiff_envelope::aead::gcm;
use sealdiff_envelope::record::{DataRowRecord, EnvelopeKeyRecord, SealedRecord, StreamStart};
use sealdiff_envelope::stream::{StreamOpener, StreamSealer};
use sealdiff_envelope::{
    Dependencies, FactoryOptions, IntermediateKey, MemoryMode, Metastore, RecordKey, SecretKey,
    SessionFactory, Timestamp,
};
use sealdiff_kms::StaticKeyManagementService;
use sealdiff_metastores::MemoryMetastore;
use sealdiff_testkit::{FixedClock, QueuedSpawner, asherah_vectors};

struct Watching;

static IS_WATCHING: AtomicBool = AtomicBool::new(false);
static FOUND: AtomicUsize = AtomicUsize::new(0);
static SECRETS: OnceLock<Vec<[u8; 16]>> = OnceLock::new();
/// The allocator is the process's: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

// SAFETY: every call goes to the system's allocator unchanged; a block is only read, before it is
// given back, over the length that its layout promises.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise, passed on. Zeroed, so that a block holds only what its
        // owner wrote.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if IS_WATCHING.load(Ordering::Relaxed) {
            // SAFETY: the block is still allocated, initialised by `alloc`, and as long as that.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            let secrets = SECRETS.get().map_or(&[][..], Vec::as_slice);
            let leaks = |secret: &&[u8; 16]| bytes.windows(16).any(|window| window == *secret);
            FOUND.fetch_add(secrets.iter().filter(leaks).count(), Ordering::Relaxed);
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

const PLAINTEXT: &[u8; 64] = b"0123456789abcdefSixteen bytes of plaintext, then sixteen more...";

/// How many freed blocks held a secret while `work` ran.
fn leaks_of(work: impl FnOnce()) -> usize {
    FOUND.store(0, Ordering::Relaxed);
    IS_WATCHING.store(true, Ordering::Relaxed);
    work();
    IS_WATCHING.store(false, Ordering::Relaxed);
    FOUND.load(Ordering::Relaxed)
}

/// Both halves of the static master key, the system key and the intermediate key of `p1`, and a
/// part of the plaintext.
fn watch_for_secrets() -> SecretKey {
    let vectors = asherah_vectors();
    let row = |id: &str| {
        let row = vectors.metastore.iter().find(|row| row.id == id).unwrap();
        EnvelopeKeyRecord::from_json(&row.key_record)
            .unwrap()
            .encrypted_key
    };
    let master = SecretKey::from_slice(&hex::decode(&vectors.master_key_hex).unwrap()).unwrap();
    let system = gcm::unwrap_key(&master, &row("_SK_svc_prod")).unwrap();
    let intermediate = gcm::unwrap_key(&system, &row("_IK_p1_svc_prod")).unwrap();
    let halves = [&master, &system, &intermediate]
        .into_iter()
        .flat_map(|key| {
            key.expose()
                .chunks_exact(16)
                .map(|half| half.try_into().unwrap())
        });
    let plaintext = PLAINTEXT[16..32].try_into().unwrap();
    SECRETS.get_or_init(|| halves.chain([plaintext]).collect());
    master
}

fn factory(master: SecretKey, options: FactoryOptions) -> SessionFactory {
    let metastore = MemoryMetastore::default();
    for row in asherah_vectors().metastore {
        let record = EnvelopeKeyRecord::from_json(&row.key_record).unwrap();
        let created = Timestamp::from_unix_seconds(row.created);
        metastore
            .store(&row.id, created, &record)
            .now_or_never()
            .unwrap()
            .unwrap();
    }
    let dependencies = Dependencies {
        metastore: Arc::new(metastore),
        kms: Arc::new(StaticKeyManagementService::new(master)),
        clock: Arc::new(FixedClock::at(1_795_257_011)),
        spawner: Arc::new(QueuedSpawner::default()),
    };
    SessionFactory::new("svc", "prod", options, dependencies).unwrap()
}

#[test]
fn the_watch_sees_what_is_not_erased() {
    let _alone = ONE_AT_A_TIME.lock().unwrap();
    let master = watch_for_secrets();
    assert_eq!(leaks_of(|| drop(PLAINTEXT.to_vec())), 1);
    assert_eq!(
        leaks_of(|| drop(master.expose().to_vec())),
        2,
        "both halves"
    );
    assert_eq!(leaks_of(|| drop(master)), 0);
}

#[test]
fn no_freed_block_holds_a_key_or_refused_plaintext() {
    let _alone = ONE_AT_A_TIME.lock().unwrap();
    let in_slots = FactoryOptions::default();
    let sealed = FactoryOptions {
        locked_bytes: Some(1),
        ..in_slots
    };
    let on_the_heap = FactoryOptions {
        memory_mode: MemoryMode::Off,
        ..in_slots
    };
    for options in [in_slots, sealed, on_the_heap] {
        let master = watch_for_secrets();
        let leaks = leaks_of(|| work_with_keys(master, options));
        assert_eq!(leaks, 0, "{options:?}");
    }
}

/// One that is sealed keeps data, one that is opened refuses some.
fn drop_streams_half_way(key: &IntermediateKey) {
    let mut sealer = StreamSealer::new(key, b"aad").unwrap();
    let mut start = vec![0; sealer.sealed_len(PLAINTEXT.len())];
    sealer.seal(PLAINTEXT, &mut start).unwrap();
    drop(sealer);

    let mut sealer = StreamSealer::new(key, b"aad").unwrap();
    let mut stream = vec![0; sealer.sealed_len(0)];
    sealer.seal(&[], &mut stream).unwrap();
    sealer.seal(PLAINTEXT, &mut []).unwrap();
    let mut end = vec![0; sealer.end_len()];
    sealer.finish(&mut end).unwrap();
    let last = end.len() - 1;
    end[last] ^= 1;
    let start = StreamStart::read(&stream).unwrap().unwrap();
    let mut opener = StreamOpener::new(key, &start, b"aad").unwrap();
    opener.open(&end, &mut []).unwrap();
    let mut refused = vec![0; PLAINTEXT.len()];
    assert!(opener.finish(&mut refused).is_err());
}

fn work_with_keys(master: SecretKey, options: FactoryOptions) {
    let factory = factory(master, options);
    let session = factory.session("p1").unwrap();
    let key = session.writing_key().now_or_never().unwrap().unwrap();
    let now = Timestamp::from_unix_seconds(1_795_257_011);

    let text = key.encrypt(PLAINTEXT, now).unwrap();
    let record = DataRowRecord::from_json(text.as_bytes()).unwrap();
    let named = RecordKey::DataRow(&record.parent);
    let reading_key = session.reading_key(named).now_or_never().unwrap().unwrap();
    let mut forged = DataRowRecord::from_json(text.as_bytes()).unwrap();
    forged.data[70] ^= 1;
    assert!(reading_key.decrypt(forged).is_err());
    // The caller's to erase.
    std::mem::forget(reading_key.decrypt(record).unwrap());

    let mut sealed = vec![0; key.sealed_len(PLAINTEXT.len())];
    key.seal(PLAINTEXT, b"aad", &mut sealed).unwrap();
    let record = SealedRecord::parse(&sealed).unwrap();
    let mut out = vec![0; PLAINTEXT.len()];
    assert!(key.unseal(&record, b"other aad", &mut out).is_err());
    drop(out);

    drop_streams_half_way(&key);

    drop((key, reading_key));
    factory.close().now_or_never().unwrap();
}
