//! The table of edge cases that every tool and every context is tried on.

/// A pair of texts, and whether tools may choose another of several equally short scripts.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) old: Vec<u8>,
    pub(crate) new: Vec<u8>,
    pub(crate) has_one_script: bool,
    /// GNU diff leaves out the common end of the files before it slides, git doesn't.
    pub(crate) slides_into_the_end: bool,
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = small()
        .into_iter()
        .map(|(name, old, new)| case(name, old, new))
        .collect();
    cases.extend(gaps());
    cases.extend(slides());
    let long = vec![b'x'; 200_000];
    cases.push(case(
        "long_lines",
        &[&long[..], b"1\nsame\n"].concat(),
        &[&long[..], b"2\nsame\n"].concat(),
    ));
    cases.push(case(
        "long_line_without_newline",
        &long,
        &[&long[..], b"y"].concat(),
    ));
    cases.push(Case {
        has_one_script: false,
        ..case(
            "blank_runs",
            b"a\n\n\n\nb\n\n\nc\n\n",
            b"\na\n\n\nb\n\n\n\nc\n",
        )
    });
    cases
}

fn case(name: &'static str, old: &[u8], new: &[u8]) -> Case {
    Case {
        name,
        old: old.to_vec(),
        new: new.to_vec(),
        has_one_script: true,
        slides_into_the_end: false,
    }
}

type Small = (&'static str, &'static [u8], &'static [u8]);

fn small() -> Vec<Small> {
    vec![
        ("both_empty", b"", b""),
        ("equal", b"a\nb\n", b"a\nb\n"),
        ("from_empty", b"", b"a\n"),
        ("from_empty_without_newline", b"", b"a"),
        ("from_empty_two_lines", b"", b"a\nb\n"),
        ("to_empty", b"a\n", b""),
        ("to_empty_without_newline", b"a\nb", b""),
        ("only_newline", b"\n", b""),
        ("newline_lost", b"a\nb\n", b"a\nb"),
        ("newline_gained", b"a\nb", b"a\nb\n"),
        ("no_newline_on_both_as_context", b"a\nb\nc", b"A\nb\nc"),
        ("no_newline_on_both_changed", b"a\nb", b"a\nc"),
        ("no_newline_on_old_only", b"a\nb", b"a\nc\n"),
        ("no_newline_on_new_only", b"a\nb\n", b"a\nc"),
        ("no_newline_and_appended", b"a\nb", b"a\nb\nc"),
        ("no_newline_and_cut", b"a\nb\nc", b"a\nb"),
        (
            "no_newline_far_away",
            b"a\nb\nc\nd\ne\nf\ng\nh",
            b"A\nb\nc\nd\ne\nf\ng\nh",
        ),
        ("lone_cr", b"a\rb\nc\n", b"a\rB\nc\n"),
        ("crlf_both", b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
        ("crlf_to_lf", b"a\r\nb\r\n", b"a\nb\n"),
        ("cr_at_end_without_newline", b"a\nb\r", b"a\nb"),
        ("nul_bytes", b"a\0b\nc\n\0\n", b"a\0b\nC\n\0\n"),
        ("nul_line_changes", b"\0\0\nb\n", b"\0\nb\n"),
        (
            "invalid_utf8",
            b"\xFF\xFE\nb\n\xC0\x80\n",
            b"\xFF\nb\n\xC0\x80\n",
        ),
        (
            "separators_are_content",
            b"a\xE2\x80\xA8b\n\x0B\x0C\nc\n",
            b"a\xE2\x80\xA8B\n\x0B\x0C\nc\n",
        ),
        (
            "at_the_beginning",
            b"a\nb\nc\nd\ne\nf\n",
            b"A\nb\nc\nd\ne\nf\n",
        ),
        (
            "before_the_beginning",
            b"b\nc\nd\ne\nf\n",
            b"a\nb\nc\nd\ne\nf\n",
        ),
        ("at_the_end", b"a\nb\nc\nd\ne\nf\n", b"a\nb\nc\nd\ne\nF\n"),
        ("after_the_end", b"a\nb\nc\nd\ne\n", b"a\nb\nc\nd\ne\nf\n"),
        (
            "lines_like_a_patch",
            b"--- a\n+++ b\n@@ -1 +1 @@\n",
            b"--- b\n+++ b\n@@ -1 +1 @@\n-- \n",
        ),
        (
            "marker_as_content",
            b"\\ No newline at end of file\na\n",
            b"\\ No newline at end of file\nb\n",
        ),
        ("everything", b"a\nb\nc\n", b"x\ny\n"),
        (
            "repeated_block_added",
            b"{\nx\n}\n{\ny\n}\n",
            b"{\nx\n}\n{\nz\n}\n{\ny\n}\n",
        ),
        ("repeated_line_added", b"a\na\na\n", b"a\na\na\na\n"),
    ]
}

/// Two changes with as many lines between as make one hunk of them, and one more, for each context
/// that is tried.
fn gaps() -> Vec<Case> {
    let gap = |name, lines: usize| {
        let between: String = (0..lines).map(|n| format!("line {n}\n")).collect();
        let text = |edge: &str| format!("top\n{edge}\n{between}{edge}!\nbottom\n").into_bytes();
        case(name, &text("old"), &text("new"))
    };
    vec![
        gap("gap_1", 1),
        gap("gap_2", 2),
        gap("gap_3", 3),
        gap("gap_6", 6),
        gap("gap_7", 7),
        gap("gap_20", 20),
        gap("gap_21", 21),
    ]
}

/// Insertions and deletions that several places would do for, beside a change.
fn slides() -> Vec<Case> {
    let small: [Small; 3] = [
        (
            "line_added_below_a_change",
            b"x\nm\nt\nz\n",
            b"w\nm\nt\nt\nz\n",
        ),
        (
            "line_removed_below_a_change",
            b"x\nm\nt\nt\nz\n",
            b"w\nm\nt\nz\n",
        ),
        (
            "block_added_between_changes",
            b"x\nm\n{\na\n}\nz\ny\n",
            b"w\nm\n{\na\n}\n{\na\n}\nz\nv\n",
        ),
    ];
    let case = |(name, old, new)| Case {
        slides_into_the_end: true,
        ..case(name, old, new)
    };
    small.into_iter().map(case).collect()
}
