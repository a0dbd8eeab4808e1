//! Run by `protection` in processes of their own: they change limits, fork or crash.

use sealdiff_secure_memory::{MemoryMode, MemoryProtection, SecretBox, SecureMemory};

use super::support::{locked_bytes, mapping_of};

const IN_A_CHILD: &str = "run by a test in a process of its own";

fn read(address: u64) -> u8 {
    // SAFETY: none: the test is that the system ends the process here.
    unsafe { std::ptr::read_volatile(address as *const u8) }
}

/// Lowers the limit of locked memory, and gives up the privilege to ignore it.
fn may_lock(bytes: u64) {
    const CAP_IPC_LOCK: u32 = 14;
    const VERSION_3: u32 = 0x2008_0522;
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: reads the structure that it is given.
    let lowered = unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) };
    assert_eq!(lowered, 0);
    let header: [u32; 2] = [VERSION_3, 0];
    // Effective, permitted and inheritable bits 0 to 31, then the same of 32 to 63.
    let mut sets = [0_u32; 6];
    // SAFETY: header and sets are as long as version 3 of the interface has them.
    unsafe {
        assert_eq!(libc::syscall(libc::SYS_capget, &header, &mut sets), 0);
        sets[0] &= !(1 << CAP_IPC_LOCK);
        assert_eq!(libc::syscall(libc::SYS_capset, &header, &sets), 0);
    }
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn reads_past_the_end() {
    let memory = SecureMemory::open(MemoryMode::Prefer, None).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let end = mapping_of(&secret).addresses.end;
    assert_eq!(read(end - 1), 0, "{IN_A_CHILD}");
    read(end);
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn reads_before_the_start() {
    let memory = SecureMemory::open(MemoryMode::Prefer, None).unwrap();
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let start = mapping_of(&secret).addresses.start;
    assert_eq!(read(start), 1, "{IN_A_CHILD}");
    read(start - 1);
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn may_lock_nothing() {
    may_lock(0);
    assert!(SecureMemory::open(MemoryMode::Require, None).is_err());
    let memory = SecureMemory::open(MemoryMode::Prefer, None).unwrap();
    assert_eq!(memory.in_use().protection, MemoryProtection::Guarded);
    assert_eq!(memory.in_use().budget_bytes, 4 << 20, "no limit to share");
    let secret = SecretBox::new_in(&memory, || [1_u8; 32]).unwrap();
    let mapping = mapping_of(&secret);
    assert!(mapping.has("dd") && !mapping.has("lo"));
    assert_eq!(locked_bytes(), 0);
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn may_lock_64_kib() {
    const LIMIT: usize = 64 << 10;
    may_lock(LIMIT as u64);
    let secret = |memory: &SecureMemory| SecretBox::new_in(memory, || [1_u8; 320]);
    let memory = SecureMemory::open(MemoryMode::Require, None).unwrap();
    assert_eq!(memory.in_use().budget_bytes, LIMIT / 2);
    let half: Vec<_> = std::iter::from_fn(|| secret(&memory)).collect();
    assert_eq!(half.len(), LIMIT / 2 / 4096 * (4096 / 320));
    assert_eq!(locked_bytes(), LIMIT / 2);

    // More than the limit is asked for: there is room for what the limit leaves.
    let greedy = SecureMemory::open(MemoryMode::Require, Some(4 << 20)).unwrap();
    let rest: Vec<_> = std::iter::from_fn(|| secret(&greedy)).collect();
    assert!(!rest.is_empty());
    assert!(rest.iter().all(|secret| mapping_of(secret).has("lo")));
    assert_eq!(locked_bytes(), LIMIT);
    assert!(secret(&greedy).is_none());

    // What is closed can be locked again.
    drop((half, memory));
    assert!(SecureMemory::open(MemoryMode::Require, None).is_ok());
}

#[test]
#[ignore = "run by a test in a process of its own"]
fn forks() {
    let memory = SecureMemory::open(MemoryMode::Prefer, None).unwrap();
    let secret = SecretBox::new_in(&memory, || [9_u8; 32]).unwrap();
    // SAFETY: the forked process only reads memory and ends.
    let status = unsafe {
        match libc::fork() {
            0 => libc::_exit(i32::from(secret.expose() != &[9; 32])),
            child => {
                let mut status = -1;
                libc::waitpid(child, &raw mut status, 0);
                status
            }
        }
    };
    assert_eq!(status, 0);
    assert_eq!(secret.expose(), &[9; 32]);
}
