//! Diffs and patches for JavaScript.

mod compare;
mod hunk;
mod patch;
mod settings;
mod text;
mod text_diff;
mod texts;
mod unified;
