//! Envelope encryption for JavaScript: factories, sessions, records.

mod factory;
mod open;
mod records;
mod registry;
mod session;
mod sessions;
