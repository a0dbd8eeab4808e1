//! Diffs and patches for JavaScript.

mod compare;
mod hunk;
mod json;
mod patch;
mod settings;
mod text;
mod text_diff;
mod texts;
mod unified;
