//! Diffs and patches for JavaScript.

mod compare;
mod hunk;
mod marks;
mod merge;
mod patch;
mod render;
mod settings;
mod text;
mod text_diff;
mod texts;
mod unified;
