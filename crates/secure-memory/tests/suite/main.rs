//! Secure memory as its users see it, on systems that show what became of it: Linux in `/proc`,
//! Windows by calls.
//!
//! What would change or end a process runs in a child: this program again, with one test.

#![cfg(any(target_os = "linux", windows))]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

// Together they lock more than Windows lets a process lock unasked.
#[cfg(not(windows))]
mod budget;
#[cfg_attr(windows, path = "windows/children.rs")]
mod children;
#[cfg_attr(windows, path = "windows/protection.rs")]
mod protection;
mod secrets;
#[cfg_attr(windows, path = "windows/support.rs")]
mod support;
