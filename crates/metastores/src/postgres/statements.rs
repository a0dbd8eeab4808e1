//! The SQL of one table, fitted to the types of its columns.

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnection, PgStatement};
use sqlx::{AssertSqlSafe, Column, Connection, Executor, SqlSafeStr, Statement, TypeInfo};

use crate::server::Statements;
use crate::table::QualifiedTableName;

/// `created` in words that mean the same whatever the session's time zone and date style.
struct Created {
    /// Gives the column as text in UTC.
    read: &'static str,
    /// Takes text in UTC.
    write: &'static str,
}

const WITHOUT_TIME_ZONE: Created = Created {
    read: "to_char(created, 'YYYY-MM-DD HH24:MI:SS.US')",
    write: "CAST($2 AS timestamp)",
};

const WITH_TIME_ZONE: Created = Created {
    read: "to_char(created AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    write: "(CAST($2 AS timestamp) AT TIME ZONE 'UTC')",
};

/// Reads the column types, and checks the right to select.
pub(super) async fn read(
    connection: &mut PgConnection,
    table: &QualifiedTableName,
) -> Result<Statements, sqlx::Error> {
    let look = format!("SELECT created, key_record, id FROM {table} LIMIT 0");
    let look = connection
        .prepare(AssertSqlSafe(look).into_sql_str())
        .await?;
    let created = match type_name(&look, 0) {
        "TIMESTAMPTZ" => WITH_TIME_ZONE,
        _ => WITHOUT_TIME_ZONE,
    };
    let key_record = match type_name(&look, 1) {
        "JSON" => "CAST($3 AS json)",
        "JSONB" => "CAST($3 AS jsonb)",
        _ => "$3",
    };
    let statements = of(table, &created, key_record);
    connection
        .execute(AssertSqlSafe(statements.ping.clone()))
        .await?;
    Ok(statements)
}

fn of(table: &QualifiedTableName, created: &Created, key_record: &str) -> Statements {
    let Created { read, write } = created;
    let select = format!("SELECT id::text, key_record::text, {read} FROM {table} WHERE id = $1");
    Statements {
        load: format!("{select} AND created = {write}"),
        load_latest: format!("{select} ORDER BY created DESC LIMIT 1"),
        ids: format!("SELECT id::text FROM {table} WHERE id = $1"),
        // Only the duplicate of this very key is passed over; any other failure is an error.
        store: format!(
            "INSERT INTO {table} (id, created, key_record) \
             VALUES ($1, {write}, {key_record}) ON CONFLICT (id, created) DO NOTHING"
        ),
        ping: format!("SELECT 1 FROM {table} LIMIT 1"),
    }
}

fn type_name(statement: &PgStatement, column: usize) -> &str {
    statement.columns()[column].type_info().name()
}

/// Makes the table and its index. Another process that does so at the same moment is no failure.
pub(super) async fn create_table(
    connection: &mut PgConnection,
    table: &QualifiedTableName,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let created = transaction
        .execute(AssertSqlSafe(format!(
            "CREATE TABLE {table} (id VARCHAR(255) NOT NULL, \
             created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, key_record TEXT NOT NULL, \
             PRIMARY KEY (id, created))"
        )))
        .await;
    match created {
        Ok(_) => {
            transaction
                .execute(AssertSqlSafe(format!("CREATE INDEX ON {table} (created)")))
                .await?;
            transaction.commit().await
        }
        Err(error) if is_already_there(&error) => transaction.rollback().await,
        Err(error) => Err(error),
    }
}

/// `duplicate_table`; or the catalogue's own duplicate, where the other process came in between.
fn is_already_there(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| code == "42P07" || code == "23505" || code == "42710")
}
