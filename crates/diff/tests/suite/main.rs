//! Tests of the diff core's public surface: against the real tools, by properties, and against
//! hostile input.
#![expect(clippy::panic, reason = "a panic in a helper is how its test fails")]

mod against_tools;
mod applying;
mod cases;
mod headers;
mod hostile;
mod json;
mod limits;
mod minimality;
mod parsing;
mod properties;
mod support;
mod texts;
mod tools;
