//! Run by `protection` in processes of their own: they crash, lock all that a process
//! may, or give back addresses that another test would get.

use sealdiff_secure_memory::{MemoryMode, MemoryProtection, SecretBox, SecureMemory};
use windows_sys::Win32::System::Memory::{MEM_COMMIT, MEM_FREE};

use super::support::{address_of, minimum_working_set, region_at, unlock};

const PAGE: usize = 4096;
const IN_A_CHILD: &str = "run by a test in a process of its own";

fn read(address: u64) -> u8 {
    // SAFETY: none: the test is that the system ends the process here.
    unsafe { std::ptr::read_volatile(address as *const u8) }
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn reads_past_the_end() {
    let memory = SecureMemory::open(MemoryMode::Prefer, None).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let end = region_at(address_of(&secret)).addresses.end;
    assert_eq!(read(end - 1), 0, "{IN_A_CHILD}");
    read(end);
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn reads_before_the_start() {
    let memory = SecureMemory::open(MemoryMode::Prefer, None).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let start = region_at(address_of(&secret)).addresses.start;
    assert_eq!(read(start), 1, "{IN_A_CHILD}");
    read(start - 1);
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn locks_all_that_it_may() {
    let secret = |memory: &SecureMemory| SecretBox::new_in(memory, || [1_u8; 320]);
    let memory = SecureMemory::open(MemoryMode::Require, None).unwrap();
    let budget = (minimum_working_set() / 2).clamp(PAGE, 4 << 20);
    let budget = budget.next_multiple_of(PAGE);
    assert_eq!(memory.in_use().budget_bytes, budget);
    let half: Vec<_> = std::iter::from_fn(|| secret(&memory)).collect();
    assert_eq!(memory.in_use().mapped_bytes, budget, "half of the limit");

    // More than the limit is asked for: there is room for what the limit leaves.
    let greedy = SecureMemory::open(MemoryMode::Require, Some(64 << 20)).unwrap();
    let rest: Vec<_> = std::iter::from_fn(|| secret(&greedy)).collect();
    assert_eq!(greedy.in_use().protection, MemoryProtection::Locked);
    assert!(secret(&greedy).is_none());
    assert!(unlock(&half[0]) && unlock(&rest[0]));

    // What is closed can be locked again.
    drop((half, memory));
    assert!(SecureMemory::open(MemoryMode::Require, None).is_ok());
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn drops_the_memory_before_its_secret() {
    let memory = SecureMemory::open(MemoryMode::Prefer, Some(1)).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let address = address_of(&secret);
    drop(memory);
    assert_eq!(region_at(address).state, MEM_COMMIT);
    drop(secret);
    assert_eq!(region_at(address).state, MEM_FREE);
}
