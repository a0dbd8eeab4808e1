//! What is true of every edit script, and the oracle of shortest ones.

use sealdiff_diff::{EditTag, TextDiff};

/// # Panics
///
/// If the operations of the script leave a gap, are empty or out of order.
pub fn check_script(diff: &TextDiff) {
    let (mut old, mut new, mut before) = (0, 0, None);
    for op in diff.script().ops() {
        assert_eq!((op.old_start, op.new_start), (old, new), "a gap");
        assert!(op.old_len > 0 || op.new_len > 0, "an empty operation");
        match op.tag {
            EditTag::Equal => assert_eq!(op.old_len, op.new_len),
            EditTag::Delete => assert_eq!(op.new_len, 0),
            EditTag::Insert => assert_eq!(op.old_len, 0),
        }
        assert_ne!(before, Some(op.tag), "neighbours that are one");
        assert!((before, op.tag) != (Some(EditTag::Insert), EditTag::Delete));
        (old, new, before) = (old + op.old_len, new + op.new_len, Some(op.tag));
    }
    assert_eq!(
        (old, new),
        (diff.old_tokens().len(), diff.new_tokens().len())
    );
}

/// The new text, made of the old one and the insertions.
pub fn play(diff: &TextDiff, old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(new.len());
    for op in diff.script().ops() {
        match op.tag {
            EditTag::Equal => {
                out.extend_from_slice(&old[diff.old_tokens().bytes(op.old_start, op.old_len)])
            }
            EditTag::Insert => {
                out.extend_from_slice(&new[diff.new_tokens().bytes(op.new_start, op.new_len)])
            }
            EditTag::Delete => {}
        }
    }
    out
}

/// Tokens deleted and inserted.
pub fn distance(diff: &TextDiff) -> usize {
    let changes = diff
        .script()
        .ops()
        .iter()
        .filter(|op| op.tag != EditTag::Equal);
    changes.map(|op| (op.old_len + op.new_len) as usize).sum()
}

/// The least number of lines to delete and insert, by the textbook's table.
pub fn shortest_distance(old: &[u8], new: &[u8]) -> usize {
    let lines = |text| <[u8]>::split_inclusive(text, |&byte| byte == b'\n').collect::<Vec<&[u8]>>();
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = (lines(old), lines(new));
    let mut row: Vec<usize> = (0..=new.len()).collect();
    for (above, old_line) in (1..).zip(&old) {
        let mut diagonal = std::mem::replace(&mut row[0], above);
        for (n, new_line) in new.iter().enumerate() {
            let best = if old_line == new_line {
                diagonal
            } else {
                1 + row[n].min(row[n + 1])
            };
            diagonal = std::mem::replace(&mut row[n + 1], best);
        }
    }
    row[new.len()]
}
