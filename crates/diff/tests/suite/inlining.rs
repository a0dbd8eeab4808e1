//! What changed inside of changed lines.

use std::time::Instant;

use proptest::prelude::*;
use sealdiff_diff::{
    CancelFlag, ChangedParts, DiffError, DiffOptions, EditTag, Granularity, InlineChanges,
};

use crate::support::{Random, diff};

fn inline(old: &[u8], new: &[u8]) -> InlineChanges {
    let options = DiffOptions::default();
    let diff = diff(old, new, Granularity::Lines);
    diff.inline_changes(old, new, &options, &CancelFlag::new())
        .expect("small")
}

/// The text with `[` and `]` around its changed parts.
fn marked(text: &[u8], parts: &ChangedParts) -> String {
    let mut out = Vec::new();
    for (line, text) in (0..).zip(text.split_inclusive(|&b| b == b'\n')) {
        let mut at = 0;
        for part in parts.of_line(line) {
            out.extend([&text[at..part.start], b"[", &text[part.clone()], b"]"].concat());
            at = part.end;
        }
        out.extend(&text[at..]);
    }
    String::from_utf8(out).expect("parts end between characters")
}

fn assert_marks(old: &str, new: &str) {
    let plain = |text: &str| text.replace(['[', ']'], "").into_bytes();
    let (old_text, new_text) = (plain(old), plain(new));
    let found = inline(&old_text, &new_text);
    assert_eq!(
        [marked(&old_text, &found.old), marked(&new_text, &found.new)],
        [old, new]
    );
}

#[test]
fn marks_the_words_that_differ() {
    assert_marks("let [old] = 1;\n", "let [fresh] = 1;\n");
    assert_marks("f(a)\n", "f(a[, b])\n");
    assert_marks("one [two ]three\n", "one three\n");
    assert_marks("same\nlet [p] = 1;\n", "same\nlet [q] = 1;\n");
}

#[test]
fn marks_the_letters_of_words_that_are_alike() {
    assert_marks("version[1]\n", "version[2]\n");
    assert_marks("colo[u]r\n", "color\n");
    assert_marks("say [cats]\n", "say [dogs]\n");
}

#[test]
fn marks_whole_grapheme_clusters() {
    assert_marks("nation [🇨🇭] e\n", "nation [🇩🇪] e\n");
    assert_marks("caf[e]\n", "caf[e\u{301}]\n");
}

#[test]
fn marks_neighbours_with_the_blanks_between_them() {
    assert_marks("total = [alpha] + [beta];\n", "total = [y] + [z];\n");
    assert_marks("say [one two] now\n", "say [three four] now\n");
}

#[test]
fn marks_nothing_in_lines_that_have_little_in_common() {
    assert_marks(
        "the quick brown fox\n",
        "import { readFile } from 'node:fs'\n",
    );
    assert_marks("a\nb\n", "c\n");
}

#[test]
fn finds_the_counterpart_among_more_lines() {
    assert_marks(
        "function area(width) {\n",
        "/** The area. */\nfunction area(width[, height]) {\n",
    );
}

#[test]
fn a_missing_line_end_is_no_part() {
    assert_marks("a [b] c\n", "a [d] c");
}

#[test]
fn a_diff_by_words_has_no_lines_to_mark() {
    let diff = diff(b"a", b"b", Granularity::Words);
    let found = diff.inline_changes(b"a", b"b", &DiffOptions::default(), &CancelFlag::new());
    assert_eq!(found, Err(DiffError::LinesOnly));
}

#[test]
fn what_is_ignored_is_not_marked() {
    let options = DiffOptions {
        ignore_case: true,
        ..DiffOptions::default()
    };
    let (old, new): (&[u8], &[u8]) = (b"Say ONE two\n", b"say one three\n");
    let diff = crate::support::diff_with(old, new, Granularity::Lines, &options);
    let found = diff
        .inline_changes(old, new, &options, &CancelFlag::new())
        .expect("small");
    assert_eq!(marked(new, &found.new), "say one [three]\n");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a deadline is an instant of the real clock"
)]
fn limits_leave_lines_unmarked() {
    let (old, new) = (b"a b c d\n", b"a b c e\n");
    let diff = diff(old, new, Granularity::Lines);
    let options = DiffOptions {
        deadline: Some(Instant::now()),
        ..DiffOptions::default()
    };
    let cancel = CancelFlag::new();
    let found = diff.inline_changes(old, new, &options, &cancel);
    assert_eq!(found, Ok(InlineChanges::default()));
    cancel.cancel();
    let found = diff.inline_changes(old, new, &options, &cancel);
    assert_eq!(found, Err(DiffError::Cancelled));
}

#[test]
fn very_long_lines_are_changed_as_a_whole() {
    let line = |end: &str| ("word ".repeat(20_000) + end + "\n").into_bytes();
    assert_eq!(inline(&line("a"), &line("b")), InlineChanges::default());
}

#[test]
fn many_rewritten_lines_are_compared_soon() {
    let text = |seed| {
        let mut random = Random(seed);
        let line = |_| format!("{} = {};\n", random.below(90), random.below(90));
        (0..3_000).map(line).collect::<String>().into_bytes()
    };
    let (old, new) = (text(1), text(2));
    let found = inline(&old, &new);
    assert_ne!(found, InlineChanges::default());
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"alpha",
        b"beta",
        b" ",
        b"\n",
        b"(",
        b"\xFF",
        b"\xED\xA0\x80",
        b"\t",
        b"x1",
        b"x2",
        "e\u{301}".as_bytes(),
        "\u{301}".as_bytes(),
        b"\r\n",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn parts_lie_in_changed_lines_in_order(old in text(), new in text()) {
        let found = inline(&old, &new);
        let diff = diff(&old, &new, Granularity::Lines);
        for (parts, text, tag) in [(&found.old, &old, EditTag::Delete), (&found.new, &new, EditTag::Insert)] {
            let changed = |line: u32| diff.script().ops().iter().any(|op| op.tag == tag && match tag {
                EditTag::Delete => (op.old_start..op.old_start + op.old_len).contains(&line),
                _ => (op.new_start..op.new_start + op.new_len).contains(&line),
            });
            for (line, text) in (0..).zip(text.split_inclusive(|&b| b == b'\n')) {
                let text = text.strip_suffix(b"\n").unwrap_or(text);
                let mut end = None;
                for part in parts.of_line(line) {
                    prop_assert!(changed(line) && !part.is_empty() && part.end <= text.len());
                    prop_assert!(end.is_none_or(|end| part.start > end));
                    end = Some(part.end);
                }
            }
        }
    }
}
