//! Overwriting the stack below a call: what the compiler copied there on its way to a secret's own
//! place would stay until something else happens to need the room.

use std::hint::black_box;

/// What deriving and scheduling a key takes, and more, in bytes; code that isn't optimised copies
/// more.
const DEEP_LEN_BYTES: usize = if cfg!(debug_assertions) {
    32 << 10
} else {
    8 << 10
};
/// The same for encrypting a few blocks.
const SHALLOW_LEN_BYTES: usize = if cfg!(debug_assertions) {
    32 << 10
} else {
    3 << 10
};

/// Runs `work`, then overwrites the 8 KiB of stack that it began with, also after a panic: more
/// in a build that isn't optimised.
///
/// The result comes through the caller's own frame: it must hold no secret.
pub fn with_clean_stack<T>(work: impl FnOnce() -> T) -> T {
    with_cleaned::<DEEP_LEN_BYTES, T>(work)
}

/// [`with_clean_stack`] for 3 KiB, where every nanosecond counts.
pub fn with_clean_shallow_stack<T>(work: impl FnOnce() -> T) -> T {
    with_cleaned::<SHALLOW_LEN_BYTES, T>(work)
}

fn with_cleaned<const LEN: usize, T>(work: impl FnOnce() -> T) -> T {
    // Both calls begin at the same depth, so that the one covers what the other left.
    let _after_work = Overwrite::<LEN>;
    apart(work)
}

struct Overwrite<const LEN: usize>;

impl<const LEN: usize> Drop for Overwrite<LEN> {
    fn drop(&mut self) {
        overwrite::<LEN>();
    }
}

#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn overwrite<const LEN: usize>() {
    let mut area = [0_u8; LEN];
    // Without it the array would be dead and not written at all.
    black_box(&mut area);
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use super::*;

    const MARK: [u8; 16] = *b"\xA1marks a secret\xB2";

    /// Leaves the mark some 2 KiB down the stack.
    #[inline(never)]
    fn leave_a_mark() {
        let mut area = [0_u8; 2 << 10];
        area[..16].copy_from_slice(black_box(&MARK));
        black_box(&mut area);
    }

    /// Whether the mark lies within 32 KiB below the caller's frame. Read through the system: no
    /// reference to memory that nobody owns.
    #[inline(never)]
    fn is_mark_below() -> bool {
        let mut below = vec![0; 32 << 10];
        let here = &raw const below as u64;
        let memory = File::open("/proc/self/mem").unwrap();
        memory.read_exact_at(&mut below, here - (32 << 10)).unwrap();
        below.windows(16).any(|window| window == MARK)
    }

    #[test]
    fn overwrites_what_the_work_left_on_the_stack() {
        leave_a_mark();
        assert!(is_mark_below(), "else the test would see nothing");
        with_clean_stack(leave_a_mark);
        assert!(!is_mark_below());
        leave_a_mark();
        assert!(is_mark_below());
        with_clean_shallow_stack(leave_a_mark);
        assert!(!is_mark_below());
    }

    #[test]
    fn overwrites_it_after_a_panic_too() {
        let work = || {
            leave_a_mark();
            std::panic::resume_unwind(Box::new("unwound"));
        };
        let outcome = std::panic::catch_unwind(|| with_clean_stack(work));
        assert!(outcome.is_err());
        assert!(!is_mark_below());
    }
}
