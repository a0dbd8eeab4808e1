//! The rules of docs/wire-format.md, seen from outside: sessions over recording backends, a clock
//! that stands still, background work that runs when a test says so.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod bad_input;
mod bounds;
mod closing;
mod counts;
mod freshness;
mod key_states;
mod negative;
mod properties;
mod redaction;
mod renewal;
mod rotation;
mod single_flight;
mod streams;
mod support;
mod sync_forms;
mod vectors;
