//! Metastores: where key records live. One file each.
//!
//! Must not know: secrets, caches, sessions or the KMS. Rows are only ever added.

#![forbid(unsafe_code)]

mod dynamodb;
mod memory;
mod mysql;
mod open;
mod postgres;
mod rows;
mod server;
mod sqlite;
mod table;

pub use dynamodb::{DynamoDbMetastore, DynamoDbOptions};
pub use memory::MemoryMetastore;
pub use mysql::{MySqlMetastore, MySqlOptions};
pub use open::{OpenError, OpenOptions, open};
pub use postgres::{PostgresMetastore, PostgresOptions};
pub use server::{InvalidUrl, PoolOptions, ServerMetastore, TlsOptions};
pub use sqlite::{SqliteMetastore, SqliteOptions};
pub use table::{InvalidTableName, QualifiedTableName, TableName};
