//! The keys in memory and the ways to come by them.

mod backends;
mod cache;
mod hierarchy;
mod intermediate_key;
#[cfg(test)]
mod known_answers;
mod level;
mod loader;
mod slot;
mod system_key;

pub(crate) use backends::Backends;
pub(crate) use hierarchy::KeyHierarchy;
pub use hierarchy::RecordKey;
pub use intermediate_key::IntermediateKey;
pub(crate) use slot::{Freshness, Slot};
