//! The line engine: compares two texts by lines, byte by byte, in three tiers. It renders nothing.
//!
//! What the texts have in common at both ends is found on bytes. Between, [`lazy`] searches on
//! bytes as long as that is the cheaper way; otherwise [`table`] numbers the lines. Either gives
//! stretches in bytes, so lines are counted once, at the end, between the stretches: in the table
//! if there is one, otherwise in the texts. Before that, changes that could as well stand elsewhere
//! are moved to where they read best.

mod count;
mod ends;
mod indent;
pub(crate) mod index;
mod lazy;
mod slide;
mod table;

use crate::script::{EditScript, Match};
use crate::search::{Limits, with_ends};
use crate::tokens::Tokens;
use crate::{Algorithm, DiffError};
use count::{Counter, Table};
use ends::common_ends;
use index::Marks;

/// The difference of two texts by lines, and where the lines of its operations begin.
pub(crate) struct LineDiff {
    pub(crate) script: EditScript,
    pub(crate) old: Marks,
    pub(crate) new: Marks,
}

/// Compares two texts; `None` if they are equal.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`].
pub(crate) fn compare(
    old: &[u8],
    new: &[u8],
    algorithm: Algorithm,
    limits: &mut Limits<'_>,
) -> Result<Option<LineDiff>, DiffError> {
    Tokens::check_len(old.len())?;
    Tokens::check_len(new.len())?;
    let ends = common_ends(old, new);
    if ends.prefix as usize == old.len() && old.len() == new.len() {
        return Ok(None);
    }
    let middle = |text: &[u8]| ends.prefix as usize..text.len() - ends.suffix as usize;
    let (old_middle, new_middle) = (&old[middle(old)], &new[middle(new)]);
    let (found, lines) = search(old_middle, new_middle, algorithm, limits)?;
    let start = ends.prefix;
    let tables = lines.map(|lines| lines.map(|lines| Table { start, lines }));
    let found = with_ends(&found, ends, (old.len() as u32, new.len() as u32));
    let mut found = slide::slide_down(&found, old, new);
    indent::settle(&mut found, old, new);
    let [old_table, new_table] = match &tables {
        Some(tables) => tables.each_ref().map(Some),
        None => [None; 2],
    };
    let sides = [Counter::new(old, old_table), Counter::new(new, new_table)];
    let ends = (old.len() as u32, new.len() as u32);
    Ok(Some(numbered(&found, sides, ends, !limits.has_cut())))
}

/// Stretches in bytes, and the lines of both texts if the search made tables of them.
type Found = (Vec<Match>, Option<[Tokens; 2]>);

/// Finds whole lines that both texts have: stretches in bytes, in order, which don't overlap.
fn search(
    old: &[u8],
    new: &[u8],
    algorithm: Algorithm,
    limits: &mut Limits<'_>,
) -> Result<Found, DiffError> {
    if old.is_empty() || new.is_empty() {
        return Ok((Vec::new(), None));
    }
    let found = match algorithm {
        Algorithm::Auto | Algorithm::Minimal => lazy::search(old, new, limits)?,
        // They aren't after a shortest script.
        Algorithm::Patience | Algorithm::Histogram => None,
    };
    if let Some(found) = found {
        return Ok((found, None));
    }
    let (found, lines) = table::search(old, new, algorithm, limits)?;
    Ok((found, Some(lines)))
}

/// Counts the lines within and between stretches in bytes.
fn numbered(
    found: &[Match],
    [mut old, mut new]: [Counter<'_>; 2],
    ends: (u32, u32),
    is_exact: bool,
) -> LineDiff {
    let (mut old_marks, mut new_marks) = (Marks::new(), Marks::new());
    let mut matches = Vec::with_capacity(found.len());
    for stretch in found {
        let old_line = old_marks.push(stretch.old, old.up_to(stretch.old));
        let new_line = new_marks.push(stretch.new, new.up_to(stretch.new));
        let len = old.up_to(stretch.old_end());
        new.pass(stretch.new_end());
        old_marks.push(stretch.old_end(), len);
        new_marks.push(stretch.new_end(), len);
        matches.push(Match {
            old: old_line,
            new: new_line,
            len,
        });
    }
    let old_len = old_marks.push(ends.0, old.up_to(ends.0));
    let new_len = new_marks.push(ends.1, new.up_to(ends.1));
    LineDiff {
        script: EditScript::from_matches(&matches, old_len, new_len, is_exact),
        old: old_marks,
        new: new_marks,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{lazy, table};
    use crate::script::Match;
    use crate::search::Limits;
    use crate::{Algorithm, CancelFlag};

    /// Texts of few distinct lines: with CR, invalid UTF-8, long lines, and no `\n` at the end.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let long = [&[b'x'; 150][..], b"\n"].concat();
        let longer = [&[b'x'; 150][..], b"y\n"].concat();
        let lines: Vec<Vec<u8>> = [&b"a\n"[..], b"ab\n", b"\n", b"\r\n", b"a\r\n", b"\xFF\0\n"]
            .map(<[u8]>::to_vec)
            .into_iter()
            .chain([long, longer])
            .collect();
        let tail = prop::sample::select(vec![&b""[..], b"a", b"\r", b"\xFF"]);
        let line = prop::sample::select(lines);
        (prop::collection::vec(line, 0..40), tail)
            .prop_map(|(lines, tail)| [&lines.concat()[..], tail].concat())
    }

    fn lines(text: &[u8]) -> Vec<&[u8]> {
        text.split_inclusive(|&byte| byte == b'\n').collect()
    }

    /// Length of a longest common subsequence, by the textbook table.
    fn naive_common(old: &[u8], new: &[u8]) -> usize {
        let (old, new) = (lines(old), lines(new));
        let mut row = vec![0; new.len() + 1];
        for a in old {
            let mut diagonal = 0;
            for (at, b) in new.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if a == *b {
                    diagonal + 1
                } else {
                    above.max(row[at])
                };
                diagonal = above;
            }
        }
        row[new.len()]
    }

    /// Lines in common that stretches claim, each of which is checked.
    fn common(found: &[Match], old: &[u8], new: &[u8]) -> usize {
        let (mut at, mut count) = ((0, 0), 0);
        for stretch in found {
            let in_old = stretch.old as usize..stretch.old_end() as usize;
            let in_new = stretch.new as usize..stretch.new_end() as usize;
            assert!(at.0 <= in_old.start && at.1 <= in_new.start);
            let is_start = |text: &[u8], at: usize| at == 0 || text[at - 1] == b'\n';
            assert!(is_start(old, in_old.start) && is_start(new, in_new.start));
            let is_end = |text: &[u8], at: usize| at == text.len() || text[at - 1] == b'\n';
            assert!(is_end(old, in_old.end) && is_end(new, in_new.end));
            at = (in_old.end, in_new.end);
            assert_eq!(old[in_old.clone()], new[in_new]);
            count += lines(&old[in_old]).len();
        }
        count
    }

    proptest! {
        #[test]
        fn both_tiers_find_as_much_as_the_naive_table(old in text(), new in text()) {
            let cancel = CancelFlag::new();
            let mut limits = Limits::new(&cancel, None, None);
            let naive = naive_common(&old, &new);
            let lazy = lazy::search_to_the_end(&old, &new);
            prop_assert_eq!(common(&lazy, &old, &new), naive);
            let (table, _) = table::search(&old, &new, Algorithm::Minimal, &mut limits)?;
            prop_assert_eq!(common(&table, &old, &new), naive);
        }
    }
}
