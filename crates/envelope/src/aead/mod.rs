//! The authenticated ciphers of records and streams, each with its published source.

pub mod cobblestone;
pub mod gcm;
pub mod xaes;
