//! Never more than the budget; what is given back serves again.

use sealdiff_secure_memory::{MemoryMode, MemoryProtection, SecretBox, SecureMemory};

const PAGE: usize = 4096;

fn fill(memory: &SecureMemory) -> Vec<SecretBox<[u8; 1024]>> {
    std::iter::from_fn(|| SecretBox::new_in(memory, || [1; 1024])).collect()
}

#[test]
fn says_when_there_is_no_room_and_makes_nothing_then() {
    let memory = SecureMemory::open(MemoryMode::Prefer, Some(PAGE)).unwrap();
    let held = fill(&memory);
    assert_eq!(held.len(), PAGE / 1024);
    let refused = SecretBox::new_in(&memory, || -> [u8; 1024] { unreachable!("no room") });
    assert!(refused.is_none());
}

#[test]
fn a_budget_of_nothing_is_a_page() {
    for budget in [0, 1] {
        let memory = SecureMemory::open(MemoryMode::Prefer, Some(budget)).unwrap();
        assert_eq!(fill(&memory).len(), PAGE / 1024);
        assert_eq!(memory.in_use().budget_bytes, PAGE);
    }
}

#[test]
fn what_is_given_back_serves_again() {
    let memory = SecureMemory::open(MemoryMode::Prefer, Some(PAGE)).unwrap();
    let mut held = fill(&memory);
    held.swap_remove(1);
    assert_eq!(fill(&memory).len(), 1);
    drop(held);
    assert_eq!(fill(&memory).len(), PAGE / 1024);
}

#[test]
fn grows_slab_by_slab_up_to_the_budget() {
    let memory = SecureMemory::open(MemoryMode::Prefer, Some(40 * PAGE + 1)).unwrap();
    assert_eq!(memory.in_use().mapped_bytes, PAGE, "one slab to begin with");
    assert_eq!(memory.in_use().budget_bytes, 41 * PAGE, "whole pages");
    let small = SecretBox::new_in(&memory, || 1_u8).unwrap();
    assert_eq!(
        fill(&memory).len(),
        40 * PAGE / 1024,
        "lengths share no slab"
    );
    assert_eq!(memory.in_use().mapped_bytes, 41 * PAGE);
    drop(small);
}

#[test]
fn a_secret_longer_than_a_slab_is_refused() {
    let memory = SecureMemory::open(MemoryMode::Prefer, Some(4 * PAGE)).unwrap();
    assert!(SecretBox::new_in(&memory, || [0_u8; PAGE + 1]).is_none());
    assert_eq!(fill(&memory).len(), 4 * PAGE / 1024, "and costs no room");
}

#[test]
fn the_heap_has_no_budget() {
    let memory = SecureMemory::open(MemoryMode::Off, Some(PAGE)).unwrap();
    let held: Vec<_> = (0..8)
        .map(|_| SecretBox::new_in(&memory, || [1_u8; 1024]).unwrap())
        .collect();
    assert_eq!(held.len(), 8);
    let in_use = memory.in_use();
    assert_eq!(in_use.protection, MemoryProtection::Heap);
    assert_eq!((in_use.mapped_bytes, in_use.budget_bytes), (0, 0));
}
