//! What the fuzz targets share: how an input is read, how texts and documents are made of it, how
//! long it may take. It knows no property; each target has its own.

mod documents;
mod input;
mod lines;
mod texts;
mod time;

pub use documents::{document, edited};
pub use input::Input;
pub use lines::{check_script, distance, play, shortest_distance};
pub use texts::{MAX_TEXT_BYTES, texts};
pub use time::within_time;

use sealdiff_diff::{Algorithm, CancelFlag, DiffOptions};
use std::time::Instant;

/// Never raised.
pub static NO_CANCEL: CancelFlag = CancelFlag::new();

/// Any options of a diff; a deadline that is already over is one of them.
pub fn diff_options(input: &mut Input<'_>) -> DiffOptions {
    let algorithms = [
        Algorithm::Auto,
        Algorithm::Patience,
        Algorithm::Histogram,
        Algorithm::Minimal,
    ];
    let bits = input.byte();
    let mut options = DiffOptions {
        algorithm: algorithms[usize::from(bits & 3)],
        ignore_whitespace: bits & 4 != 0,
        ignore_case: bits & 8 != 0,
        ..DiffOptions::default()
    };
    match bits >> 4 {
        1 => options.deadline = Some(Instant::now()),
        steps @ 2..=8 => options.max_steps = Some(1 << (2 * (steps - 2))),
        _ => {}
    }
    options
}
