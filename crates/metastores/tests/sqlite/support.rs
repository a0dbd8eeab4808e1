//! Files, rows, and plain SQL beside the metastore.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{Metastore, MetastoreError, Timestamp};
use sealdiff_metastores::{OpenError, OpenOptions, open};
use sealdiff_testkit::tempfile::TempDir;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

pub(crate) const CREATED: u32 = 1_795_257_000;
pub(crate) const CREATED_TEXT: &str = "2026-11-21 10:30:00";

/// A folder of its own and the path of a database in it that isn't there yet.
pub(crate) fn fresh_path() -> (TempDir, PathBuf) {
    let folder = sealdiff_testkit::tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    (folder, path)
}

pub(crate) async fn open_at(path: &Path) -> Result<Arc<dyn Metastore>, OpenError> {
    open_with(path, OpenOptions::default()).await
}

pub(crate) async fn open_with(
    path: &Path,
    options: OpenOptions,
) -> Result<Arc<dyn Metastore>, OpenError> {
    open(&format!("sqlite:{}", path.display()), options).await
}

pub(crate) fn at(seconds: u32) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

pub(crate) fn record(created: u32) -> EnvelopeKeyRecord {
    EnvelopeKeyRecord {
        created: at(created),
        encrypted_key: vec![7; 60],
        parent: None,
        is_revoked: false,
    }
}

/// Runs statements as another program would.
pub(crate) async fn run_sql(path: &Path, statements: &'static str) {
    let mut connection = connect(path).await;
    sqlx::raw_sql(statements)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

pub(crate) async fn select_text(path: &Path, statement: &'static str) -> String {
    let mut connection = connect(path).await;
    let text = sqlx::query_scalar(statement)
        .fetch_one(&mut connection)
        .await;
    connection.close().await.unwrap();
    text.unwrap()
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Asserts that nobody needs to try again, since only an operator can help.
pub(crate) fn assert_lasting<T>(outcome: Result<T, OpenError>) {
    match outcome.map(drop) {
        Err(OpenError::Metastore(MetastoreError::Unavailable {
            retryable: false, ..
        })) => {}
        other => panic!("{other:?}"),
    }
}

pub(crate) fn is_invalid_row<T>(outcome: &Result<T, MetastoreError>) -> bool {
    matches!(outcome, Err(MetastoreError::InvalidRow { .. }))
}
