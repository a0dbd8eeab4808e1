//! DynamoDB over real connections: to moto, which keeps items, and to a responder, which fails and
//! tells of tables that moto can't have.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod failures;
mod rows;
mod support;
mod tables;
