//! Moves each pure insertion and deletion down as far as its tokens repeat, as git does: of several
//! equally short scripts it prints that one. So does GNU diff, but for repetitions that reach into
//! the common end of the files, which it leaves out first.
//!
//! Linear: every matched token is passed at most once.

use crate::script::Match;

/// Says whether two tokens of one side are equal.
type SameToken<'f> = &'f dyn Fn(u32, u32) -> bool;

/// Slides the gaps between `matches` down. The last gap may end at `old_len` and `new_len`.
pub(crate) fn slide_down(
    matches: &[Match],
    same_old: SameToken<'_>,
    same_new: SameToken<'_>,
) -> Vec<Match> {
    let mut slid: Vec<Match> = Vec::with_capacity(matches.len() + 1);
    // A gap before the first match slides too, so there is always a match before it to grow.
    slid.push(Match {
        old: 0,
        new: 0,
        len: 0,
    });
    for &next in matches {
        let mut next = next;
        let Some(before) = slid.last_mut() else {
            continue;
        };
        let moved = slide_length(*before, next, same_old, same_new);
        before.len += moved;
        next = Match {
            old: next.old + moved,
            new: next.new + moved,
            len: next.len - moved,
        };
        if next.len > 0 {
            slid.push(next);
        }
    }
    slid.retain(|found| found.len > 0);
    slid
}

/// How far the gap between two matches can move into the second.
fn slide_length(
    before: Match,
    next: Match,
    same_old: SameToken<'_>,
    same_new: SameToken<'_>,
) -> u32 {
    let (deleted, inserted) = (next.old - before.old_end(), next.new - before.new_end());
    let moves = |step: u32| match (deleted, inserted) {
        (0, 0) => true,
        (_, 0) => same_old(before.old_end() + step, next.old + step),
        (0, _) => same_new(before.new_end() + step, next.new + step),
        _ => false,
    };
    (0..next.len).take_while(|&step| moves(step)).count() as u32
}
