//! Metastores: where key records live. One file each.
//!
//! Must not know: secrets, caches, sessions or the KMS. Rows are only ever added.

#![forbid(unsafe_code)]

mod memory;
mod open;
mod sqlite;
mod table;

pub use memory::MemoryMetastore;
pub use open::{OpenError, OpenOptions, open};
pub use sqlite::{SqliteMetastore, SqliteOptions};
pub use table::{InvalidTableName, TableName};
