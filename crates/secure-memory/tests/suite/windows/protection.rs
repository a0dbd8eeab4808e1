//! Locked and guarded; and what of it a process may have.

use sealdiff_secure_memory::{ForkWipedPage, MemoryMode, SecretBox, SecureMemory};
use windows_sys::Win32::Foundation::STATUS_ACCESS_VIOLATION;
use windows_sys::Win32::System::Memory::{MEM_COMMIT, MEM_RESERVE};

use super::support::{address_of, in_child, region_at, unlock};

const PAGE: u64 = 4096;

#[test]
fn secrets_are_locked_between_addresses_without_memory() {
    let memory = SecureMemory::open(MemoryMode::Require, Some(1)).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let pages = region_at(address_of(&secret));
    assert_eq!(pages.addresses.end - pages.addresses.start, PAGE);
    assert!(pages.state == MEM_COMMIT && pages.is_writable);
    for guard in [pages.addresses.start - 1, pages.addresses.end] {
        assert_eq!(region_at(guard).state, MEM_RESERVE);
    }
    assert!(unlock(&secret));
}

#[test]
fn the_memory_is_unmapped_with_its_last_secret() {
    assert!(in_child("drops_the_memory_before_its_secret").success());
}

#[test]
fn a_page_that_no_child_shares_is_to_be_had() {
    let mut page = ForkWipedPage::map().unwrap();
    assert_eq!(*page.bytes(), [0; ForkWipedPage::LEN_BYTES]);
    page.bytes().fill(1);
    assert_eq!(*page.bytes(), [1; ForkWipedPage::LEN_BYTES]);
}

#[test]
fn a_step_over_either_end_is_fatal() {
    for test in ["reads_past_the_end", "reads_before_the_start"] {
        assert_eq!(
            in_child(test).code(),
            Some(STATUS_ACCESS_VIOLATION),
            "{test}"
        );
    }
}

#[test]
fn lives_within_the_minimum_working_set() {
    assert!(in_child("locks_all_that_it_may").success());
}
