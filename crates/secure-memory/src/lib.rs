//! Memory for secrets: locked against swapping, between guard pages, left out of core dumps, wiped
//! when it is given back. The only crate below the adapter with `unsafe` in it.
//!
//! Must not know: what a secret is for. No cryptography, no keys.
//!
//! Nothing here changes a setting of the process (limits, dumps, privileges), and no page changes
//! its protection once it is in use.
//!
//! After `fork` without `exec` the child has the secrets as every other part of memory; locks are
//! not inherited. Pages that vanish or read as zero in the child would crash it, or make it work
//! with a key of zeroes. [`ForkWipedPage`] is for what both must not have.

mod fork_wiped;
mod limits;
mod memory;
mod pages;
mod secret_box;
mod slab;
mod stack;
mod wiped_vec;

pub use fork_wiped::ForkWipedPage;
pub use memory::{MemoryMode, MemoryProtection, MemoryUnavailable, MemoryUse, SecureMemory};
pub use secret_box::SecretBox;
pub use stack::{with_clean_shallow_stack, with_clean_stack};
pub use wiped_vec::{WipedVec, wipe};
