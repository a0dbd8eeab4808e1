//! Numbers about an edit script.

use crate::hunk::hunks;
use crate::script::{EditScript, EditTag};

/// What a diff amounts to, in tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Tokens of the new side only.
    pub added: u32,
    /// Tokens of the old side only.
    pub removed: u32,
    /// Tokens that both sides have.
    pub unchanged: u32,
    /// Groups of changes, for the context radius that was asked for.
    pub hunks: u32,
    /// Twice the unchanged tokens, divided by the tokens of both sides; 1.0 for two empty texts.
    pub similarity: f64,
}

impl Stats {
    pub(crate) fn count(script: &EditScript, context_radius: u32) -> Self {
        let (mut added, mut removed, mut unchanged) = (0, 0, 0);
        for op in script.ops() {
            match op.tag {
                EditTag::Equal => unchanged += op.old_len,
                EditTag::Delete => removed += op.old_len,
                EditTag::Insert => added += op.new_len,
            }
        }
        let hunks = hunks(script, context_radius).count() as u32;
        let similarity = similarity(added, removed, unchanged);
        Self {
            added,
            removed,
            unchanged,
            hunks,
            similarity,
        }
    }
}

fn similarity(added: u32, removed: u32, unchanged: u32) -> f64 {
    let equal = 2.0 * f64::from(unchanged);
    let all = equal + f64::from(added) + f64::from(removed);
    if all == 0.0 { 1.0 } else { equal / all }
}
