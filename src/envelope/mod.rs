//! Envelope encryption for JavaScript: factories, sessions, records.

pub(crate) mod custom;
mod data_row;
mod factory;
mod kms;
mod many;
mod many_later;
mod open;
mod records;
mod registry;
mod renewal;
mod sealed;
mod session;
mod sessions;
mod streams;
mod test_clock;
