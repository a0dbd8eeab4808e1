//! The sessions that this thread has at hand, by number: the hot path takes no lock that another
//! thread takes. A session that had to make room is opened again by its partition id.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sealdiff_envelope::Session;

use super::registry::OpenFactory;
use crate::error::Failure;
use crate::guard::guard_drop;

/// A slot and the generation of what is in it: `generation × 2²⁰ + slot`, below 2⁵³, so that it
/// is exact in a JavaScript number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionNumber(u64);

const SLOT_BITS: u32 = 20;
const MAX_SLOTS: usize = 1 << SLOT_BITS;
/// A slot that has had so many sessions is never used again: a number must not come to name the
/// session of another partition.
const LAST_GENERATION: u64 = (1 << (53 - SLOT_BITS)) - 1;

impl SessionNumber {
    fn new(slot: usize, generation: u64) -> Self {
        Self(generation << SLOT_BITS | slot as u64)
    }

    /// Reads a number that JavaScript holds; one that was never given out names no session.
    pub(super) fn from_js(number: f64) -> Self {
        // The cast saturates, and what it changes names no session.
        Self(number as u64)
    }

    pub(super) fn to_js(self) -> f64 {
        self.0 as f64
    }

    fn slot(self) -> usize {
        self.0 as usize & (MAX_SLOTS - 1)
    }

    fn generation(self) -> u64 {
        self.0 >> SLOT_BITS
    }
}

/// A factory's number and a partition id: what a session is found by.
type Place = (u32, String);

/// What the threads of a factory share about their sessions.
#[derive(Default)]
pub(super) struct SharedCounts {
    hits: AtomicU64,
    misses: AtomicU64,
    at_hand: Arc<AtomicUsize>,
}

impl SharedCounts {
    /// Sessions that were asked for and at hand.
    pub(super) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Sessions that had to be opened.
    pub(super) fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// Sessions in the tables of all threads now.
    pub(super) fn at_hand(&self) -> usize {
        self.at_hand.load(Ordering::Relaxed)
    }
}

/// A session in the table, counted until it leaves, also with its thread.
struct Held {
    place: Place,
    session: Session,
    at_hand: Arc<AtomicUsize>,
}

impl Held {
    fn new(place: Place, session: Session, counts: &SharedCounts) -> Self {
        counts.at_hand.fetch_add(1, Ordering::Relaxed);
        let at_hand = Arc::clone(&counts.at_hand);
        Self {
            place,
            session,
            at_hand,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        guard_drop(|| {
            self.at_hand.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

#[derive(Default)]
struct Slot {
    /// Counts the sessions that were here; from 1, so that the number 0 names none.
    generation: u64,
    held: Option<Held>,
    /// Set by every use, cleared by the hand that looks for room: a session in use stays.
    used: Cell<bool>,
}

/// The slots of one factory's sessions: what it may keep is its own, however much others keep.
#[derive(Default)]
struct Ring {
    capacity: usize,
    slots: Vec<usize>,
    hand: usize,
}

#[derive(Default)]
struct SessionTable {
    slots: Vec<Slot>,
    by_place: HashMap<Place, usize>,
    free: Vec<usize>,
    /// By factory number.
    rings: HashMap<u32, Ring>,
}

thread_local! {
    static TABLE: RefCell<SessionTable> = RefCell::default();
}

/// The number of the session of a partition, opened if it isn't at hand. `factory` is this
/// thread's number of `open`.
///
/// # Errors
/// Those of opening a session.
pub(super) fn number_of(
    factory: u32,
    open: &OpenFactory,
    partition_id: &str,
) -> Result<SessionNumber, Failure> {
    let place = (factory, partition_id.to_owned());
    let counts = &open.session_counts;
    TABLE.with_borrow_mut(|table| {
        if let Some(&index) = table.by_place.get(&place) {
            counts.hits.fetch_add(1, Ordering::Relaxed);
            table.slots[index].used.set(true);
            return Ok(SessionNumber::new(index, table.slots[index].generation));
        }
        let session = open.core.session(partition_id)?;
        counts.misses.fetch_add(1, Ordering::Relaxed);
        table.rings.entry(factory).or_default().capacity = open.sessions.clamp(1, MAX_SLOTS);
        Ok(table.insert(Held::new(place, session, counts)))
    })
}

/// Calls `use_session` with the session of that number; `None` if it had to make room.
///
/// # Errors
/// Those of `use_session`.
pub(super) fn with<T>(
    number: SessionNumber,
    use_session: impl FnOnce(&Session) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    TABLE.with_borrow(|table| {
        let slot = table.slots.get(number.slot());
        let slot = slot.filter(|slot| slot.generation == number.generation());
        let Some((slot, held)) = slot.and_then(|slot| Some((slot, slot.held.as_ref()?))) else {
            return Ok(None);
        };
        slot.used.set(true);
        use_session(&held.session).map(Some)
    })
}

/// Forgets the sessions of a factory that this thread has released.
pub(super) fn forget(factory: u32) {
    TABLE.with_borrow_mut(|table| {
        let ring = table.rings.remove(&factory).unwrap_or_default();
        for index in ring.slots {
            table.vacate(index);
        }
    });
}

impl Ring {
    /// The clock algorithm: takes out the first session that was not used since the hand last came by.
    fn take_least_used(&mut self, slots: &[Slot]) -> Option<usize> {
        while !self.slots.is_empty() {
            let at = self.hand % self.slots.len();
            if !slots[self.slots[at]].used.replace(false) {
                self.hand = at;
                return Some(self.slots.swap_remove(at));
            }
            self.hand = at + 1;
        }
        None
    }
}

impl SessionTable {
    fn insert(&mut self, held: Held) -> SessionNumber {
        let factory = held.place.0;
        let index = self.room(factory);
        self.rings.entry(factory).or_default().slots.push(index);
        self.by_place.insert(held.place.clone(), index);
        let slot = &mut self.slots[index];
        slot.generation += 1;
        slot.held = Some(held);
        slot.used.set(true);
        SessionNumber::new(index, slot.generation)
    }

    /// An empty slot that has generations left.
    fn room(&mut self, factory: u32) -> usize {
        loop {
            let is_full = self.free.is_empty() && self.slots.len() == MAX_SLOTS;
            let kept = self.rings.get(&factory);
            if kept.is_some_and(|ring| ring.slots.len() >= ring.capacity) {
                self.evict(factory);
            } else if is_full {
                self.evict(self.fullest());
            } else if let Some(index) = self.free.pop() {
                return index;
            } else {
                self.slots.push(Slot::default());
                return self.slots.len() - 1;
            }
        }
    }

    fn evict(&mut self, factory: u32) {
        let ring = self.rings.get_mut(&factory);
        if let Some(index) = ring.and_then(|ring| ring.take_least_used(&self.slots)) {
            self.vacate(index);
        }
    }

    /// The factory that keeps the most sessions.
    fn fullest(&self) -> u32 {
        let fullest = self.rings.iter().max_by_key(|(_, ring)| ring.slots.len());
        fullest.map_or(0, |(&factory, _)| factory)
    }

    fn vacate(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if let Some(held) = slot.held.take() {
            self.by_place.remove(&held.place);
            if slot.generation < LAST_GENERATION {
                self.free.push(index);
            }
        }
    }
}
