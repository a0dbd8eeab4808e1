//! Secure memory as its users see it, on systems whose `/proc` shows what became of it.
//!
//! What would change or end a process runs in a child: this program again, with one test.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod budget;
mod children;
mod protection;
mod secrets;
mod support;
