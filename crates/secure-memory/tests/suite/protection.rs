//! Locked, guarded, out of core dumps; and what happens where locking is denied.

use std::os::unix::process::ExitStatusExt;

use sealdiff_secure_memory::{MemoryMode, SecretBox, SecureMemory};

use super::support::{in_child, mapping_of};

const SIGSEGV: i32 = 11;

#[test]
fn secrets_are_locked_and_left_out_of_core_dumps() {
    let memory = SecureMemory::open(MemoryMode::Require, Some(1 << 20)).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let mapping = mapping_of(&secret);
    assert!(mapping.has("lo"), "locked");
    assert!(mapping.has("dd"), "not dumped");
    assert!(!mapping.has("wf") && !mapping.has("dc"), "kept by fork");
}

#[test]
fn the_memory_is_unmapped_with_its_last_secret() {
    let memory = SecureMemory::open(MemoryMode::Prefer, Some(1 << 20)).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let start = mapping_of(&secret).addresses.start;
    drop(memory);
    drop(secret);
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(!maps.contains(&format!("{start:x}-")));
}

#[test]
fn off_is_the_plain_heap() {
    let memory = SecureMemory::open(MemoryMode::Off, None).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    assert!(!mapping_of(&secret).has("lo"));
    assert!(!mapping_of(&secret).has("dd"));
}

#[test]
fn a_step_over_either_end_is_fatal() {
    for test in ["reads_past_the_end", "reads_before_the_start"] {
        assert_eq!(in_child(test).signal(), Some(SIGSEGV), "{test}");
    }
}

#[test]
fn a_denied_lock_is_an_error_or_leaves_guarded_memory() {
    assert!(in_child("may_lock_nothing").success());
}

#[test]
fn lives_within_a_limit_of_64_kib() {
    assert!(in_child("may_lock_64_kib").success());
}

#[test]
fn a_forked_process_has_the_same_secrets() {
    assert!(in_child("forks").success());
}
