//! The Vault KMS against a server that checks the protocol, in a process of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod outages;
mod support;
mod tls;
mod tokens;
mod transit;
