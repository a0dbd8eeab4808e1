//! One event, from Rust's `tracing` to what JavaScript publishes. Fields hold what our own code put
//! there; of an error only our own kind and message.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt::Debug;

use napi::bindgen_prelude::Either3;
use napi_derive::napi;
use sealdiff_envelope::EnvelopeError;
use tracing::Metadata;
use tracing::field::{Field, Visit};

use crate::error::envelope_code;

/// Where an event is published; its number is that of the bit in `listen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Metastore = 0,
    Kms = 1,
    Log = 2,
}

impl Channel {
    /// The channel of our own events; `None` for those of libraries, which may hold URLs and values.
    pub(super) fn of(metadata: &Metadata<'_>) -> Option<Self> {
        if !metadata.is_event() {
            return None;
        }
        match metadata.target() {
            "sealdiff::metastore" => Some(Self::Metastore),
            "sealdiff::kms" => Some(Self::Kms),
            target => is_ours(target).then_some(Self::Log),
        }
    }

    pub(super) fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A target is a module's path, unless the event says otherwise.
fn is_ours(target: &str) -> bool {
    let of_a_crate = target
        .split_once("::")
        .map_or(target, |(first, _rest)| first);
    of_a_crate == "sealdiff" || of_a_crate.starts_with("sealdiff_")
}

/// A member of an event's `fields`.
type Value = Either3<String, f64, bool>;

/// An event on its way to a thread.
#[napi(object, object_from_js = false)]
#[derive(Clone)]
pub(crate) struct Event {
    /// The number of its channel.
    pub channel: u32,
    /// `info`, `warn` or `error`.
    pub level: String,
    /// Of a log line; calls of a backend have none.
    pub message: Option<String>,
    #[napi(ts_type = "Record<string, string | number | boolean>")]
    pub fields: BTreeMap<String, Value>,
}

impl Event {
    /// Takes an event apart.
    pub(super) fn new(channel: Channel, event: &tracing::Event<'_>) -> Self {
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let mut told = Self {
            channel: channel as u32,
            level,
            message: None,
            fields: BTreeMap::new(),
        };
        event.record(&mut told);
        if channel != Channel::Log {
            told.describe_call();
        }
        told
    }

    /// Tells who listens to the log that events were lost.
    pub(super) fn of_lost(count: u64) -> Self {
        Self {
            channel: Channel::Log as u32,
            level: "warn".to_owned(),
            message: Some("diagnostic events were dropped: too many waited".to_owned()),
            fields: BTreeMap::from([("dropped".to_owned(), Value::B(as_number(count)))]),
        }
    }

    fn describe_call(&mut self) {
        self.fields.remove("error");
        let has_failed = self.fields.contains_key("code");
        let outcome = if has_failed { "error" } else { "ok" };
        self.put("outcome", Value::A(outcome.to_owned()));
    }

    fn put(&mut self, name: &str, value: Value) {
        self.fields.insert(camel_case(name), value);
    }
}

impl Visit for Event {
    /// What is written by a type's own `Debug` or `Display` may be anybody's words: of those only
    /// the message, a text in the code, and the level of a key.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if matches!(field.name(), "message" | "level") {
            self.record_str(field, &format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // None of ours has one. A URL may hold a password, so one that slips in goes no further.
        let value = if value.contains("://") {
            "(hidden)"
        } else {
            value
        };
        match field.name() {
            "message" => self.message = Some(value.to_owned()),
            name => self.put(name, Value::A(value.to_owned())),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), Value::C(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), Value::B(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), Value::B(as_number(value)));
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of ours stay far below 2⁵³"
    )]
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), Value::B(value as f64));
    }

    /// An error of ours has a code and a message without secrets. What others say may hold any.
    fn record_error(&mut self, field: &Field, value: &(dyn StdError + 'static)) {
        if let Some(error) = value.downcast_ref::<EnvelopeError>() {
            self.put("code", Value::A(envelope_code(error).to_owned()));
            self.put(field.name(), Value::A(error.to_string()));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of ours stay far below 2⁵³"
)]
fn as_number(value: u64) -> f64 {
    value as f64
}

/// Fields are named as Rust names them; JavaScript sees its own manner.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::Subscriber;
    use tracing::span::{Attributes, Id, Record};

    use super::*;

    #[test]
    fn only_this_project_s_targets_are_told_of() {
        for target in [
            "sealdiff",
            "sealdiff::guard",
            "sealdiff_envelope::keys::slot",
        ] {
            assert!(is_ours(target), "{target}");
        }
        for target in [
            "sqlx::query",
            "hyper",
            "aws_smithy_runtime::client",
            "sealdiffx::y",
        ] {
            assert!(!is_ours(target), "{target}");
        }
    }

    /// Keeps the last event of its thread.
    #[derive(Default)]
    struct Keeper(Arc<Mutex<Option<Event>>>);

    impl Subscriber for Keeper {
        fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
            true
        }

        fn event(&self, event: &tracing::Event<'_>) {
            *self.0.lock().unwrap() = Some(Event::new(Channel::Log, event));
        }

        fn new_span(&self, _span: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _span: &Id, _values: &Record<'_>) {}

        fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

        fn enter(&self, _span: &Id) {}

        fn exit(&self, _span: &Id) {}
    }

    #[test]
    fn what_a_value_says_of_itself_is_left_out() {
        let keeper = Keeper::default();
        let kept = Arc::clone(&keeper.0);
        tracing::subscriber::with_default(keeper, || {
            let said = std::io::Error::other("arn:aws:iam::1:role/alice");
            tracing::warn!(error = %said, debug = ?said, status = 403_u16, "a sentence of ours");
        });
        let event = kept.lock().unwrap().take().unwrap();
        assert_eq!(event.message.as_deref(), Some("a sentence of ours"));
        assert_eq!(event.fields.keys().collect::<Vec<_>>(), ["status"]);
    }

    #[test]
    fn fields_are_named_as_in_javascript() {
        for (name, camel) in [("a", "a"), ("duration_ms", "durationMs"), ("a__b_", "aB")] {
            assert_eq!(camel_case(name), camel);
        }
    }
}
