//! The receiver of this addon's `tracing` events. Those of libraries are turned off where they are
//! raised: a driver's may hold URLs and values.

use std::sync::Once;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event as TracingEvent, Metadata, Subscriber};

use super::event::{Channel, Event};
use super::listener::{is_wanted, tell};

/// Begins to receive; before the first listener, an event costs its callers one comparison.
pub(super) fn install() {
    static INSTALL: Once = Once::new();
    // Our copy of `tracing` is our own, so nobody can have been earlier.
    INSTALL.call_once(|| set_global_default(Receiver).unwrap_or_default());
}

struct Receiver;

impl Subscriber for Receiver {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Channel::of(metadata).is_some() {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        Channel::of(metadata).is_some_and(is_wanted)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn event(&self, event: &TracingEvent<'_>) {
        if let Some(channel) = Channel::of(event.metadata()) {
            tell(channel, || Event::new(channel, event));
        }
    }

    /// None is enabled.
    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}
