//! The sessions that this thread has at hand, by number: the hot path takes no lock that another
//! thread takes. A session that had to make room is opened again by its partition id.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use sealdiff_envelope::Session;

use crate::error::Failure;

/// A slot and the generation of what is in it: `generation × 2²⁰ + slot`, below 2⁵³, so that it
/// is exact in a JavaScript number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionNumber(u64);

const SLOT_BITS: u32 = 20;
const MAX_SLOTS: usize = 1 << SLOT_BITS;

impl SessionNumber {
    fn new(slot: usize, generation: u32) -> Self {
        Self(u64::from(generation) << SLOT_BITS | slot as u64)
    }

    /// Reads a number that JavaScript holds; one that was never given out names no session.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and what it changes names no session"
    )]
    pub(super) fn from_js(number: f64) -> Self {
        Self(number as u64)
    }

    #[expect(clippy::cast_precision_loss, reason = "52 bits are exact")]
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

struct Slot {
    generation: u32,
    session: Session,
    place: Place,
    /// Set by every use, cleared by the hand that looks for room: a session in use stays.
    used: Cell<bool>,
}

/// A factory's number and a partition id: what a session is found by.
type Place = (u32, String);

#[derive(Default)]
pub(super) struct SessionTable {
    slots: Vec<Slot>,
    by_place: HashMap<Place, usize>,
    hand: usize,
}

thread_local! {
    static TABLE: RefCell<SessionTable> = RefCell::default();
}

/// The number of the factory's session for that partition, opened by `open` if it isn't at hand.
/// The table holds at most `capacity` sessions.
///
/// # Errors
/// Those of `open`.
pub(super) fn number_of(
    factory: u32,
    partition_id: &str,
    capacity: usize,
    open: impl FnOnce() -> Result<Session, Failure>,
) -> Result<SessionNumber, Failure> {
    let place = (factory, partition_id.to_owned());
    TABLE.with_borrow_mut(|table| {
        if let Some(&slot) = table.by_place.get(&place) {
            table.slots[slot].used.set(true);
            return Ok(SessionNumber::new(slot, table.slots[slot].generation));
        }
        open().map(|session| table.insert(place, session, capacity.clamp(1, MAX_SLOTS)))
    })
}

/// Calls `use_session` with the session of that number; `None` if it had to make room.
pub(super) fn with<T>(
    number: SessionNumber,
    use_session: impl FnOnce(&Session) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    TABLE.with_borrow(|table| {
        let slot = table
            .slots
            .get(number.slot())
            .filter(|slot| u64::from(slot.generation) == number.generation());
        let Some(slot) = slot else { return Ok(None) };
        slot.used.set(true);
        use_session(&slot.session).map(Some)
    })
}

/// Forgets the sessions of a factory that this thread has released.
pub(super) fn forget(factory: u32) {
    TABLE.with_borrow_mut(|table| {
        let kept = std::mem::take(&mut table.slots);
        table.by_place.clear();
        table.hand = 0;
        for slot in kept.into_iter().filter(|slot| slot.place.0 != factory) {
            table.by_place.insert(slot.place.clone(), table.slots.len());
            table.slots.push(slot);
        }
        // The slots have moved: numbers given out before must name none of them.
        for slot in &mut table.slots {
            slot.generation = next_generation();
        }
    });
}

impl SessionTable {
    fn insert(&mut self, place: Place, session: Session, capacity: usize) -> SessionNumber {
        let slot = Slot {
            generation: next_generation(),
            session,
            place: place.clone(),
            used: Cell::new(true),
        };
        let generation = slot.generation;
        let index = if self.slots.len() < capacity {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            let index = self.least_used();
            let evicted = std::mem::replace(&mut self.slots[index], slot);
            self.by_place.remove(&evicted.place);
            index
        };
        self.by_place.insert(place, index);
        SessionNumber::new(index, generation)
    }

    /// The clock algorithm: the first slot that was not used since the hand last came by.
    fn least_used(&mut self) -> usize {
        loop {
            let index = self.hand % self.slots.len();
            self.hand = index + 1;
            if !self.slots[index].used.replace(false) {
                return index;
            }
        }
    }
}

/// Never 0, so that the number 0 names no session.
fn next_generation() -> u32 {
    thread_local! {
        static LAST: Cell<u32> = const { Cell::new(0) };
    }
    LAST.with(|last| {
        last.set(last.get().checked_add(1).unwrap_or(1));
        last.get()
    })
}
