//! Key records in one SQLite file, shared by any number of processes on the machine.
//!
//! `created` is text, `YYYY-MM-DD HH:MM:SS` UTC, as other Asherah implementations write it.

mod at_rest;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{
    SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};

use at_rest::SqliteQuery;

use crate::rows::{Row, exact, newest, utc_text};
use crate::table::TableName;

/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers don't block each other in WAL mode; a few connections serve any number of loads.
const MAX_CONNECTIONS: u32 = 4;
/// The busy timeout doesn't cover the switch to WAL: eight processes that start at once meet
/// there. 50 tries of 20 ms outlast them all.
const WAL_ATTEMPTS: u32 = 50;
const WAL_RETRY_DELAY: Duration = Duration::from_millis(20);

// Primary result codes, https://www.sqlite.org/rescode.html
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_NOMEM: i32 = 7;
const SQLITE_READONLY: i32 = 8;
const SQLITE_INTERRUPT: i32 = 9;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_PROTOCOL: i32 = 15;

/// How to open a [`SqliteMetastore`].
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// Makes the file and the table where they are missing. Default true. An existing table is
    /// never altered.
    pub create_table: bool,
    /// The table's name. Default `encryption_key`.
    pub table: TableName,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            create_table: true,
            table: TableName::default(),
        }
    }
}

/// A metastore in an SQLite file.
#[derive(Debug)]
pub struct SqliteMetastore {
    path: PathBuf,
    pool: SqlitePool,
    statements: Statements,
}

#[derive(Debug)]
struct Statements {
    load: String,
    load_latest: String,
    store: String,
    ping: String,
}

impl SqliteMetastore {
    /// Opens the file, in WAL mode where it may be written. A file or table that exists is used
    /// as it is, and needs no right to write until a key is stored.
    ///
    /// # Errors
    /// [`MetastoreError::Unavailable`]: the file can't be opened, is no database, or the table is
    /// missing and `create_table` is off.
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, MetastoreError> {
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(options.create_table)
            .busy_timeout(BUSY_TIMEOUT)
            // With NORMAL a power cut loses a key row, and with it every record sealed since.
            .synchronous(SqliteSynchronous::Full);
        // Lazily: connecting already fails where only a file at rest can be read.
        let pool = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .connect_lazy_with(connect);
        let metastore = Self {
            path: path.to_owned(),
            pool,
            statements: Statements::of(&options.table),
        };
        metastore.switch_to_wal().await?;
        if options.create_table {
            metastore.create_table_if_missing(&options.table).await?;
        }
        metastore.ping_table().await?;
        Ok(metastore)
    }

    /// WAL lets readers and one writer work at once. A file that may only be read stays as it is.
    async fn switch_to_wal(&self) -> Result<(), MetastoreError> {
        let mut attempts = 1;
        loop {
            match sqlx::query("PRAGMA journal_mode = WAL")
                .execute(&self.pool)
                .await
            {
                Ok(_mode) => return Ok(()),
                Err(error) => match primary_code(&error) {
                    Some(SQLITE_READONLY | SQLITE_CANTOPEN) => return Ok(()),
                    Some(SQLITE_BUSY) if attempts < WAL_ATTEMPTS => {
                        attempts += 1;
                        tokio::time::sleep(WAL_RETRY_DELAY).await;
                    }
                    _ => return Err(unavailable(error)),
                },
            }
        }
    }

    /// Looks before it creates: a table that is there needs no right to write.
    async fn create_table_if_missing(&self, table: &TableName) -> Result<(), MetastoreError> {
        const LOOK: &str =
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?";
        let look = || sqlx::query(LOOK).bind(table.as_str());
        if self.fetch(look).await?.is_some() {
            return Ok(());
        }
        for statement in create_statements(table) {
            sqlx::query(AssertSqlSafe(statement))
                .execute(&self.pool)
                .await
                .map_err(unavailable)?;
        }
        Ok(())
    }

    async fn ping_table(&self) -> Result<(), MetastoreError> {
        self.fetch(|| sqlx::query(AssertSqlSafe(self.statements.ping.as_str())))
            .await
            .map(drop)
    }

    /// One row at most, also from a file that this process may not write.
    async fn fetch<'q>(
        &self,
        query: impl Fn() -> SqliteQuery<'q>,
    ) -> Result<Option<SqliteRow>, MetastoreError> {
        let outcome = match query().fetch_optional(&self.pool).await {
            Err(error) if is_for_want_of_rights(&error) => at_rest::fetch(&self.path, query())
                .await
                .unwrap_or(Err(error)),
            outcome => outcome,
        };
        outcome.map_err(unavailable)
    }

    async fn load_row(
        &self,
        statement: &str,
        id: &str,
        created: Option<Timestamp>,
    ) -> Result<Option<Row>, MetastoreError> {
        let query = || {
            let query = sqlx::query(AssertSqlSafe(statement)).bind(id);
            match created {
                Some(created) => query.bind(utc_text(created)),
                None => query,
            }
        };
        let row = self.fetch(query).await?;
        row.as_ref().map(Row::read).transpose()
    }

    async fn insert(
        &self,
        id: &str,
        created: Timestamp,
        record: &EnvelopeKeyRecord,
    ) -> Result<bool, MetastoreError> {
        let inserted = sqlx::query(AssertSqlSafe(self.statements.store.as_str()))
            .bind(id)
            .bind(utc_text(created))
            .bind(record.to_json())
            .execute(&self.pool)
            .await
            .map_err(unavailable)?;
        Ok(inserted.rows_affected() == 1)
    }
}

impl Metastore for SqliteMetastore {
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            let row = self.load_row(&self.statements.load, id, Some(created));
            exact(id, row.await?)
        }
        .boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            let row = self.load_row(&self.statements.load_latest, id, None);
            newest(id, row.await?)
        }
        .boxed()
    }

    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>> {
        self.insert(id, created, record).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>> {
        self.ping_table().boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.pool.close().boxed()
    }
}

impl Statements {
    fn of(table: &TableName) -> Self {
        let select = format!("SELECT id, key_record, created FROM \"{table}\" WHERE id = ?");
        Self {
            load: format!("{select} AND created = ?"),
            load_latest: format!("{select} ORDER BY created DESC LIMIT 1"),
            // Only the duplicate of this very key is passed over; any other failure is an error.
            store: format!(
                "INSERT INTO \"{table}\" (id, created, key_record) \
                 VALUES (?, ?, ?) ON CONFLICT (id, created) DO NOTHING"
            ),
            ping: format!("SELECT 1 FROM \"{table}\" LIMIT 1"),
        }
    }
}

fn create_statements(table: &TableName) -> [String; 2] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS \"{table}\" (id VARCHAR(255) NOT NULL, \
             created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, key_record TEXT NOT NULL, \
             PRIMARY KEY (id, created))"
        ),
        format!("CREATE INDEX IF NOT EXISTS \"{table}_created\" ON \"{table}\" (created)"),
    ]
}

fn unavailable(error: sqlx::Error) -> MetastoreError {
    // All others, a missing table or column among them, last until an operator acts.
    let passes = match primary_code(&error) {
        Some(code) => matches!(
            code,
            SQLITE_BUSY
                | SQLITE_LOCKED
                | SQLITE_NOMEM
                | SQLITE_INTERRUPT
                | SQLITE_IOERR
                | SQLITE_FULL
                | SQLITE_PROTOCOL
        ),
        None => matches!(
            error,
            sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed
        ),
    };
    MetastoreError::Unavailable {
        retryable: passes,
        source: Box::new(error),
    }
}

fn is_for_want_of_rights(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(SQLITE_READONLY | SQLITE_CANTOPEN))
}

/// The low byte of SQLite's extended result code.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|extended| extended & 0xFF)
}
