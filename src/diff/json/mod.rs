//! Documents for JavaScript: their diffs, and patches of them. Documents cross as text.

mod apply;
mod compare;
mod settings;
