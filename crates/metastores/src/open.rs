//! From a URL to a metastore.

use std::path::Path;
use std::sync::Arc;

use sealdiff_envelope::{Metastore, MetastoreError};

use crate::server::InvalidUrl;
use crate::table::{InvalidTableName, QualifiedTableName, TableName};
use crate::{
    DynamoDbMetastore, DynamoDbOptions, MemoryMetastore, MySqlMetastore, MySqlOptions, PoolOptions,
    PostgresMetastore, PostgresOptions, SqliteMetastore, SqliteOptions, TlsOptions,
};

/// What a URL leaves open. `None` takes the metastore's own default.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Makes a missing table. Default true for SQLite, false for servers.
    pub create_table: Option<bool>,
    /// The table's name; for PostgreSQL also `schema.table`. A DynamoDB URL may name it instead.
    pub table: Option<String>,
    /// Limits of the connections to a server.
    pub pool: PoolOptions,
    /// Certificates for the connections to a server.
    pub tls: TlsOptions,
}

/// Why a metastore could not be opened. No message repeats the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names no metastore of this build, or lacks a part.
    #[error(transparent)]
    InvalidUrl(#[from] InvalidUrl),
    /// The table's name can't be used.
    #[error(transparent)]
    InvalidTable(#[from] InvalidTableName),
    /// The metastore itself failed.
    #[error(transparent)]
    Metastore(#[from] MetastoreError),
}

/// Opens the metastore that `url` names: `memory:`, `sqlite:PATH`, `postgres://…` (`postgresql`),
/// `mysql://…` (`mariadb`), `dynamodb://…`.
///
/// TLS is required of servers unless the URL says otherwise (`sslmode`), and their certificates
/// are verified once an authority is given. Nothing is created unless the options say so.
///
/// # Errors
/// [`OpenError`].
pub async fn open(url: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryMetastore::default())),
        Some(("sqlite", path)) => open_sqlite(path, options).await,
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            open_postgres(url, options).await
        }
        Some(("mysql" | "mariadb", rest)) if rest.starts_with("//") => {
            open_mysql(url, options).await
        }
        Some(("dynamodb", rest)) if rest.starts_with("//") => open_dynamodb(url, options).await,
        _ => Err(malformed(
            "must be memory:, sqlite:PATH, postgres://…, mysql://… or dynamodb://…",
        )),
    }
}

fn malformed(requirement: &'static str) -> OpenError {
    InvalidUrl::Malformed(requirement).into()
}

async fn open_sqlite(path: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() {
        return Err(malformed("must name a file after sqlite:"));
    }
    if path.starts_with(':') || path.starts_with("file:") || path.contains('?') {
        // `:memory:` would be a database of its own for each connection of the pool, and a URI
        // can say the same.
        return Err(malformed(
            "must name a plain file after sqlite:, or be memory:",
        ));
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

async fn open_postgres(url: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    let mut postgres = PostgresOptions {
        pool: options.pool,
        tls: options.tls,
        ..PostgresOptions::default()
    };
    if let Some(create_table) = options.create_table {
        postgres.create_table = create_table;
    }
    if let Some(table) = options.table {
        postgres.table = QualifiedTableName::new(&table)?;
    }
    Ok(Arc::new(PostgresMetastore::open(url, postgres).await?))
}

async fn open_mysql(url: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    let mut mysql = MySqlOptions {
        pool: options.pool,
        tls: options.tls,
        ..MySqlOptions::default()
    };
    if let Some(create_table) = options.create_table {
        mysql.create_table = create_table;
    }
    if let Some(table) = options.table {
        mysql.table = TableName::new(&table)?;
    }
    Ok(Arc::new(MySqlMetastore::open(url, mysql).await?))
}

async fn open_dynamodb(url: &str, options: OpenOptions) -> Result<Arc<dyn Metastore>, OpenError> {
    if !options.pool.is_default() || !options.tls.is_default() {
        return Err(malformed("takes neither pool nor tls with dynamodb://"));
    }
    let dynamodb = DynamoDbOptions {
        create_table: options.create_table.unwrap_or_default(),
        table: options.table,
    };
    Ok(Arc::new(DynamoDbMetastore::open(url, dynamodb).await?))
}
