//! Properties of scripts and patches on generated texts.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sealdiff_diff::{
    ApplyOptions, CancelFlag, DiffOptions, EditTag, GitHeader, GitIndex, Granularity, Header,
    LineEndings, LineKind, Patch, PatchBytes, PatchHunk, PatchLine, UnifiedOptions, apply_patch,
    format_patch, parse_patch, reverse_patch, unified,
};

use crate::support::{GRANULARITIES, apply, diff, diff_with, patch_of, play};

/// Texts of few distinct lines, so that they have much in common, with every kind of line end.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&[u8]> = vec![
        b"a\n",
        b"b\n",
        b"\n",
        b"a \n",
        b"\r\n",
        b"A\r\n",
        b"-- a\n",
        b"++ b\n",
        b"@@ -1 +1 @@\n",
        b"\\ No newline\n",
        b"\xFF\0\n",
        "é\u{2028}\n".as_bytes(),
    ];
    let tails: Vec<&[u8]> = vec![b"", b"a", b"\r", b"\\"];
    let (line, tail) = (prop::sample::select(lines), prop::sample::select(tails));
    (vec(line, 0..30), tail).prop_map(|(lines, tail)| [lines.concat(), tail.to_vec()].concat())
}

proptest! {
    #[test]
    fn scripts_turn_old_into_new(old in text(), new in text()) {
        for granularity in GRANULARITIES {
            let diff = diff(&old, &new, granularity);
            prop_assert_eq!(play(&diff, &old, &new), &new[..]);
            let flat: Vec<u32> = diff.script().flat().collect();
            prop_assert_eq!(flat.len(), 5 * diff.script().ops().len());
        }
    }

    #[test]
    fn scripts_have_no_gaps_and_no_equal_neighbours(old in text(), new in text(), ignore in any::<(bool, bool)>()) {
        let options = DiffOptions { ignore_whitespace: ignore.0, ignore_case: ignore.1, ..DiffOptions::default() };
        for granularity in GRANULARITIES {
            let diff = diff_with(&old, &new, granularity, &options);
            let (mut at_old, mut at_new, mut before) = (0, 0, None);
            for op in diff.script().ops() {
                prop_assert_eq!((op.old_start, op.new_start), (at_old, at_new));
                prop_assert!(before != Some(op.tag) && op.old_len + op.new_len > 0);
                prop_assert!(!(before == Some(EditTag::Insert) && op.tag == EditTag::Delete));
                (at_old, at_new, before) = (at_old + op.old_len, at_new + op.new_len, Some(op.tag));
            }
            prop_assert_eq!((at_old, at_new), (diff.old_tokens().len(), diff.new_tokens().len()));
        }
    }

    #[test]
    fn changes_tell_the_new_text(old in text(), new in text()) {
        for granularity in GRANULARITIES {
            let diff = diff(&old, &new, granularity);
            let kept = diff.changes().filter(|change| !change.removed);
            let told: Vec<u8> = kept.flat_map(|change| new[change.range].to_vec()).collect();
            prop_assert_eq!(told, &new[..]);
        }
    }

    #[test]
    fn patches_turn_old_into_new_and_back(old in text(), new in text(), context in 0u32..5) {
        let patch = patch_of(&old, &new, context, Header::Plain { old: b"a", new: b"b" });
        prop_assert_eq!(apply(&patch, &old), Ok(new.clone()));
        for parsed in parse_patch(&patch).expect("ours are valid") {
            let back = apply_patch(&new, &reverse_patch(&parsed), &ApplyOptions::default());
            prop_assert_eq!(back, Ok(old.clone()));
            prop_assert_eq!(reverse_patch(&reverse_patch(&parsed)), parsed.clone());
            prop_assert_eq!(format_patch(&[parsed]), &patch[..]);
        }
    }

    #[test]
    fn the_short_way_to_a_patch_writes_what_the_long_way_does(
        old in text(), new in text(), context_radius in 0u32..40, show_function in any::<bool>(),
        ignore_case in any::<bool>(),
    ) {
        let options = DiffOptions { ignore_case, ..DiffOptions::default() };
        let layout = UnifiedOptions { context_radius, header: Header::None, show_function };
        let short = unified(&old, &new, &options, &layout, &CancelFlag::new());
        let long = diff_with(&old, &new, Granularity::Lines, &options).unified(&old, &new, &layout);
        prop_assert_eq!(short, long);
    }

    #[test]
    fn a_patch_fits_a_text_that_has_moved(old in text(), new in text(), above in 0usize..40) {
        let patch = patch_of(&old, &new, 3, Header::None);
        let moved = |text: &[u8]| [b"moved\n".repeat(above), text.to_vec()].concat();
        // It may fit another place as well, or be bound to the start; it must never do harm.
        if let Ok(applied) = apply(&patch, &moved(&old)) {
            prop_assert!(patch.is_empty() || applied.len() + old.len() == new.len() + moved(&old).len());
        }
    }

    #[test]
    fn formatted_patches_are_read_back_as_they_were(patches in vec(patch(), 0..4)) {
        let text = format_patch(&patches);
        prop_assert_eq!(parse_patch(&text).expect("formatted"), patches);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..200)) {
        drop(parse_patch(&bytes));
    }

    #[test]
    fn broken_patches_are_read_and_applied_without_panic(
        old in text(), new in text(), cuts in vec((any::<prop::sample::Index>(), noise()), 1..4),
        fuzz in 0u32..5, max_offset in option::of(0u32..10), follow in any::<bool>(),
    ) {
        let mut patch = patch_of(&old, &new, 2, Header::Plain { old: b"a", new: b"b" });
        for (at, noise) in cuts {
            let at = at.index(patch.len() + 1);
            patch.splice(at..(at + 1).min(patch.len()), noise.bytes());
        }
        let line_endings = if follow { LineEndings::FollowText } else { LineEndings::Exact };
        let options = ApplyOptions { fuzz, max_offset: max_offset.unwrap_or(u32::MAX), line_endings };
        for parsed in parse_patch(&patch).unwrap_or_default() {
            drop(apply_patch(&old, &parsed, &options));
            drop(apply_patch(&new, &reverse_patch(&parsed), &options));
        }
    }
}

fn noise() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "-",
        "+",
        " ",
        "\n",
        "@@ -",
        "4294967295",
        "99999999999999999999",
        ",0",
        "\\ No newline\n",
        "0",
        "1,2",
        "@@ -1 +1 @@\n",
        "diff --git ",
        "\"",
        "--- ",
        "+++ x\n",
        "Index: ",
    ])
}

fn bytes(len: usize) -> impl Strategy<Value = PatchBytes<'static>> {
    let byte = prop_oneof![3 => prop::sample::select(b"ab /.\"\\\t".to_vec()), 1 => any::<u8>()];
    vec(byte, 1..len).prop_map(Cow::Owned)
}

/// What can't hold a line end and has no meaning at its edges.
fn plain(len: usize) -> impl Strategy<Value = PatchBytes<'static>> {
    "[a-z0-9:][a-z0-9 :]*"
        .prop_map(move |text| Cow::Owned(text.into_bytes()[..].iter().take(len).copied().collect()))
}

prop_compose! {
    fn patch()(
        names in option::of((bytes(8), bytes(8), option::of(plain(12)), option::of(plain(12)))),
        git in option::of(git()), index_name in bytes(8),
        hunks in vec(hunk(), 1..4), is_binary in any::<bool>(),
    ) -> Patch<'static> {
        // Each patch needs a beginning of its own, or it would continue the one before.
        let index_name = git.is_none().then_some(index_name);
        let is_binary = is_binary && git.is_some();
        let (old_name, new_name, old_stamp, new_stamp) = match names.filter(|_| !is_binary) {
            Some((old, new, old_stamp, new_stamp)) => (Some(old), Some(new), old_stamp, new_stamp),
            None => (None, None, None, None),
        };
        let hunks = if is_binary { Vec::new() } else { hunks };
        Patch { old_name, new_name, old_stamp, new_stamp, index_name, git, is_binary, hunks }
    }
}

prop_compose! {
    fn git()(
        names in (bytes(8), bytes(8)), modes in option::of((0u32..0o777_777, 0u32..0o777_777)),
        flags in any::<(bool, bool)>(), percents in (option::of(0u8..=100), option::of(0u8..=100)),
        moved in (option::of(bytes(8)), option::of(bytes(8)), option::of(bytes(8)), option::of(bytes(8))),
        index in option::of(("[0-9a-f]{7}", "[0-9a-f]{7}", option::of(0u32..0o777_777))),
    ) -> GitHeader<'static> {
        GitHeader {
            old_name: [b"a/", &names.0[..]].concat().into(),
            new_name: [b"b/", &names.1[..]].concat().into(),
            old_mode: modes.map(|modes| modes.0),
            new_mode: modes.map(|modes| modes.1),
            is_new: flags.0 && modes.is_some(),
            is_deleted: flags.1 && modes.is_some(),
            similarity: percents.0,
            dissimilarity: percents.1,
            rename_from: moved.0, rename_to: moved.1, copy_from: moved.2, copy_to: moved.3,
            index: index.map(|(old, new, mode)| GitIndex {
                old: old.into_bytes().into(), new: new.into_bytes().into(), mode,
            }),
        }
    }
}

prop_compose! {
    fn hunk()(
        starts in any::<(u16, u16)>(), section in option::of(plain(20)),
        lines in vec((0u8..3, "[a-z@+\\- ]{0,6}\r?"), 1..8), ended in any::<bool>(),
    ) -> PatchHunk<'static> {
        let mut lines: Vec<PatchLine<'static>> = lines.into_iter().map(|(kind, text)| PatchLine {
            kind: [LineKind::Context, LineKind::Removed, LineKind::Added][kind as usize],
            text: format!("{text}\n").into_bytes().into(),
        }).collect();
        if let Some(last) = lines.last_mut().filter(|_| ended) {
            let text = last.text.to_mut();
            text.pop();
        }
        let count = |kind| lines.iter().filter(|line| line.kind != kind).count() as u32;
        PatchHunk {
            old_start: u32::from(starts.0), old_len: count(LineKind::Added),
            new_start: u32::from(starts.1), new_len: count(LineKind::Removed),
            section: section.unwrap_or_default(), lines,
        }
    }
}
