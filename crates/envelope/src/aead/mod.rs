//! The two authenticated ciphers of the records, each with its published source.

pub mod gcm;
pub mod xaes;
