//! Diffs and patches for JavaScript.

mod compare;
mod delta;
mod hunk;
mod json;
mod marks;
mod merge;
mod patch;
mod render;
mod scratch;
mod settings;
mod text;
mod text_diff;
mod texts;
mod unified;
