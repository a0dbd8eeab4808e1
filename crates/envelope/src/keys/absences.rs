//! Versions of keys that the metastore lacked a moment ago, so that many reads of a record whose
//! key is gone cost one load. Knows nothing of keys that exist, and is never told of a failure.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;

use super::slot::jitter;
use crate::error::{EnvelopeError, KeyLevel};
use crate::record::KeyMeta;
use crate::stats::Counter;

/// How long an absence is believed: long enough to spare the metastore a flood, short enough that
/// a row that was on its way is found.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

/// At most so much longer, by chance: absences that were noticed together are not forgotten
/// together.
const MAX_JITTER: Duration = Duration::from_secs(1);

/// Absences kept at once. One more costs a load that would have been made anyway.
const CAPACITY: usize = 1024;

/// What a row's absence means to who asked, and until when, in monotonic time.
#[derive(Clone)]
struct Absence {
    error: EnvelopeError,
    until: Duration,
}

/// The exact loads that found nothing.
pub(super) struct Absences {
    by_key: Cache<KeyMeta, Absence>,
    /// Rows that this process has stored: a load that began before one of them tells of a past.
    stores: AtomicU64,
    hits: Counter,
}

/// When a load began, counted in stores.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

impl Absences {
    pub(super) fn new() -> Self {
        Self {
            by_key: Cache::new(CAPACITY),
            stores: AtomicU64::new(0),
            hits: Counter::default(),
        }
    }

    /// The error of a load that was made a moment ago and would give the same again.
    pub(super) fn known(&self, meta: &KeyMeta, now: Duration) -> Option<EnvelopeError> {
        let absence = self.by_key.get(meta)?;
        if now >= absence.until {
            self.by_key.remove(meta);
            return None;
        }
        self.hits.increment();
        Some(absence.error)
    }

    /// To be asked before a load, and told with what it found.
    pub(super) fn moment(&self) -> Moment {
        Moment(self.stores.load(Ordering::SeqCst))
    }

    /// Takes down that the metastore had no such row, unless a row was stored since the load began:
    /// it could be that one. Gives the error that says so.
    pub(super) fn note(
        &self,
        level: KeyLevel,
        meta: &KeyMeta,
        began: Moment,
        now: Duration,
    ) -> EnvelopeError {
        let error = EnvelopeError::KeyNotFound {
            level,
            created: meta.created,
        };
        let absence = Absence {
            error: error.clone(),
            until: now + BELIEVED_FOR + MAX_JITTER * u32::from(jitter()) / u32::from(u8::MAX),
        };
        self.by_key.insert(meta.clone(), absence);
        if self.moment() != began {
            self.by_key.remove(meta);
        }
        error
    }

    /// A key whose parent is absent can't be opened for as long as that is believed, no longer.
    pub(super) fn note_child(&self, parent: &KeyMeta, child: &KeyMeta) {
        if let Some(absence) = self.by_key.get(parent) {
            self.by_key.insert(child.clone(), absence);
        }
    }

    /// The row is there: this process has stored it, or learned that another one had.
    pub(super) fn forget(&self, meta: &KeyMeta) {
        self.stores.fetch_add(1, Ordering::SeqCst);
        self.by_key.remove(meta);
    }

    /// Loads that were spared.
    pub(super) fn hits(&self) -> u64 {
        self.hits.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_load_that_began_before_a_store_hides_no_row() {
        let absences = Absences::new();
        let meta = KeyMeta {
            id: "_IK_p1_svc_prod".to_owned(),
            created: Timestamp::from_unix_seconds(60),
        };
        let now = Duration::ZERO;
        let began = absences.moment();
        absences.forget(&meta);
        absences.note(KeyLevel::Intermediate, &meta, began, now);
        assert!(absences.known(&meta, now).is_none());
        absences.note(KeyLevel::Intermediate, &meta, absences.moment(), now);
        assert!(absences.known(&meta, now).is_some());
    }
}
