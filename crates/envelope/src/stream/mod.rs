//! Sealed streams: data of any size in constant memory, and any part of it without the rest.
//! Knows no I/O: whoever has the bytes pushes them in.

#[cfg(test)]
mod known_answers;
mod opener;
mod reader;
mod sealer;

pub use opener::StreamOpener;
pub use reader::ChunkReader;
pub use sealer::StreamSealer;
