//! Key records in MySQL or MariaDB, in a table that other Asherah implementations may share.
//!
//! `created` is bound and read as text in UTC, and the session's time zone is left as it is: a
//! TIMESTAMP column shifts both in the same way for everybody who does so. It ends in 2038.

mod connect;
mod statements;

use std::borrow::Cow;

use futures_util::FutureExt;
use sealdiff_envelope::BoxFuture;
use sqlx::Connection;
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlRow};

use crate::open::OpenError;
use crate::server::{
    PoolOptions, Server, ServerMetastore, Statements, TlsOptions, Verdict, query, unavailable,
};
use crate::table::TableName;

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
pub type MySqlMetastore = ServerMetastore<MySql>;

impl MySqlMetastore {
    /// Connects and looks at the table, which needs no right but SELECT.
    ///
    /// # Errors
    /// [`OpenError::InvalidUrl`], [`OpenError::InvalidTable`]. [`OpenError::Metastore`]: the server
    /// can't be reached or refuses, or the table is missing and `create_table` is off.
    pub async fn open(url: &str, options: MySqlOptions) -> Result<Self, OpenError> {
        let connect = connect::options(url, &options.tls)?;
        let statements = statements::of(&options.table);
        let looking = look(&connect, &statements, &options);
        tokio::time::timeout(options.pool.acquire_timeout(), looking)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(unavailable::<MySql>)?;
        let pool = options
            .pool
            .to_driver()
            .after_connect(|connection, _about| connect::prepare_session(connection).boxed())
            .connect_lazy_with(connect);
        Ok(Self::new(pool, statements))
    }
}

impl Server for MySql {
    fn insert<'c>(
        connection: &'c mut MySqlConnection,
        statement: &'c str,
        values: &'c [&'c str],
    ) -> BoxFuture<'c, Result<bool, sqlx::Error>> {
        async move {
            match query::<Self>(statement, values).execute(connection).await {
                Ok(_inserted) => Ok(true),
                Err(error) if number(&error) == Some(DUPLICATE_ENTRY) => Ok(false),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn select<'c>(
        connection: &'c mut MySqlConnection,
        statement: &'c str,
        values: &'c [&'c str],
    ) -> BoxFuture<'c, Result<Vec<MySqlRow>, sqlx::Error>> {
        query::<Self>(statement, values)
            .fetch_all(connection)
            .boxed()
    }

    fn judge(said: &dyn DatabaseError) -> Verdict {
        let number = said
            .try_downcast_ref::<MySqlDatabaseError>()
            .map_or(0, MySqlDatabaseError::number);
        let state = said.code().unwrap_or(Cow::Borrowed("no SQLSTATE"));
        Verdict {
            code: format!("{number} ({state})"),
            passes: PASSING.contains(&number) || state.starts_with("08"),
        }
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
    let looked = match statements::look(statements, &mut connection).await {
        Err(error) if options.create_table && number(&error) == Some(NO_SUCH_TABLE) => {
            statements::create_table(&mut connection, &options.table).await?;
            statements::look(statements, &mut connection).await
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

fn number(error: &sqlx::Error) -> Option<u16> {
    let said = error.as_database_error()?;
    Some(said.try_downcast_ref::<MySqlDatabaseError>()?.number())
}
