//! The keys in memory and the ways to come by them.

mod absences;
mod backends;
mod cache;
mod hierarchy;
mod intermediate_key;
#[cfg(test)]
pub(crate) mod known_answers;
mod level;
mod loader;
mod protected_key;
mod renewal;
mod sealing;
mod secrets;
mod slot;
mod stream_key;
mod system_key;

pub(crate) use backends::Backends;
pub use hierarchy::RecordKey;
pub(crate) use hierarchy::{KeyHierarchy, PartitionKeys};
pub use intermediate_key::IntermediateKey;
pub(crate) use loader::KeyLoader;
pub(crate) use protected_key::KeyMemory;
pub use renewal::ResealKeys;
pub(crate) use slot::Freshness;
pub(crate) use stream_key::StreamKey;
