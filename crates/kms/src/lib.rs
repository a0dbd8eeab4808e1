//! Key management services: who wraps the system keys. One file each.
//!
//! Must not know: records, partitions, sessions or any metastore.

#![forbid(unsafe_code)]

mod static_key;

pub use static_key::StaticKeyManagementService;
