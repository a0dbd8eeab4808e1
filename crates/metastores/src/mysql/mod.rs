//! Key records in MySQL or MariaDB, in a table that other Asherah implementations may share.
//!
//! `created` is bound and read as text in UTC, and the session's time zone is left as it is: a
//! TIMESTAMP column shifts both in the same way for everybody who does so. It ends in 2038.

mod connect;
mod statements;

use std::borrow::Cow;

use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlPool, MySqlRow};
use sqlx::{AssertSqlSafe, Connection};

use crate::open::OpenError;
use crate::rows::{Row, exact, newest, only_this_id, utc_text};
use crate::server::{self, Checkout, PoolOptions, TlsOptions, Verdict};
use crate::table::TableName;
use statements::Statements;

/// How to open a [`MySqlMetastore`].
#[derive(Debug, Clone, Default)]
pub struct MySqlOptions {
    /// Makes the table where it is missing. Default false. An existing table is never altered.
    pub create_table: bool,
    /// The table's name. Default `encryption_key`.
    pub table: TableName,
    /// Limits of the pool of connections.
    pub pool: PoolOptions,
    /// Certificates for TLS.
    pub tls: TlsOptions,
}

/// A metastore in a MySQL or MariaDB table.
#[derive(Debug)]
pub struct MySqlMetastore {
    pool: MySqlPool,
    statements: Statements,
}

impl MySqlMetastore {
    /// Connects and looks at the table, which needs no right but SELECT.
    ///
    /// # Errors
    /// [`OpenError::InvalidUrl`], [`OpenError::InvalidTable`]. [`OpenError::Metastore`]: the server
    /// can't be reached or refuses, or the table is missing and `create_table` is off.
    pub async fn open(url: &str, options: MySqlOptions) -> Result<Self, OpenError> {
        let connect = connect::options(url, &options.tls)?;
        let statements = Statements::of(&options.table);
        tokio::time::timeout(
            options.pool.acquire_timeout(),
            look(&connect, &statements, &options),
        )
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
        .map_err(unavailable)?;
        let pool = options
            .pool
            .to_driver()
            .after_connect(|connection, _about| connect::prepare_session(connection).boxed())
            .connect_lazy_with(connect);
        Ok(Self { pool, statements })
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
        connection: &mut MySqlConnection,
        id: &str,
        created: Timestamp,
        record: &EnvelopeKeyRecord,
    ) -> Result<(bool, Vec<MySqlRow>), sqlx::Error> {
        let mut transaction = connection.begin().await?;
        let inserted = sqlx::query(AssertSqlSafe(self.statements.store.as_str()))
            .bind(id)
            .bind(utc_text(created))
            .bind(record.to_json())
            .execute(&mut *transaction)
            .await;
        let is_new = match inserted {
            Ok(_) => true,
            Err(error) if number(&error) == Some(DUPLICATE_ENTRY) => false,
            Err(error) => return Err(error),
        };
        let ids = sqlx::query(AssertSqlSafe(self.statements.ids.as_str()))
            .bind(id)
            .fetch_all(&mut *transaction)
            .await?;
        if only_this_id(id, &ids).is_ok() {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok((is_new, ids))
    }

    async fn ping_table(&self) -> Result<(), MetastoreError> {
        let mut checkout = Checkout::from(&self.pool).await.map_err(unavailable)?;
        let outcome = sqlx::query(AssertSqlSafe(self.statements.ping.as_str()))
            .execute(checkout.connection())
            .await;
        checkout.end(outcome).map(drop).map_err(unavailable)
    }
}

impl Metastore for MySqlMetastore {
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
    connect: &MySqlConnectOptions,
    statements: &Statements,
    options: &MySqlOptions,
) -> Result<(), sqlx::Error> {
    let mut connection = MySqlConnection::connect_with(connect).await?;
    connect::prepare_session(&mut connection).await?;
    let looked = match statements.look(&mut connection).await {
        Err(error) if options.create_table && number(&error) == Some(NO_SUCH_TABLE) => {
            statements::create_table(&mut connection, &options.table).await?;
            statements.look(&mut connection).await
        }
        looked => looked,
    };
    if looked.is_ok() && !connect::is_in_utc(&mut connection).await? {
        tracing::warn!(
            "the database session's time zone is not UTC: times that a change of clocks skips \
             can't be stored, and plain SQL shows them shifted; set the server to +00:00"
        );
    }
    // The answer is there: that the server doesn't hear our goodbye changes nothing.
    connection.close().await.ok();
    looked
}

// <https://mariadb.com/kb/en/mariadb-error-codes/>,
// <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>
const DUPLICATE_ENTRY: u16 = 1062;
const NO_SUCH_TABLE: u16 = 1146;
/// Too many connections, a shutdown, lost packets (1159 to 1161), too many connections of a user,
/// a lock's timeout, a deadlock, an interrupted statement, a server that a failover has made
/// read-only (1290, 1836), a killed connection, a statement's time limit of MariaDB and MySQL.
const PASSING: [u16; 14] = [
    1040, 1053, 1159, 1160, 1161, 1203, 1205, 1213, 1290, 1317, 1836, 1927, 1969, 3024,
];

fn unavailable(error: sqlx::Error) -> MetastoreError {
    server::unavailable(error, |said| {
        let number = said
            .try_downcast_ref::<MySqlDatabaseError>()
            .map_or(0, MySqlDatabaseError::number);
        let state = said.code().unwrap_or(Cow::Borrowed("no SQLSTATE"));
        Verdict {
            code: format!("{number} ({state})"),
            passes: PASSING.contains(&number) || state.starts_with("08"),
        }
    })
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let said = error.as_database_error()?;
    Some(said.try_downcast_ref::<MySqlDatabaseError>()?.number())
}
