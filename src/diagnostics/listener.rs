//! The threads that listen, each with a bounded queue. A queue wakes its thread once per batch, by a
//! weak function: neither a listener nor an event that waits keeps an event loop alive.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use super::event::{Channel, Event};
use crate::error::Failure;
use crate::guard::guard_drop;

/// Most events that wait for one thread: some 300 KB. Further ones are dropped and counted, for
/// whoever raises them must not wait for a thread that is busy.
const CAPACITY: usize = 1_024;

type Deliver = ThreadsafeFunction<(), (), (), Status, false, true, 0>;

/// A thread that listens.
struct Listener {
    channels: AtomicU32,
    queue: Mutex<Queue>,
    deliver: Deliver,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    /// Since the thread was told last.
    lost: u64,
    /// The thread has been called and has not come yet.
    is_woken: bool,
}

/// Every thread's listener. Events are rare beside what they tell of: a lock costs nothing here.
static LISTENERS: RwLock<Vec<Arc<Listener>>> = RwLock::new(Vec::new());
/// The channels that any thread listens to: what an event is checked against first.
static CHANNELS: AtomicU32 = AtomicU32::new(0);
/// Events that no thread was told of, over all threads.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// The listener of this thread; it ends with the thread, in mid-delivery or not.
#[derive(Default)]
struct OfThread(Option<Arc<Listener>>);

impl Drop for OfThread {
    fn drop(&mut self) {
        if let Some(own) = self.0.take() {
            quietly(|| forget(&own));
        }
    }
}

thread_local! {
    static OF_THREAD: RefCell<OfThread> = RefCell::default();
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// How many events were dropped because too many waited.
pub(crate) fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Whether any thread listens to that channel, and this one is not itself busy with an event.
pub(super) fn is_wanted(channel: Channel) -> bool {
    CHANNELS.load(Ordering::Relaxed) & channel.bit() != 0 && !IS_QUIET.get()
}

/// Sets what this thread listens to. The first `deliver` of a thread is the one that is called.
///
/// # Errors
/// [`Failure::Internal`].
pub(super) fn listen(channels: u32, deliver: Function<'_, (), ()>) -> Result<(), Failure> {
    let own = match OF_THREAD.with_borrow(|of_thread| of_thread.0.clone()) {
        Some(own) => own,
        None => begin(deliver)?,
    };
    if channels == 0 {
        *own.queue() = Queue::default();
    }
    quietly(|| {
        // Alone, or a thread that counts at the same time could forget this one.
        let all = LISTENERS.write().unwrap_or_else(PoisonError::into_inner);
        own.channels.store(channels, Ordering::Relaxed);
        count_channels(&all);
    });
    Ok(())
}

fn begin(deliver: Function<'_, (), ()>) -> Result<Arc<Listener>, Failure> {
    let deliver = deliver
        .build_threadsafe_function::<()>()
        .weak::<true>()
        .build()?;
    let own = Arc::new(Listener {
        channels: AtomicU32::new(0),
        queue: Mutex::default(),
        deliver,
    });
    OF_THREAD.with_borrow_mut(|of_thread| of_thread.0 = Some(Arc::clone(&own)));
    quietly(|| {
        let mut all = LISTENERS.write().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&own));
    });
    Ok(own)
}

fn forget(own: &Arc<Listener>) {
    let mut all = LISTENERS.write().unwrap_or_else(PoisonError::into_inner);
    all.retain(|listener| !Arc::ptr_eq(listener, own));
    count_channels(&all);
}

fn count_channels(all: &[Arc<Listener>]) {
    let channels = all.iter().fold(0, |bits, listener| {
        bits | listener.channels.load(Ordering::Relaxed)
    });
    CHANNELS.store(channels, Ordering::Relaxed);
}

/// Puts an event into the queue of every thread that listens to its channel.
pub(super) fn tell(channel: Channel, event: impl FnOnce() -> Event) {
    quietly(|| {
        let event = event();
        let all = LISTENERS.read().unwrap_or_else(PoisonError::into_inner);
        for listener in all.iter() {
            if listener.channels.load(Ordering::Relaxed) & channel.bit() != 0 {
                listener.offer(event.clone());
            }
        }
    });
}

/// The events that wait for this thread.
pub(super) fn take() -> Vec<Event> {
    let Some(own) = OF_THREAD.with_borrow(|of_thread| of_thread.0.clone()) else {
        return Vec::new();
    };
    let Queue { events, lost, .. } = mem::take(&mut *own.queue());
    let mut events = Vec::from(events);
    if lost > 0 {
        events.push(Event::of_lost(lost));
    }
    events
}

impl Listener {
    fn offer(&self, event: Event) {
        let must_wake = {
            let mut queue = self.queue();
            if queue.events.len() < CAPACITY {
                queue.events.push_back(event);
            } else {
                queue.lost += 1;
                DROPPED.fetch_add(1, Ordering::Relaxed);
            }
            !mem::replace(&mut queue.is_woken, true)
        };
        if must_wake {
            // A thread that is ending does not come; its queue ends with it.
            self.deliver
                .call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event that is raised while one is dealt with is dropped: it would never end, or meet a lock
/// that is taken.
fn quietly(work: impl FnOnce()) {
    let was_quiet = IS_QUIET.replace(true);
    guard_drop(work);
    IS_QUIET.set(was_quiet);
}
