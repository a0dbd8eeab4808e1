//! Tests of the diff core's public surface: against the real tools, by properties, and against
//! hostile input.
#![expect(clippy::panic, reason = "a panic in a helper is how its test fails")]

mod against_tools;
mod applying;
mod cases;
mod deltas;
mod headers;
mod hostile;
mod inlining;
mod json;
mod limits;
mod merging;
mod merging_as_git;
mod minimality;
mod parsing;
mod properties;
mod rendering;
mod support;
mod texts;
mod tools;
mod unicode;
