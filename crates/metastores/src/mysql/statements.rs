//! The SQL of one table.

use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::server::Statements;
use crate::table::TableName;

/// The collations that compare bytes and pad nothing: MySQL's from 8.0.17 on, MariaDB's.
const BINARY_NO_PAD: &str = "SELECT collation_name FROM information_schema.collations \
     WHERE collation_name IN ('utf8mb4_0900_bin', 'utf8mb4_nopad_bin') \
     ORDER BY collation_name DESC LIMIT 1";
/// Pads with spaces; ids are compared as bytes besides.
const BINARY: &str = "utf8mb4_bin";

pub(super) fn of(table: &TableName) -> Statements {
    let created = "DATE_FORMAT(created, '%Y-%m-%d %H:%i:%s.%f')";
    let select = format!("SELECT id, key_record, {created} FROM `{table}` WHERE id = ?");
    Statements {
        load: format!("{select} AND created = ?"),
        load_latest: format!("{select} ORDER BY created DESC LIMIT 1"),
        ids: format!("SELECT id FROM `{table}` WHERE id = ?"),
        // No IGNORE: it would also cut ids that are too long, and pass over other failures.
        store: format!("INSERT INTO `{table}` (id, created, key_record) VALUES (?, ?, ?)"),
        ping: format!("SELECT 1 FROM `{table}` LIMIT 1"),
    }
}

/// Checks that the table has its columns, and that they may be read.
pub(super) async fn look(
    statements: &Statements,
    connection: &mut MySqlConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statements.load_latest.as_str()))
        .bind("")
        .execute(connection)
        .await
        .map(drop)
}

/// Makes the table, where another process hasn't done so at the same moment.
pub(super) async fn create_table(
    connection: &mut MySqlConnection,
    table: &TableName,
) -> Result<(), sqlx::Error> {
    let collation = match connection.fetch_optional(BINARY_NO_PAD).await? {
        Some(row) => row.try_get_unchecked::<String, _>(0)?,
        None => BINARY.to_owned(),
    };
    connection
        .execute(AssertSqlSafe(format!(
            "CREATE TABLE IF NOT EXISTS `{table}` (\
             id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL, \
             created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
             key_record TEXT CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL, \
             PRIMARY KEY (id, created), INDEX (created)) ENGINE = InnoDB"
        )))
        .await
        .map(drop)
}
