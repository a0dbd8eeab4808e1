//! AWS KMS over real connections: to moto, which encrypts, and to a responder, which fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod failures;
mod regions;
mod support;
