//! Diffs and patches for JavaScript.
