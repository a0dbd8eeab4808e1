//! SQLite over real files.

mod bad_files;
mod processes;
mod rows;
mod support;
