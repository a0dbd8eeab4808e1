//! Key records in PostgreSQL, in a table that other Asherah implementations may share.
//!
//! `key_record` may be TEXT, JSON or JSONB, `created` a TIMESTAMP with or without time zone: the
//! column types are read once, at opening.

mod connect;
mod statements;

use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnection, PgPool, PgRow};
use sqlx::{AssertSqlSafe, Connection};

use crate::open::OpenError;
use crate::rows::{Row, exact, newest, only_this_id, utc_text};
use crate::server::{self, Checkout, PoolOptions, TlsOptions, Verdict};
use crate::table::QualifiedTableName;
use statements::Statements;

/// How to open a [`PostgresMetastore`].
#[derive(Debug, Clone, Default)]
pub struct PostgresOptions {
    /// Makes the table where it is missing. Default false. An existing table is never altered.
    pub create_table: bool,
    /// The table's name, and its schema's. Default `encryption_key`, where `search_path` leads.
    pub table: QualifiedTableName,
    /// Limits of the pool of connections.
    pub pool: PoolOptions,
    /// Certificates for TLS.
    pub tls: TlsOptions,
}

/// A metastore in a PostgreSQL table.
#[derive(Debug)]
pub struct PostgresMetastore {
    pool: PgPool,
    statements: Statements,
}

impl PostgresMetastore {
    /// Connects and looks at the table, which needs no right but SELECT.
    ///
    /// # Errors
    /// [`OpenError::InvalidUrl`], [`OpenError::InvalidTable`]. [`OpenError::Metastore`]: the server
    /// can't be reached or refuses, or the table is missing and `create_table` is off.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Self, OpenError> {
        let connect = connect::options(url, &options.tls)?;
        let looking = look(&connect, &options);
        let statements = tokio::time::timeout(options.pool.acquire_timeout(), looking)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(unavailable)?;
        Ok(Self {
            pool: options.pool.to_driver().connect_lazy_with(connect),
            statements,
        })
    }

    async fn fetch(
        &self,
        statement: &str,
        id: &str,
        created: Option<Timestamp>,
    ) -> Result<Vec<Row>, MetastoreError> {
        let mut checkout = Checkout::from(&self.pool).await.map_err(unavailable)?;
        let query = sqlx::query(AssertSqlSafe(statement)).bind(id);
        let query = match created {
            Some(created) => query.bind(utc_text(created)),
            None => query,
        };
        let rows = query.fetch_all(checkout.connection()).await;
        let rows = checkout.end(rows).map_err(unavailable)?;
        rows.iter().map(Row::read).collect()
    }

    async fn insert(
        &self,
        id: &str,
        created: Timestamp,
        record: &EnvelopeKeyRecord,
    ) -> Result<bool, MetastoreError> {
        let mut checkout = Checkout::from(&self.pool).await.map_err(unavailable)?;
        let outcome = self
            .insert_by(checkout.connection(), id, created, record)
            .await;
        let (is_new, ids) = checkout.end(outcome).map_err(unavailable)?;
        only_this_id(id, &ids)?;
        Ok(is_new)
    }

    /// Adds the row unless the database takes another id for this one; returns those it does.
    async fn insert_by(
        &self,
        connection: &mut PgConnection,
        id: &str,
        created: Timestamp,
        record: &EnvelopeKeyRecord,
    ) -> Result<(bool, Vec<PgRow>), sqlx::Error> {
        let mut transaction = connection.begin().await?;
        let inserted = sqlx::query(AssertSqlSafe(self.statements.store.as_str()))
            .bind(id)
            .bind(utc_text(created))
            .bind(record.to_json())
            .execute(&mut *transaction)
            .await?;
        let ids = sqlx::query(AssertSqlSafe(self.statements.ids.as_str()))
            .bind(id)
            .fetch_all(&mut *transaction)
            .await?;
        if only_this_id(id, &ids).is_ok() {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok((inserted.rows_affected() == 1, ids))
    }

    async fn ping_table(&self) -> Result<(), MetastoreError> {
        let mut checkout = Checkout::from(&self.pool).await.map_err(unavailable)?;
        let outcome = sqlx::query(AssertSqlSafe(self.statements.ping.as_str()))
            .execute(checkout.connection())
            .await;
        checkout.end(outcome).map(drop).map_err(unavailable)
    }
}

impl Metastore for PostgresMetastore {
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            let rows = self.fetch(&self.statements.load, id, Some(created)).await?;
            exact(id, rows)
        }
        .boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            let rows = self.fetch(&self.statements.load_latest, id, None).await?;
            newest(id, rows.into_iter().next())
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

/// Over a connection of its own: a pool would keep trying, and lose the reason.
async fn look(
    connect: &sqlx::postgres::PgConnectOptions,
    options: &PostgresOptions,
) -> Result<Statements, sqlx::Error> {
    let mut connection = PgConnection::connect_with(connect).await?;
    let looked = match Statements::read(&mut connection, &options.table).await {
        Err(error) if options.create_table && is_missing_table(&error) => {
            statements::create_table(&mut connection, &options.table).await?;
            Statements::read(&mut connection, &options.table).await
        }
        looked => looked,
    };
    // The answer is there: that the server doesn't hear our goodbye changes nothing.
    connection.close().await.ok();
    looked
}

fn is_missing_table(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| code == UNDEFINED_TABLE)
}

/// SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const UNDEFINED_TABLE: &str = "42P01";
/// Connection failures, rollbacks for a conflict, resources, operators (a shutdown, a cancelled
/// statement, a start), systems; a lock; a server that a failover has made a standby.
const PASSING: [&str; 7] = ["08", "40", "53", "57", "58", "55P03", "25006"];

fn unavailable(error: sqlx::Error) -> MetastoreError {
    server::unavailable(error, |said| {
        let code = said.code().unwrap_or_default().into_owned();
        Verdict {
            passes: PASSING.iter().any(|passing| code.starts_with(passing)),
            code,
        }
    })
}
