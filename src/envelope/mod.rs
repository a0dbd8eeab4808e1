//! Envelope encryption for JavaScript: factories, sessions, records.

pub(crate) mod custom;
mod factory;
mod open;
mod records;
mod registry;
mod session;
mod sessions;
