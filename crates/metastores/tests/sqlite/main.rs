//! SQLite over real files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod bad_files;
mod processes;
mod rows;
mod support;
