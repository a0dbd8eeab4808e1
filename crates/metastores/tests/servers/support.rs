//! Servers, schemas of a test's own, and plain SQL beside the metastore.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{Metastore, Timestamp};
use sealdiff_metastores::{OpenError, OpenOptions, open};
pub(crate) use sealdiff_testkit::{PASSWORD, assert_failed};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

pub(crate) const CREATED: u32 = 1_795_257_000;
pub(crate) const CREATED_TEXT: &str = "2026-11-21 10:30:00";
/// Where a TIMESTAMP column of MySQL ends.
pub(crate) const MYSQL_END: u32 = 2_147_483_647;

const POSTGRES: &str = "postgres://postgres:Zauberwort@127.0.0.1:5432/test?sslmode=disable";
const MYSQL: &str = "mysql://root@127.0.0.1:3306/test?ssl-mode=disabled";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Postgres,
    MySql,
}

/// A schema (PostgreSQL) or database (MySQL) that only one test uses.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) name: String,
    admin_url: String,
}

/// Runs a test in a place of its own, and removes it, however the test ends.
pub(crate) async fn in_fresh_place<F: Future<Output = ()>>(
    server: Server,
    test: impl FnOnce(Arc<Place>) -> F,
) {
    let place = Arc::new(Place {
        server,
        name: unique_name(),
        admin_url: admin_url(server),
    });
    let kind = match server {
        Server::Postgres => "SCHEMA",
        Server::MySql => "DATABASE",
    };
    if let Err(error) = place
        .try_run(&format!("CREATE {kind} {}", place.name))
        .await
    {
        skip(&format!("{server:?} can't be used: {error}"));
        return;
    }
    let outcome = AssertUnwindSafe(test(Arc::clone(&place)))
        .catch_unwind()
        .await;
    let cascade = if server == Server::Postgres {
        " CASCADE"
    } else {
        ""
    };
    place
        .run(&format!("DROP {kind} {}{cascade}", place.name))
        .await;
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

/// Says that a test can't run here; under `CI` that is a failure.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "CI says who it is by its environment, and a tester reads why a test did nothing"
)]
pub(crate) fn skip(reason: &str) {
    assert!(std::env::var("CI").is_err(), "{reason}");
    eprintln!("skipped: {reason}");
}

#[expect(clippy::disallowed_methods, reason = "where a tester's servers are")]
fn admin_url(server: Server) -> String {
    match server {
        Server::Postgres => std::env::var("SEALDIFF_TEST_POSTGRES").unwrap_or(POSTGRES.to_owned()),
        Server::MySql => std::env::var("SEALDIFF_TEST_MYSQL").unwrap_or(MYSQL.to_owned()),
    }
}

/// A name that no other test, process or run has.
pub(crate) fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let since = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("sd_{}_{since:x}_{next}", std::process::id())
}

impl Place {
    /// A URL to it, for a metastore.
    pub(crate) fn url(&self) -> String {
        match self.server {
            Server::Postgres => self.admin_url.clone(),
            Server::MySql => self
                .admin_url
                .replace("/test?", &format!("/{}?", self.name)),
        }
    }

    /// The URL as another user, with the test's password.
    pub(crate) fn url_as(&self, user: &str) -> String {
        let url = self.url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (_admin, rest) = rest.split_once('@').unwrap();
        format!("{scheme}://{user}:{PASSWORD}@{rest}")
    }

    /// The table as SQL and the options name it.
    pub(crate) fn table(&self) -> String {
        format!("{}.encryption_key", self.name)
    }

    pub(crate) fn options(&self, create_table: bool) -> OpenOptions {
        let table = match self.server {
            Server::Postgres => self.table(),
            Server::MySql => "encryption_key".to_owned(),
        };
        OpenOptions {
            create_table: Some(create_table),
            table: Some(table),
            ..OpenOptions::default()
        }
    }

    /// Opens it, making the table.
    pub(crate) async fn open(&self) -> Arc<dyn Metastore> {
        open(&self.url(), self.options(true)).await.unwrap()
    }

    /// Opens it over the table that is there.
    pub(crate) async fn open_existing(&self) -> Arc<dyn Metastore> {
        open(&self.url(), self.options(false)).await.unwrap()
    }

    /// Makes a table as others do.
    pub(crate) async fn create_table(&self, id: &str, created: &str, key_record: &str) {
        self.run(&format!(
            "CREATE TABLE {} (id {id} NOT NULL, created {created} NOT NULL, \
             key_record {key_record} NOT NULL, PRIMARY KEY (id, created))",
            self.table()
        ))
        .await;
    }

    /// Runs a statement as another program would.
    pub(crate) async fn run(&self, statement: &str) {
        self.try_run(statement).await.unwrap();
    }

    async fn try_run(&self, statement: &str) -> Result<(), sqlx::Error> {
        run_at(self.server, &self.admin_url, statement).await
    }

    /// One text, read by plain SQL.
    pub(crate) async fn select_text(&self, statement: &str) -> String {
        select_text_at(self.server, &self.admin_url, statement).await
    }

    /// Takes the table from everybody else until the connection is dropped.
    pub(crate) async fn lock_table(&self) -> Box<dyn std::any::Any> {
        match self.server {
            Server::Postgres => {
                let mut locker = PgConnection::connect(&self.admin_url).await.unwrap();
                let lock = format!("BEGIN; LOCK TABLE {}", self.table());
                sqlx::raw_sql(AssertSqlSafe(lock))
                    .execute(&mut locker)
                    .await
                    .unwrap();
                Box::new(locker)
            }
            Server::MySql => {
                let mut locker = MySqlConnection::connect(&self.admin_url).await.unwrap();
                let lock = format!("LOCK TABLES {} WRITE", self.table());
                locker.execute(AssertSqlSafe(lock)).await.unwrap();
                Box::new(locker)
            }
        }
    }
}

pub(crate) async fn run_at(server: Server, url: &str, statement: &str) -> Result<(), sqlx::Error> {
    let statement = AssertSqlSafe(statement.to_owned());
    match server {
        Server::Postgres => {
            let mut connection = PgConnection::connect(url).await?;
            connection.execute(sqlx::raw_sql(statement)).await?;
            connection.close().await
        }
        Server::MySql => {
            let mut connection = connect_mysql(url).await?;
            connection.execute(sqlx::raw_sql(statement)).await?;
            connection.close().await
        }
    }
}

pub(crate) async fn select_text_at(server: Server, url: &str, statement: &str) -> String {
    let query = AssertSqlSafe(statement.to_owned());
    match server {
        Server::Postgres => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::query_scalar(query)
                .fetch_one(&mut connection)
                .await
                .unwrap()
        }
        Server::MySql => {
            let mut connection = connect_mysql(url).await.unwrap();
            let row = sqlx::query(query).fetch_one(&mut connection).await.unwrap();
            sqlx::Row::try_get_unchecked(&row, 0).unwrap()
        }
    }
}

/// As most drivers connect: in the server's time zone.
async fn connect_mysql(url: &str) -> Result<MySqlConnection, sqlx::Error> {
    let options: sqlx::mysql::MySqlConnectOptions = url.parse()?;
    MySqlConnection::connect_with(&options.timezone(None)).await
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

/// Asserts whose move it is, and that no text on the way names a secret.
pub(crate) fn assert_unavailable<T>(outcome: Result<T, OpenError>, expected: bool) -> String {
    match outcome.map(drop) {
        Err(OpenError::Metastore(error)) => assert_failed::<()>(Err(error), expected),
        other => panic!("{other:?}"),
    }
}
