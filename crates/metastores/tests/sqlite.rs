//! SQLite over a real file.
