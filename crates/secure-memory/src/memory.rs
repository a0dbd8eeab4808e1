//! Memory for the secrets of one owner: slabs up to a budget, mapped as they are needed.

use std::io;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::{MAX_DEFAULT_BUDGET, default_budget};
use crate::pages::{Pages, page_len};
use crate::slab::{SLOT_ALIGN_BYTES, Slab};

/// Longest slab, in bytes: a large budget needs few mappings, of which a process has 65 530.
const MAX_SLAB_LEN: usize = 1 << 20;
/// A slab is this part of the budget: secrets of one length starve no other length.
const SLABS_PER_BUDGET: usize = 64;

/// What to do where memory can't be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryMode {
    /// Opening fails.
    Require,
    /// Secrets lie in memory that is guarded and out of core dumps, but may be swapped.
    #[default]
    Prefer,
    /// Nothing is locked or guarded: secrets lie on the heap, and are wiped all the same.
    Off,
}

/// What the secrets got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryProtection {
    /// Locked, guarded, out of core dumps where the system allows it.
    Locked,
    /// Guarded and out of core dumps where the system allows it; locking was denied.
    Guarded,
    /// The heap.
    #[default]
    Heap,
}

/// How much is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// What the secrets got.
    pub protection: MemoryProtection,
    /// Bytes of the slabs mapped so far; they stay until the memory is dropped.
    pub mapped_bytes: usize,
    /// The most that will be mapped, in bytes; 0 on the heap, which has no budget.
    pub budget_bytes: usize,
}

/// Memory can't be locked, and it was required.
#[derive(Debug, thiserror::Error)]
#[error("memory could not be locked")]
pub struct MemoryUnavailable(#[source] io::Error);

/// A handle to the memory; it is unmapped when the last handle and the last secret are gone.
#[derive(Debug, Clone)]
pub struct SecureMemory {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    protection: MemoryProtection,
    budget: usize,
    slab_len: usize,
    slabs: Mutex<Slabs>,
}

#[derive(Debug, Default)]
struct Slabs {
    cut: Vec<Slab>,
    /// Mapped for the next slab; the first ones when the memory is opened, to see whether they can
    /// be locked.
    uncut: Option<Pages>,
    mapped: usize,
    /// The system refused more than there is.
    is_refused: bool,
}

/// A slot in use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    slab: usize,
    index: u32,
    pub(crate) start: NonNull<u8>,
}

impl SecureMemory {
    /// Opens memory of at most `budget` bytes, rounded up to whole pages.
    ///
    /// The default is half of what the process may lock, and at most 4 MiB.
    ///
    /// # Errors
    /// [`MemoryUnavailable`] with [`MemoryMode::Require`] where not even one page can be locked.
    pub fn open(mode: MemoryMode, budget: Option<usize>) -> Result<Self, MemoryUnavailable> {
        if mode == MemoryMode::Off {
            return Ok(Self::on_heap());
        }
        let wanted = whole_pages(budget.unwrap_or_else(default_budget));
        let refused = match first_locked(slab_len_of(wanted)) {
            Ok(pages) => return Ok(Self::over(pages, MemoryProtection::Locked, wanted)),
            Err(refused) => refused,
        };
        if mode == MemoryMode::Require {
            return Err(MemoryUnavailable(refused));
        }
        let os_error = refused.raw_os_error();
        tracing::warn!(os_error, "memory could not be locked");
        // The limit of locked memory limits nothing that isn't locked.
        let wanted = whole_pages(budget.unwrap_or(MAX_DEFAULT_BUDGET));
        Ok(match Pages::map(slab_len_of(wanted)) {
            Ok(pages) => {
                let _denied = pages.protect();
                Self::over(pages, MemoryProtection::Guarded, wanted)
            }
            Err(_no_pages) => Self::on_heap(),
        })
    }

    /// What is in use.
    #[must_use]
    pub fn in_use(&self) -> MemoryUse {
        MemoryUse {
            protection: self.shared.protection,
            mapped_bytes: self.shared.lock().mapped,
            budget_bytes: self.shared.budget,
        }
    }

    pub(crate) fn is_on_heap(&self) -> bool {
        self.shared.protection == MemoryProtection::Heap
    }

    /// A slot for `len` bytes, all zero; `None` when the budget is used up.
    pub(crate) fn take(&self, len: usize) -> Option<Place> {
        let slot_len = len.next_multiple_of(SLOT_ALIGN_BYTES);
        let mut slabs = self.shared.lock();
        let slab = match slabs
            .cut
            .iter()
            .position(|slab| slab.has_room_for(slot_len))
        {
            Some(found) => found,
            None => self.shared.cut_another(&mut slabs, slot_len)?,
        };
        let (index, start) = slabs.cut[slab].take()?;
        Some(Place { slab, index, start })
    }

    /// Takes back a slot of [`Self::take`], wiped by its owner.
    pub(crate) fn give_back(&self, place: Place) {
        self.shared.lock().cut[place.slab].give_back(place.index);
    }

    fn over(pages: Pages, protection: MemoryProtection, budget: usize) -> Self {
        let slabs = Slabs {
            mapped: pages.len(),
            uncut: Some(pages),
            ..Slabs::default()
        };
        Self {
            shared: Arc::new(Shared {
                protection,
                budget,
                slab_len: slab_len_of(budget),
                slabs: Mutex::new(slabs),
            }),
        }
    }

    fn on_heap() -> Self {
        Self {
            shared: Arc::new(Shared {
                protection: MemoryProtection::Heap,
                budget: 0,
                slab_len: 0,
                slabs: Mutex::default(),
            }),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slabs> {
        // Nothing in there is left half done by a panic.
        self.slabs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a slab with slots of that length.
    fn cut_another(&self, slabs: &mut Slabs, slot_len: usize) -> Option<usize> {
        if slabs.uncut.is_none() {
            slabs.uncut = self.map_another(slabs);
        }
        let pages = slabs.uncut.take_if(|pages| slot_len <= pages.len())?;
        slabs.cut.push(Slab::new(pages, slot_len));
        Some(slabs.cut.len() - 1)
    }

    fn map_another(&self, slabs: &mut Slabs) -> Option<Pages> {
        let left = self.budget.saturating_sub(slabs.mapped);
        if left == 0 || slabs.is_refused {
            return None;
        }
        let len = self.slab_len.min(left);
        let mapped = match self.protection {
            MemoryProtection::Locked => first_locked(len),
            _ => Pages::map(len).inspect(|pages| drop(pages.protect())),
        };
        slabs.is_refused = mapped.is_err();
        let pages = mapped.ok()?;
        slabs.mapped += pages.len();
        Some(pages)
    }
}

/// Locked pages of `len` bytes; one page where the system allows no more.
fn first_locked(len: usize) -> io::Result<Pages> {
    locked(len).or_else(|refused| match page_len() {
        page if page < len => locked(page),
        _ => Err(refused),
    })
}

fn locked(len: usize) -> io::Result<Pages> {
    let pages = Pages::map(len)?;
    pages.protect().map(|()| pages)
}

/// At least a page, and not so many that their sum has no room in a number.
fn whole_pages(budget: usize) -> usize {
    const MOST: usize = isize::MAX as usize / 2;
    budget.clamp(1, MOST).next_multiple_of(page_len())
}

fn slab_len_of(budget: usize) -> usize {
    let page = page_len();
    (budget / SLABS_PER_BUDGET)
        .clamp(page, MAX_SLAB_LEN)
        .next_multiple_of(page)
}
