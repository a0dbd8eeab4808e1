//! From a URL to a metastore.

use std::path::Path;
use std::sync::Arc;

use sealdiff_envelope::{Metastore, MetastoreError};

use crate::table::{InvalidTableName, TableName};
use crate::{MemoryMetastore, SqliteMetastore, SqliteOptions};

/// What a URL leaves open. `None` takes the metastore's own default.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Makes a missing table.
    pub create_table: Option<bool>,
    /// The table's name.
    pub table: Option<String>,
}

/// Why a metastore could not be opened. No message repeats the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names no metastore of this build, or lacks a part.
    #[error("{requirement}")]
    InvalidUrl {
        /// What it must be.
        requirement: &'static str,
    },
    /// The table's name can't be used.
    #[error(transparent)]
    InvalidTable(#[from] InvalidTableName),
    /// The metastore itself failed.
    #[error(transparent)]
    Metastore(#[from] MetastoreError),
}

/// Opens the metastore that `url` names: `memory:` or `sqlite:PATH`.
///
/// # Errors
/// [`OpenError`].
pub async fn open(url: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryMetastore::default())),
        Some(("sqlite", path)) => open_sqlite(path, options).await,
        _ => Err(OpenError::InvalidUrl {
            requirement: "must be memory: or sqlite:PATH",
        }),
    }
}

async fn open_sqlite(path: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() {
        return Err(OpenError::InvalidUrl {
            requirement: "must name a file after sqlite:",
        });
    }
    if path.starts_with(':') || path.starts_with("file:") || path.contains('?') {
        // `:memory:` would be a database of its own for each connection of the pool, and a URI
        // can say the same.
        return Err(OpenError::InvalidUrl {
            requirement: "must name a plain file after sqlite:, or be memory:",
        });
    }
    let mut sqlite = SqliteOptions::default();
    if let Some(create_table) = options.create_table {
        sqlite.create_table = create_table;
    }
    if let Some(table) = options.table {
        sqlite.table = TableName::new(&table)?;
    }
    Ok(Arc::new(
        SqliteMetastore::open(Path::new(path), sqlite).await?,
    ))
}
