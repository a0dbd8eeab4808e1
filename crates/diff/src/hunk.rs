//! Hunks: changes grouped with the equal tokens around them. Indices only.

use crate::script::{EditOp, EditScript, EditTag};

/// A group of changes with its context, in tokens counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hunk<'s> {
    /// First token of the old side, context included.
    pub old_start: u32,
    /// Tokens of the old side.
    pub old_len: u32,
    /// First token of the new side.
    pub new_start: u32,
    /// Tokens of the new side.
    pub new_len: u32,
    ops: &'s [EditOp],
}

impl<'s> Hunk<'s> {
    /// The operations of the hunk, equal stretches cut to the context.
    pub fn ops(&self) -> impl Iterator<Item = EditOp> + use<'s> {
        let hunk = *self;
        hunk.ops
            .iter()
            .map(move |op| hunk.cut(*op))
            .filter(|op| op.old_len > 0 || op.new_len > 0)
    }

    fn cut(&self, mut op: EditOp) -> EditOp {
        if op.tag == EditTag::Equal {
            let start = op.old_start.max(self.old_start);
            let end = (op.old_start + op.old_len).min(self.old_start + self.old_len);
            op.new_start += start - op.old_start;
            op.old_start = start;
            op.old_len = end - start;
            op.new_len = op.old_len;
        }
        op
    }
}

/// Groups the changes of `script`: two share a hunk when at most `2 * context_radius` equal tokens
/// lie between them. Linear in the operations.
pub(crate) fn hunks(script: &EditScript, context_radius: u32) -> impl Iterator<Item = Hunk<'_>> {
    let mut rest = script.ops();
    std::iter::from_fn(move || {
        let (group, after) = next_group(rest, context_radius)?;
        rest = after;
        Some(hunk(group, context_radius))
    })
}

/// Splits off the operations of the next hunk: its changes, and an equal stretch at either end.
fn next_group(ops: &[EditOp], radius: u32) -> Option<(&[EditOp], &[EditOp])> {
    let first = ops.iter().position(|op| op.tag != EditTag::Equal)?;
    let parts = |op: &EditOp| op.tag == EditTag::Equal && op.old_len > radius.saturating_mul(2);
    let end = ops[first..]
        .iter()
        .position(parts)
        .map_or(ops.len(), |at| first + at);
    // The stretch that parts two hunks is the last of one and the first of the next.
    let group = &ops[first.saturating_sub(1)..ops.len().min(end + 1)];
    Some((group, &ops[end..]))
}

fn hunk(ops: &[EditOp], radius: u32) -> Hunk<'_> {
    let is_equal = |op: &&EditOp| op.tag == EditTag::Equal;
    let before = ops
        .first()
        .filter(is_equal)
        .map_or(0, |op| op.old_len - op.old_len.min(radius));
    let after = ops
        .last()
        .filter(is_equal)
        .map_or(0, |op| op.old_len - op.old_len.min(radius));
    let (first, last) = (ops[0], ops[ops.len() - 1]);
    let (old_start, new_start) = (first.old_start + before, first.new_start + before);
    Hunk {
        old_start,
        old_len: last.old_start + last.old_len - after - old_start,
        new_start,
        new_len: last.new_start + last.new_len - after - new_start,
        ops,
    }
}

#[cfg(test)]
mod tests {
    use super::hunks;
    use crate::script::{EditScript, Match};

    #[test]
    fn keeps_equal_stretches_of_more_than_half_of_all_numbers() {
        let equal = Match {
            old: 0,
            new: 1,
            len: u32::MAX - 1,
        };
        let script = EditScript::from_matches(&[equal], u32::MAX - 1, u32::MAX, true);
        let lens: Vec<u32> = hunks(&script, u32::MAX)
            .flat_map(|hunk| hunk.ops())
            .map(|op| op.new_len)
            .collect();
        assert_eq!(lens, [1, u32::MAX - 1]);
    }
}
