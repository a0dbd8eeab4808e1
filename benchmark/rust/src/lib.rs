//! What the benchmark's programs share: the documents, the contenders, the clock.

pub mod clock;
pub mod contenders;
pub mod documents;
