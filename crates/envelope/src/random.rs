//! Random bytes of records: nonces and data row keys, in portions of a page that each thread has
//! the library's generator fill. A fill of 24 bytes costs as much as a system call, one of a page
//! hardly more.
//!
//! A portion is handed out once and erased in the page. A forked child finds the page wiped, and
//! fills its own. What is left after a second is not used: who reads this memory learns little of
//! the future. Knows no key and no record.

use std::cell::RefCell;
use std::thread::LocalKey;
use std::time::Duration;

use sealdiff_secure_memory::{ForkWipedPage, wipe};

use crate::clock::Stopwatch;
use crate::error::EnvelopeError;

/// Where the random bytes of records come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Randomness {
    /// Each thread's page of them, a second old at most.
    #[default]
    Buffered,
    /// The operating system, for each record: half a microsecond more. For machines that may be
    /// resumed twice from one snapshot, in which both would find the same page.
    Fresh,
}

/// The first byte of a page that is filled: a wiped one reads as zero.
const FILLED: u8 = 0xA5;
const MAX_AGE: Duration = Duration::from_secs(1);
/// A page filled for fewer portions would cost more than it spares.
const MAX_PORTION_BYTES: usize = 256;

/// A thread's page: not made yet, or made, or not to be had.
type OwnPage = RefCell<Option<Option<RandomPage>>>;

thread_local! {
    /// For what is published. Apart from secrets, which a second copy of this page, of a machine that
    /// was resumed twice, would publish.
    static NONCES: OwnPage = const { RefCell::new(None) };
    /// For keys.
    static KEYS: OwnPage = const { RefCell::new(None) };
}

impl Randomness {
    /// Fills `nonce`, which will be published.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`].
    pub(crate) fn fill_nonce(self, nonce: &mut [u8]) -> Result<(), EnvelopeError> {
        self.fill(nonce, &NONCES)
    }

    /// Fills `key`, a secret.
    ///
    /// # Errors
    /// [`EnvelopeError::RandomUnavailable`].
    pub(crate) fn fill_key(self, key: &mut [u8]) -> Result<(), EnvelopeError> {
        self.fill(key, &KEYS)
    }

    fn fill(self, out: &mut [u8], page: &'static LocalKey<OwnPage>) -> Result<(), EnvelopeError> {
        match self {
            Self::Buffered if out.len() <= MAX_PORTION_BYTES => page
                .try_with(|page| fill_from(&mut page.borrow_mut(), out))
                .unwrap_or_else(|_thread_ends| fill_by_library(out)),
            Self::Buffered => fill_by_library(out),
            Self::Fresh => {
                getrandom::fill(out).map_err(|_unavailable| EnvelopeError::RandomUnavailable)
            }
        }
    }
}

fn fill_from(page: &mut Option<Option<RandomPage>>, out: &mut [u8]) -> Result<(), EnvelopeError> {
    match page.get_or_insert_with(RandomPage::new) {
        Some(page) => page.take(out),
        None => fill_by_library(out),
    }
}

fn fill_by_library(out: &mut [u8]) -> Result<(), EnvelopeError> {
    aws_lc_rs::rand::fill(out).map_err(|_unspecified| EnvelopeError::RandomUnavailable)
}

struct RandomPage {
    page: ForkWipedPage,
    /// Where the bytes begin that nobody has had.
    next: usize,
    since_filled: Stopwatch,
}

impl RandomPage {
    /// A page to be filled; `None` where a child would share it.
    fn new() -> Option<Self> {
        ForkWipedPage::map().map(|page| Self {
            page,
            next: ForkWipedPage::LEN_BYTES,
            since_filled: Stopwatch::start(),
        })
    }

    fn take(&mut self, out: &mut [u8]) -> Result<(), EnvelopeError> {
        let is_wiped = self.page.bytes()[0] != FILLED;
        let is_used_up = ForkWipedPage::LEN_BYTES - self.next < out.len();
        if is_wiped || is_used_up || self.since_filled.elapsed() > MAX_AGE {
            self.fill()?;
        }
        let portion = &mut self.page.bytes()[self.next..][..out.len()];
        out.copy_from_slice(portion);
        wipe(portion);
        self.next += out.len();
        Ok(())
    }

    fn fill(&mut self) -> Result<(), EnvelopeError> {
        // Till it is filled anew nothing of it is handed out, whatever happens.
        self.next = ForkWipedPage::LEN_BYTES;
        let (mark, bytes) = self.page.bytes().split_at_mut(1);
        fill_by_library(bytes)?;
        mark[0] = FILLED;
        self.next = 1;
        self.since_filled = Stopwatch::start();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Its bytes that are not zero, at most so many.
    fn unused(page: &mut RandomPage) -> usize {
        let bytes = &page.page.bytes()[1..];
        bytes.iter().filter(|byte| **byte != 0).count()
    }

    #[test]
    fn hands_out_each_portion_once_and_erases_it() {
        let mut page = RandomPage::new().unwrap();
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let mut portion = [0; 24];
            page.take(&mut portion).unwrap();
            assert!(seen.insert(portion));
            assert!(!page.page.bytes().windows(24).any(|w| w == portion));
        }
    }

    #[test]
    fn a_wiped_page_is_filled_anew() {
        let mut page = RandomPage::new().unwrap();
        page.take(&mut [0; 24]).unwrap();
        page.page.bytes().fill(0);
        let mut portion = [0; 24];
        page.take(&mut portion).unwrap();
        assert_ne!(portion, [0; 24]);
        assert!(unused(&mut page) > 3900);
    }

    #[test]
    fn a_page_older_than_a_second_is_filled_anew() {
        let mut page = RandomPage::new().unwrap();
        page.take(&mut [0; 2048]).unwrap();
        assert!(unused(&mut page) < 2048);
        page.since_filled = Stopwatch::started_ago(Duration::from_millis(1001));
        page.take(&mut [0; 24]).unwrap();
        assert!(unused(&mut page) > 3900);
    }

    #[test]
    fn fresh_bytes_and_long_ones_leave_the_page_alone() {
        let mut bytes = [[0; 512]; 3];
        Randomness::Fresh.fill_nonce(&mut bytes[0]).unwrap();
        Randomness::Buffered.fill_nonce(&mut bytes[1]).unwrap();
        assert!(NONCES.with_borrow(Option::is_none));
        Randomness::Buffered
            .fill_nonce(&mut bytes[2][..24])
            .unwrap();
        assert!(NONCES.with_borrow(Option::is_some));
        assert!(KEYS.with_borrow(Option::is_none));
        assert!(bytes.iter().all(|bytes| *bytes != [0; 512]));
    }
}
