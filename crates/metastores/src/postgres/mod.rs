//! Key records in PostgreSQL, in a table that other Asherah implementations may share.
//!
//! `key_record` may be TEXT, JSON or JSONB, `created` a TIMESTAMP with or without time zone: the
//! column types are read once, at opening.

mod connect;
mod statements;

use futures_util::{FutureExt, TryFutureExt};
use sealdiff_envelope::BoxFuture;
use sqlx::Connection;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, Postgres};

use crate::open::OpenError;
use crate::server::{
    PoolOptions, Server, ServerMetastore, Statements, TlsOptions, Verdict, query, unavailable,
};
use crate::table::QualifiedTableName;

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
pub type PostgresMetastore = ServerMetastore<Postgres>;

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
            .map_err(unavailable::<Postgres>)?;
        let pool = options.pool.to_driver().connect_lazy_with(connect);
        Ok(Self::new(pool, statements))
    }
}

impl Server for Postgres {
    fn insert<'c>(
        connection: &'c mut PgConnection,
        statement: &'c str,
        values: &'c [&'c str],
    ) -> BoxFuture<'c, Result<bool, sqlx::Error>> {
        query::<Self>(statement, values)
            .execute(connection)
            .map_ok(|inserted| inserted.rows_affected() == 1)
            .boxed()
    }

    fn select<'c>(
        connection: &'c mut PgConnection,
        statement: &'c str,
        values: &'c [&'c str],
    ) -> BoxFuture<'c, Result<Vec<PgRow>, sqlx::Error>> {
        query::<Self>(statement, values)
            .fetch_all(connection)
            .boxed()
    }

    fn judge(said: &dyn DatabaseError) -> Verdict {
        let code = said.code().unwrap_or_default().into_owned();
        Verdict {
            passes: PASSING.iter().any(|passing| code.starts_with(passing)),
            code,
        }
    }
}

/// Over a connection of its own: a pool would keep trying, and lose the reason.
async fn look(
    connect: &PgConnectOptions,
    options: &PostgresOptions,
) -> Result<Statements, sqlx::Error> {
    let mut connection = PgConnection::connect_with(connect).await?;
    let looked = match statements::read(&mut connection, &options.table).await {
        Err(error) if options.create_table && is_missing_table(&error) => {
            statements::create_table(&mut connection, &options.table).await?;
            statements::read(&mut connection, &options.table).await
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
