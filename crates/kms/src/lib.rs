//! Key management services: who wraps the system keys. One file each.
//!
//! Must not know: records, partitions, sessions or any metastore.

#![forbid(unsafe_code)]

mod aws;
mod open;
mod static_key;
mod vault;

pub use aws::{AwsKeyManagementService, AwsKmsOptions, AwsRegion, RegionFailure, RegionsFailed};
pub use open::OpenError;
pub use static_key::StaticKeyManagementService;
pub use vault::{
    SecretText, VaultAuth, VaultError, VaultKeyManagementService, VaultOptions, VaultTls,
};
