//! A metastore over a pool of connections to a database server.
//!
//! Must not know: one database's SQL, codes or types of columns: those are its [`Server`]'s.

use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, ColumnIndex, Connection, Database, Decode, Encode, Pool, Type};

use super::checkout::Checkout;
use super::failure::{self, Verdict};
use crate::rows::{Row, exact, newest, only_this_id, utc_text};

/// A database that is reached through a network, and what its driver says in its own way.
pub(crate) trait Server: Database {
    /// Whether an INSERT added its row; false if the same row was there.
    ///
    /// # Errors
    /// Any other failure than that of a duplicate.
    fn insert<'c>(
        connection: &'c mut Self::Connection,
        statement: &'c str,
        values: &'c [&'c str],
    ) -> BoxFuture<'c, Result<bool, sqlx::Error>>;

    /// The rows of a SELECT.
    ///
    /// # Errors
    /// Those of the driver.
    fn select<'c>(
        connection: &'c mut Self::Connection,
        statement: &'c str,
        values: &'c [&'c str],
    ) -> BoxFuture<'c, Result<Vec<Self::Row>, sqlx::Error>>;

    /// What the database's own codes say of an error.
    fn judge(said: &dyn DatabaseError) -> Verdict;
}

/// The SQL of one table.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Takes an id and a creation time.
    pub(crate) load: String,
    /// Takes an id.
    pub(crate) load_latest: String,
    /// Every id that the database takes for one.
    pub(crate) ids: String,
    /// Takes an id, a creation time and a record.
    pub(crate) store: String,
    pub(crate) ping: String,
}

/// A metastore in a table of a database server.
#[derive(Debug)]
pub struct ServerMetastore<DB: Database> {
    pool: Pool<DB>,
    statements: Statements,
}

/// A driver's error as ours.
pub(crate) fn unavailable<DB: Server>(error: sqlx::Error) -> MetastoreError {
    failure::unavailable(error, DB::judge)
}

/// A statement with its values, as text.
pub(crate) fn query<'q, DB>(statement: &'q str, values: &[&'q str]) -> Query<'q, DB, DB::Arguments>
where
    DB: Database,
    &'q str: Encode<'q, DB> + Type<DB>,
{
    values
        .iter()
        .fold(sqlx::query(AssertSqlSafe(statement)), |query, value| {
            query.bind(*value)
        })
}

#[expect(private_bounds, reason = "the servers are those of this crate")]
impl<DB> ServerMetastore<DB>
where
    DB: Server,
    usize: ColumnIndex<DB::Row>,
    for<'r> String: Decode<'r, DB>,
{
    pub(crate) fn new(pool: Pool<DB>, statements: Statements) -> Self {
        Self { pool, statements }
    }

    async fn checkout(&self) -> Result<Checkout<DB>, MetastoreError> {
        Checkout::from(&self.pool).await.map_err(unavailable::<DB>)
    }

    async fn fetch(&self, statement: &str, values: &[&str]) -> Result<Vec<Row>, MetastoreError> {
        let mut checkout = self.checkout().await?;
        let rows = DB::select(checkout.connection(), statement, values).await;
        let rows = checkout.end(rows).map_err(unavailable::<DB>)?;
        rows.iter().map(Row::read).collect()
    }

    async fn insert(
        &self,
        id: &str,
        created: Timestamp,
        record: &EnvelopeKeyRecord,
    ) -> Result<bool, MetastoreError> {
        let mut checkout = self.checkout().await?;
        let values = [id, &utc_text(created), &record.to_json()];
        let outcome = self.insert_by(checkout.connection(), values).await;
        let (is_new, ids) = checkout.end(outcome).map_err(unavailable::<DB>)?;
        only_this_id(id, &ids)?;
        Ok(is_new)
    }

    /// Adds the row unless the database takes another id for this one; returns those it does.
    async fn insert_by(
        &self,
        connection: &mut DB::Connection,
        values: [&str; 3],
    ) -> Result<(bool, Vec<DB::Row>), sqlx::Error> {
        let id = values[0];
        let mut transaction = connection.begin().await?;
        let is_new = DB::insert(&mut transaction, &self.statements.store, &values).await?;
        let ids = DB::select(&mut transaction, &self.statements.ids, &[id]).await?;
        if only_this_id(id, &ids).is_ok() {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok((is_new, ids))
    }

    async fn ping_table(&self) -> Result<(), MetastoreError> {
        let mut checkout = self.checkout().await?;
        let outcome = DB::select(checkout.connection(), &self.statements.ping, &[]).await;
        checkout.end(outcome).map(drop).map_err(unavailable::<DB>)
    }
}

impl<DB> Metastore for ServerMetastore<DB>
where
    DB: Server,
    usize: ColumnIndex<DB::Row>,
    for<'r> String: Decode<'r, DB>,
{
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            let created = utc_text(created);
            let rows = self.fetch(&self.statements.load, &[id, &created]).await?;
            exact(id, rows)
        }
        .boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            let rows = self.fetch(&self.statements.load_latest, &[id]).await?;
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
