//! Tokens, keys, changes, statistics and hunks.

use sealdiff_diff::{
    CancelFlag, DiffError, DiffOptions, Granularity, Header, Side, TextDiff, Tokens, UnifiedOptions,
};

use crate::support::{apply, diff, diff_with, patch_of, play};

fn pieces(text: &[u8], granularity: Granularity) -> Vec<&[u8]> {
    let tokens = Tokens::split(text, granularity).expect("small");
    (0..tokens.len())
        .map(|at| &text[tokens.bytes(at, 1)])
        .collect()
}

#[test]
fn only_line_feeds_end_lines() {
    let text = "a\r\nb\rc\u{2028}d\u{0B}e\u{0C}f\u{85}g\n\nh".as_bytes();
    let lines = pieces(text, Granularity::Lines);
    assert_eq!(
        lines,
        ["a\r\n", "b\rc\u{2028}d\u{0B}e\u{0C}f\u{85}g\n", "\n", "h"].map(str::as_bytes)
    );
}

#[test]
fn words_are_what_people_call_words() {
    let text = "naïve e\u{301}tude_1,  \u{3000}x\r\n\n\t(私は)\u{1F600}".as_bytes();
    let words = [
        "naïve",
        " ",
        "e\u{301}tude_1",
        ",",
        "  \u{3000}",
        "x",
        "\r\n",
        "\n",
        "\t",
        "(",
        "私は",
        ")",
        "\u{1F600}",
    ];
    assert_eq!(pieces(text, Granularity::Words), words.map(str::as_bytes));
}

#[test]
fn white_space_before_a_crlf_is_a_token_of_its_own() {
    assert_eq!(
        pieces(b" \r \r\n", Granularity::Words),
        [&b" \r "[..], b"\r\n"]
    );
}

#[test]
fn characters_keep_lone_surrogates_and_single_out_invalid_bytes() {
    let text = b"a\xC3\xA9\xED\xA0\x80\xF0\x9F\x98\x80\xFF\xE2\x82z";
    let wanted = [
        &b"a"[..],
        b"\xC3\xA9",
        b"\xED\xA0\x80",
        b"\xF0\x9F\x98\x80",
        b"\xFF",
        b"\xE2",
        b"\x82",
        b"z",
    ];
    assert_eq!(pieces(text, Granularity::Chars), wanted);
    assert_eq!(pieces(b"\xFF\xE2\x82", Granularity::Words).len(), 3);
}

#[test]
fn ignoring_white_space_compares_lines_without_it() {
    let options = DiffOptions {
        ignore_whitespace: true,
        ..DiffOptions::default()
    };
    let (old, new) = (b"a b\n\tc\nx", b"ab\nc \r\ny\n");
    let diff = diff_with(old, new, Granularity::Lines, &options);
    assert_eq!(diff.stats(3).unchanged, 2);
    let patch = diff
        .unified(old, new, &UnifiedOptions::default())
        .expect("lines");
    assert_eq!(
        apply(&patch, old).expect("context is of the old text"),
        b"a b\n\tc\ny\n"
    );
    assert!(
        !diff_with(b"a", b"b", Granularity::Lines, &options)
            .script()
            .is_unchanged()
    );
    assert!(
        diff_with(b"a", b"a\n", Granularity::Lines, &options)
            .script()
            .is_unchanged()
    );
}

#[test]
fn ignoring_white_space_makes_all_gaps_between_words_equal() {
    let options = DiffOptions {
        ignore_whitespace: true,
        ..DiffOptions::default()
    };
    assert!(
        diff_with(b"a  b", b"a\tb", Granularity::Words, &options)
            .script()
            .is_unchanged()
    );
}

#[test]
fn ignoring_case_compares_in_simple_lower_case() {
    let options = DiffOptions {
        ignore_case: true,
        ..DiffOptions::default()
    };
    let is_same = |old: &str, new: &str| {
        let diff = diff_with(old.as_bytes(), new.as_bytes(), Granularity::Lines, &options);
        diff.script().is_unchanged()
    };
    assert!(is_same("ÄbC\n", "äBc\n"));
    assert!(is_same("ΣΑΣ", "σασ"));
    // The lower case of U+0130 has two characters.
    assert!(!is_same("\u{130}", "i\u{307}"));
    assert!(
        diff_with(b"A\xFF", b"a\xFF", Granularity::Chars, &options)
            .script()
            .is_unchanged()
    );
}

#[test]
fn changes_have_the_shape_of_jsdiff() {
    let (old, new) = (&b"a\nb\nc\n"[..], &b"a\nB\nB2\nc\n"[..]);
    let diff = diff(old, new, Granularity::Lines);
    let changes: Vec<_> = diff.changes().collect();
    let value = |at: usize| match changes[at].side {
        Side::Old => &old[changes[at].range.clone()],
        Side::New => &new[changes[at].range.clone()],
    };
    let flags: Vec<_> = changes
        .iter()
        .map(|c| (c.count, c.added, c.removed))
        .collect();
    assert_eq!(
        flags,
        [
            (1, false, false),
            (1, false, true),
            (2, true, false),
            (1, false, false)
        ]
    );
    assert_eq!(
        [value(0), value(1), value(2), value(3)],
        [&b"a\n"[..], b"b\n", b"B\nB2\n", b"c\n"]
    );
    let numbers: Vec<u32> = diff.script().flat().collect();
    assert_eq!(
        numbers,
        [0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 2, 2, 0, 1, 2, 0, 2, 1, 3, 1]
    );
    assert_eq!(play(&diff, old, new), new);
}

#[test]
fn statistics_count_tokens() {
    let stats = diff(b"a\nb\nc\n", b"a\nB\nB2\nc\n", Granularity::Lines).stats(3);
    assert_eq!(
        (stats.added, stats.removed, stats.unchanged, stats.hunks),
        (2, 1, 2, 1)
    );
    assert!((stats.similarity - 4.0 / 7.0).abs() < 1e-12);
    for granularity in crate::support::GRANULARITIES {
        let empty = diff(b"", b"", granularity).stats(3);
        assert_eq!((empty.similarity, empty.hunks), (1.0, 0));
        assert_eq!(diff(b"", b"x", granularity).stats(3).similarity, 0.0);
    }
}

#[test]
fn hunks_are_cut_to_their_context() {
    let old = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let new = b"1\n2\n3\n4\nx\n6\n7\n8\n9\n";
    let diff = diff(old, new, Granularity::Lines);
    let hunks: Vec<_> = diff.hunks(2).collect();
    assert_eq!(hunks.len(), 1);
    assert_eq!(
        (
            hunks[0].old_start,
            hunks[0].old_len,
            hunks[0].new_start,
            hunks[0].new_len
        ),
        (2, 5, 2, 5)
    );
    let lens: Vec<_> = hunks[0]
        .ops()
        .map(|op| (op.old_start, op.old_len, op.new_len))
        .collect();
    assert_eq!(lens, [(2, 2, 2), (4, 1, 0), (5, 0, 1), (5, 2, 2)]);
    assert_eq!(
        diff.hunks(0)
            .map(|hunk| hunk.ops().count())
            .collect::<Vec<_>>(),
        [2]
    );
}

#[test]
fn the_greatest_context_takes_everything() {
    let patch = patch_of(b"1\n2\n3\n", b"1\nx\n3\n", u32::MAX, Header::None);
    assert_eq!(patch, b"@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n");
}

#[test]
fn a_unified_diff_of_words_is_refused() {
    let diff = diff(b"a", b"b", Granularity::Words);
    assert_eq!(
        diff.unified(b"a", b"b", &UnifiedOptions::default()),
        Err(DiffError::LinesOnly)
    );
}

#[test]
fn a_raised_flag_ends_every_diff() {
    let cancel = CancelFlag::new();
    cancel.cancel();
    for granularity in crate::support::GRANULARITIES {
        let result = TextDiff::compute(b"a", b"b", granularity, &DiffOptions::default(), &cancel);
        assert_eq!(result, Err(DiffError::Cancelled));
    }
}

#[test]
fn equal_texts_are_unchanged_in_every_unit() {
    for granularity in crate::support::GRANULARITIES {
        let diff = diff(b"one two\nthree", b"one two\nthree", granularity);
        assert!(diff.script().is_unchanged() && diff.script().is_exact());
        assert_eq!(diff.script().ops().len(), 1);
        assert_eq!(diff.stats(3).similarity, 1.0);
        assert!(diff.heap_bytes() >= 8 * diff.old_tokens().len() as usize);
    }
}

#[test]
fn a_diff_comes_back_from_the_numbers_of_its_script() {
    let (old, new) = (&b"a b\nc\nd"[..], &b"a\nc\ne\n"[..]);
    for granularity in crate::support::GRANULARITIES {
        let diff = diff(old, new, granularity);
        let flat: Vec<u32> = diff.script().flat().collect();
        let again = TextDiff::from_flat(old, new, granularity, &flat, true);
        assert_eq!(again, Ok(Some(diff)));
    }
}

#[test]
fn numbers_that_are_no_script_make_no_diff() {
    for flat in [
        &[][..],
        &[0, 0, 1, 0],
        &[0, 0, 1, 0, 1],
        &[0, 0, 2, 0, 1],
        &[3, 0, 2, 0, 2],
        &[1, 0, 2, 0, 2],
        &[2, 0, 1, 0, 2],
        &[0, 1, 2, 0, 2],
        &[1, 0, 2, 0, 0, 2, 2, 0, 1, 2],
        &[1, 0, u32::MAX, 0, 0, 1, u32::MAX, 1, 0, 0],
        &[0, 0, 2, 0, 2, 2, 2, 0, 2, 1],
    ] {
        let diff = TextDiff::from_flat(b"a\nb\n", b"a\nc\n", Granularity::Lines, flat, true);
        assert_eq!(diff, Ok(None), "{flat:?}");
    }
}

#[test]
fn a_patch_of_many_hunks_takes_little_more_than_its_bytes() {
    let text = |edit: &str| format!("a\nb\nc\n{edit}\n").repeat(1_000).into_bytes();
    let patch = patch_of(&text("old"), &text("new"), 0, Header::None);
    assert!(patch.capacity() - patch.len() < 64 * 1_000);
}

#[test]
fn a_script_does_not_come_back_from_operations_that_no_script_has() {
    let scripts: [&[u32]; 4] = [
        &[0, 0, 1, 0, 1, 0, 1, 1, 1, 1],
        &[0, 0, 2, 0, 2, 1, 2, 0, 2, 0],
        &[2, 0, 0, 0, 2, 1, 0, 2, 2, 0],
        &[1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 2, 2, 0, 0, 2],
    ];
    for flat in scripts {
        let diff = TextDiff::from_flat(b"a\nb\n", b"a\nb\n", Granularity::Lines, flat, true);
        assert_eq!(diff, Ok(None), "{flat:?}");
    }
}
