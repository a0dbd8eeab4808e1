//! Reading a file that nobody has open, where nothing may be written beside it.
//!
//! SQLite can't open a WAL database without its `-wal` and `-shm` files, and the last process that
//! closes it takes them away. A service that only decrypts, and may only read, would be locked out
//! exactly while no writer runs. The file alone is then the whole database, and is read as
//! immutable: by a connection for one query, since a writer may come at any time.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use sqlx::Connection;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteRow};

pub(super) type SqliteQuery<'q> = Query<'q, Sqlite, SqliteArguments>;

/// One row at most; `None` if somebody had the file open before or after.
pub(super) async fn fetch(
    path: &Path,
    query: SqliteQuery<'_>,
) -> Option<Result<Option<SqliteRow>, sqlx::Error>> {
    let before = state_at_rest(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(true);
    let outcome = match SqliteConnection::connect_with(&options).await {
        Ok(mut connection) => {
            let row = query.fetch_optional(&mut connection).await;
            connection.close().await.and(row)
        }
        Err(error) => Err(error),
    };
    // Whoever wrote meanwhile left a trace: what was read may then be half of it.
    (state_at_rest(path)? == before).then_some(outcome)
}

/// Length and time of the last write, unless rows wait in a `-wal` file.
fn state_at_rest(path: &Path) -> Option<(u64, SystemTime)> {
    let mut wal = OsString::from(path);
    wal.push("-wal");
    if fs::metadata(wal).is_ok_and(|wal| wal.len() > 0) {
        return None;
    }
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((file.len(), file.modified().ok()?))
}
