//! PostgreSQL and MySQL/MariaDB over real connections.
//!
//! The servers are those of the machine, or of `SEALDIFF_TEST_POSTGRES` and `SEALDIFF_TEST_MYSQL`
//! (URLs of administrators); some tests start servers of their own. Where a server is missing, its
//! tests say so and pass, except under `CI`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod failures;
mod logs;
mod mysql;
mod own_mariadb;
mod own_postgres;
mod postgres;
mod restart;
mod support;
mod time_zones;
mod tls;
