//! Secrets are where they were made, apart from each other, and gone when dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;

use sealdiff_secure_memory::{MemoryMode, SecretBox, SecureMemory};

use super::support::{address_of, bytes_at};

fn memory() -> SecureMemory {
    SecureMemory::open(MemoryMode::Prefer, Some(1 << 20)).unwrap()
}

#[test]
fn holds_what_was_made_and_what_was_written() {
    for mode in [MemoryMode::Prefer, MemoryMode::Off] {
        let memory = SecureMemory::open(mode, None).unwrap();
        let mut secret = SecretBox::new_in(&memory, || [7_u64; 5]).unwrap();
        assert_eq!(secret.expose(), &[7; 5]);
        secret.expose_mut()[4] = 8;
        assert_eq!(secret.expose(), &[7, 7, 7, 7, 8]);
    }
}

#[test]
fn a_dropped_secret_leaves_zeroes() {
    let memory = memory();
    let secret = SecretBox::new_in(&memory, || [0xA5_u8; 300]).unwrap();
    let address = address_of(&secret);
    assert_eq!(bytes_at(address, 300), [0xA5; 300], "else it sees nothing");
    drop(secret);
    assert_eq!(bytes_at(address, 300), [0; 300]);
}

#[test]
fn a_secret_whose_own_end_panics_leaves_zeroes() {
    struct Panics([u8; 32]);
    impl Drop for Panics {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new(self.0[0]));
        }
    }
    let memory = memory();
    let secret = SecretBox::new_in(&memory, || Panics([0xA5; 32])).unwrap();
    let address = address_of(&secret);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(secret))).is_err());
    assert_eq!(bytes_at(address, 32), [0; 32]);
    let again = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    assert_eq!(address_of(&again), address, "the slot was given back");
}

#[test]
fn a_secret_that_can_not_be_made_takes_no_room() {
    let memory = memory();
    let make = || -> [u8; 32] { std::panic::resume_unwind(Box::new("unmade")) };
    assert!(catch_unwind(AssertUnwindSafe(|| SecretBox::new_in(&memory, make))).is_err());
    let (a, b) = (
        SecretBox::new_in(&memory, || [1_u8; 32]).unwrap(),
        SecretBox::new_in(&memory, || [2_u8; 32]).unwrap(),
    );
    assert_eq!(address_of(&a).abs_diff(address_of(&b)), 64, "neighbours");
}

#[test]
fn values_are_dropped_with_their_boxes() {
    let memory = memory();
    let counted = std::sync::Arc::new(());
    let secret = SecretBox::new_in(&memory, || std::sync::Arc::clone(&counted)).unwrap();
    assert_eq!(std::sync::Arc::strong_count(&counted), 2);
    drop(secret);
    assert_eq!(std::sync::Arc::strong_count(&counted), 1);
}

#[test]
fn secrets_outlive_the_handle_to_their_memory() {
    let memory = memory();
    let secret = SecretBox::new_in(&memory, || [3_u8; 32]).unwrap();
    drop(memory);
    assert_eq!(secret.expose(), &[3; 32]);
}

#[test]
fn debug_shows_no_byte() {
    let secret = SecretBox::new_in(&memory(), || [0xAB_u8; 32]).unwrap();
    assert_eq!(format!("{secret:?}"), "SecretBox(redacted)");
}

#[test]
fn threads_never_share_a_slot() {
    const THREADS: u8 = 8;
    let memory = memory();
    let start = Barrier::new(THREADS.into());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (memory, start) = (&memory, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..200_u8 {
                    let mark = [thread, round];
                    let make = || [mark; 40];
                    let held: Vec<_> = (0..16)
                        .map(|_| SecretBox::new_in(memory, make).unwrap())
                        .collect();
                    assert!(held.iter().all(|secret| secret.expose() == &[mark; 40]));
                }
            });
        }
    });
}
