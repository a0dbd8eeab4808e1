//! Moves each pure insertion and deletion down as far as its lines repeat, as git does: of several
//! equally short scripts it prints that one. So does GNU diff, but for repetitions that reach into
//! the common end of the files, which it leaves out first.
//!
//! Linear: every byte in common is passed at most once.

use crate::bytes::{common_prefix, last_line_start};
use crate::script::Match;

/// Slides the gaps between stretches in bytes. The last gap may end where the texts do.
pub(super) fn slide_down(found: &[Match], old: &[u8], new: &[u8]) -> Vec<Match> {
    let mut slid: Vec<Match> = Vec::with_capacity(found.len() + 1);
    // A gap before the first stretch slides too, so there is always a stretch before it to grow.
    let (start, len) = (0, 0);
    slid.push(Match {
        old: start,
        new: start,
        len,
    });
    for &next in found {
        let Some(before) = slid.last_mut() else {
            continue;
        };
        let moved = slide_length(*before, next, old, new);
        before.len += moved;
        if moved < next.len {
            slid.push(Match {
                old: next.old + moved,
                new: next.new + moved,
                len: next.len - moved,
            });
        }
    }
    slid.retain(|stretch| stretch.len > 0);
    slid
}

/// How far the gap between two stretches can move into the second, in bytes.
fn slide_length(before: Match, next: Match, old: &[u8], new: &[u8]) -> u32 {
    let repeated = |text: &[u8], from: u32, to: u32| {
        let after = &text[to as usize..(to + next.len) as usize];
        let len = common_prefix(&text[from as usize..], after);
        last_line_start(&after[..len]) as u32
    };
    let (deleted, inserted) = (next.old - before.old_end(), next.new - before.new_end());
    match (deleted, inserted) {
        (0, 0) => next.len,
        (_, 0) => repeated(old, before.old_end(), next.old),
        (0, _) => repeated(new, before.new_end(), next.new),
        _ => 0,
    }
}
