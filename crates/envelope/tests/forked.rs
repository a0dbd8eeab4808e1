//! A process that forks with its keys cached: parent and child share the keys and draw different
//! random bytes.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeSet;
use std::io::{PipeWriter, Read, Write, pipe};
use std::sync::Arc;

use futures_util::FutureExt;
use sealdiff_envelope::record::{DataRowRecord, SealedRecord};
use sealdiff_envelope::{
    Dependencies, FactoryOptions, IntermediateKey, SecretKey, SessionFactory, Timestamp,
};
use sealdiff_kms::StaticKeyManagementService;
use sealdiff_metastores::MemoryMetastore;
use sealdiff_testkit::{FixedClock, QueuedSpawner};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_257_011);
/// More than any buffer of random bytes holds nonces for.
const RECORDS: usize = 1000;
const SEALED_NONCE: std::ops::Range<usize> = 6..30;
const BLOB_NONCE_LEN: usize = 12;

/// One record of either format.
struct Pair {
    sealed: Vec<u8>,
    text: String,
}

#[test]
fn parent_and_child_read_each_other_and_use_no_nonce_twice() {
    let key = cached_key();
    // Fills whatever keeps random bytes at hand.
    write_pair(&key);
    let (mut from_child, to_parent) = pipe().unwrap();
    // SAFETY: the child has this thread only. It takes no lock but the allocator's, which the C
    // library hands over in order, writes to its pipe, and ends without running anything of its
    // parent's.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process could be made");
    if child == 0 {
        let status = i32::from(tell_parent(&key, to_parent).is_err());
        // SAFETY: ends the process; nothing is read after it.
        unsafe { libc::_exit(status) };
    }
    drop(to_parent);
    let own: Vec<_> = (0..RECORDS).map(|_| write_pair(&key)).collect();
    let mut lines = String::new();
    from_child.read_to_string(&mut lines).unwrap();
    assert_eq!(exit_status(child), 0);

    let theirs: Vec<_> = lines.lines().map(read_line).collect();
    assert_eq!(theirs.len(), RECORDS);
    let mut nonces = BTreeSet::new();
    for pair in own.iter().chain(&theirs) {
        assert_opens(&key, pair);
        let record = DataRowRecord::from_json(pair.text.as_bytes()).unwrap();
        for nonce in [
            &pair.sealed[SEALED_NONCE],
            end(&record.encrypted_key),
            end(&record.data),
        ] {
            assert!(nonces.insert(nonce.to_vec()), "a nonce was used twice");
        }
    }
}

fn cached_key() -> Arc<IntermediateKey> {
    let master = SecretKey::from_slice(b"thisIsAStaticMasterKeyForTesting").unwrap();
    let dependencies = Dependencies {
        metastore: Arc::new(MemoryMetastore::default()),
        kms: Arc::new(StaticKeyManagementService::new(master)),
        clock: Arc::new(FixedClock::at(NOW.unix_seconds())),
        spawner: Arc::new(QueuedSpawner::default()),
    };
    let options = FactoryOptions::default();
    let factory = SessionFactory::new("svc", "prod", options, dependencies).unwrap();
    let session = factory.session("p1").unwrap();
    session.writing_key().now_or_never().unwrap().unwrap()
}

fn write_pair(key: &IntermediateKey) -> Pair {
    let mut sealed = vec![0; key.sealed_len(1)];
    key.seal(b"x", b"", &mut sealed).unwrap();
    let text = key.encrypt(b"x", NOW).unwrap();
    Pair { sealed, text }
}

fn tell_parent(key: &IntermediateKey, mut pipe: PipeWriter) -> std::io::Result<()> {
    for _ in 0..RECORDS {
        let Pair { sealed, text } = write_pair(key);
        writeln!(pipe, "{} {text}", hex::encode(sealed))?;
    }
    Ok(())
}

fn read_line(line: &str) -> Pair {
    let (sealed, text) = line.split_once(' ').unwrap();
    Pair {
        sealed: hex::decode(sealed).unwrap(),
        text: text.to_owned(),
    }
}

fn assert_opens(key: &IntermediateKey, pair: &Pair) {
    let mut plaintext = [0];
    let record = SealedRecord::parse(&pair.sealed).unwrap();
    key.unseal(&record, b"", &mut plaintext).unwrap();
    assert_eq!(&plaintext, b"x");
    let record = DataRowRecord::from_json(pair.text.as_bytes()).unwrap();
    assert_eq!(key.decrypt(record).unwrap()[..], *b"x");
}

/// The nonce of a blob of Asherah's format.
fn end(blob: &[u8]) -> &[u8] {
    &blob[blob.len() - BLOB_NONCE_LEN..]
}

fn exit_status(child: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: `status` is valid for writing, `child` is our own.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    status
}
