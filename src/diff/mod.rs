//! Diffs and patches for JavaScript.

mod compare;
mod compared;
mod hunk;
mod patch;
mod settings;
mod text;
mod text_diff;
mod unified;
