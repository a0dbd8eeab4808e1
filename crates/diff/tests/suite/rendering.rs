//! Diffs for terminals and browsers.

use proptest::prelude::*;
use sealdiff_diff::{
    AnsiOptions, CancelFlag, DiffError, DiffOptions, Granularity, HtmlOptions, HtmlView,
    InlineChanges,
};

use crate::support::{GRANULARITIES, diff, edited, manifest};

fn inline_of(old: &[u8], new: &[u8], granularity: Granularity) -> InlineChanges {
    let found = diff(old, new, granularity).inline_changes(
        old,
        new,
        &DiffOptions::default(),
        &CancelFlag::new(),
    );
    found.unwrap_or_default()
}

fn ansi(old: &[u8], new: &[u8], granularity: Granularity) -> String {
    let options = AnsiOptions {
        context_radius: 1,
        names: None,
    };
    diff(old, new, granularity).ansi(old, new, &inline_of(old, new, granularity), &options)
}

fn try_html(
    old: &[u8],
    new: &[u8],
    granularity: Granularity,
    options: &HtmlOptions<'_>,
) -> Result<String, DiffError> {
    let inline = inline_of(old, new, granularity);
    diff(old, new, granularity).html(old, new, &inline, options, &CancelFlag::new())
}

fn html(old: &[u8], new: &[u8], granularity: Granularity) -> String {
    try_html(old, new, granularity, &HtmlOptions::default()).expect("small")
}

/// What stands between the opening and the closing tag of the page's main part.
fn body(page: &str) -> &str {
    let start = page.find("<main").expect("it has one");
    &page[start..page.find("</main>").expect("it is closed")]
}

#[test]
fn terminals_show_hunks_with_marked_parts() {
    let shown = ansi(
        b"a\nb\nlet x = 1;\nc\nd\n",
        b"a\nb\nlet y = 1;\nc\nd",
        Granularity::Lines,
    );
    let wanted = concat!(
        "\x1b[36m@@ -2,4 +2,4 @@\x1b[m\n b\n",
        "\x1b[31m-let \x1b[7mx\x1b[27m = 1;\x1b[m\n\x1b[32m+let \x1b[7my\x1b[27m = 1;\x1b[m\n",
        " c\n\x1b[31m-d\x1b[m\n\x1b[32m+d\x1b[m\n\\ No newline at end of file\n",
    );
    assert_eq!(shown, wanted);
}

#[test]
fn terminals_show_smaller_units_in_the_whole_text() {
    let shown = ansi(b"one two\nthree\n", b"one 2\nthree\n", Granularity::Words);
    assert_eq!(shown, "one \x1b[31mtwo\x1b[m\x1b[32m2\x1b[m\nthree\n");
    let shown = ansi(b"a", b"b\nc", Granularity::Sentences);
    assert_eq!(shown, "\x1b[31ma\x1b[m\x1b[32mb\x1b[m\n\x1b[32mc\x1b[m");
}

#[test]
fn terminals_show_nothing_of_equal_texts() {
    for granularity in GRANULARITIES {
        assert_eq!(ansi(b"a\n", b"a\n", granularity), "");
    }
}

#[test]
fn terminals_show_names_above_the_hunks_without_acting_on_them() {
    let options = AnsiOptions {
        context_radius: 0,
        names: Some([b"a\x1b[2J", b"b\nc"]),
    };
    let shown = diff(b"1\n", b"2\n", Granularity::Lines).ansi(
        b"1\n",
        b"2\n",
        &InlineChanges::default(),
        &options,
    );
    assert!(
        shown.starts_with(
            "\x1b[1m--- a\x1b[4m\\x1b\x1b[24m[2J\x1b[m\n\x1b[1m+++ b\x1b[4m\\x0a\x1b[24mc\x1b[m\n"
        ),
        "{shown:?}"
    );
}

#[test]
fn a_page_shows_both_views_of_each_line_and_folds_the_rest() {
    let old: Vec<u8> = (0..20)
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    let new = String::from_utf8_lossy(&old)
        .replace("line 10\n", "line ten\n")
        .into_bytes();
    let page = html(&old, &new, Granularity::Lines);
    assert!(page.contains(
        "<span class=\"removed\">1 line removed</span> <span class=\"added\">1 line added</span>"
    ));
    let body = body(&page);
    assert!(body.contains("<del><i>11</i><code>line <mark>10</mark></code></del>\n<ins><i>11</i><code>line <mark>ten</mark></code></ins>"));
    let row = "<div class=\"row\"><i>8</i><code>line 7</code><i>8</i><code aria-hidden=\"true\">line 7</code></div>";
    assert_eq!(body.matches(row).count(), 1);
    assert!(
        body.contains("<details><summary>7 unchanged lines</summary>\n<div class=\"row\"><i>1</i>")
    );
    assert!(
        body.contains(
            "<details><summary>6 unchanged lines</summary>\n<div class=\"row\"><i>15</i>"
        )
    );
}

#[test]
fn a_page_of_a_smaller_unit_is_the_text_with_its_changes() {
    let text = |middle: &str| {
        format!("{}{middle}{}", "before\n".repeat(9), "\nafter".repeat(9)).into_bytes()
    };
    let page = html(&text("one two"), &text("one 2"), Granularity::Words);
    let wanted = concat!(
        "<div class=\"flow\"><details><summary>6 unchanged lines</summary>before\nbefore\nbefore\nbefore\nbefore\nbefore\n</details>",
        "before\nbefore\nbefore\none <del>two</del><ins>2</ins>\nafter\nafter\nafter\n",
        "<details><summary>5 unchanged lines</summary>after\nafter\nafter\nafter\nafter\nafter</details></div>",
    );
    assert!(body(&page).contains(wanted), "{}", body(&page));
}

#[test]
fn a_page_of_equal_texts_says_so() {
    for granularity in GRANULARITIES {
        assert!(body(&html(b"a", b"a", granularity)).contains("No differences."));
    }
}

#[test]
fn a_page_opens_in_the_view_that_was_asked_for() {
    let options = HtmlOptions {
        view: HtmlView::Inline,
        ..HtmlOptions::default()
    };
    let page = try_html(b"a", b"b", Granularity::Lines, &options).expect("small");
    assert!(page.contains("id=\"inline\" checked>") && page.contains("id=\"side-by-side\">"));
    assert!(html(b"a", b"b", Granularity::Lines).contains("id=\"side-by-side\" checked>"));
}

#[test]
fn a_page_beyond_its_limit_leaves_out_what_it_would_fold() {
    let old = manifest(5_000);
    let new = edited(&old, 3, 1);
    let options = HtmlOptions {
        max_bytes: 20_000,
        ..HtmlOptions::default()
    };
    let page = try_html(&old, &new, Granularity::Lines, &options).expect("the changes fit");
    assert!(page.len() <= 20_000 && page.ends_with("</html>\n"));
    assert!(page.contains(" unchanged lines left out</span></div>") && !page.contains("<details>"));
    let page = try_html(&old, &new, Granularity::Words, &options).expect("the changes fit");
    assert!(page.len() <= 20_000 && page.contains(" unchanged lines left out</div>"));
}

#[test]
fn a_page_whose_changes_exceed_its_limit_is_an_error() {
    let new = manifest(5_000);
    for granularity in GRANULARITIES {
        for limit in [0, 100, 20_000] {
            let options = HtmlOptions {
                max_bytes: limit,
                ..HtmlOptions::default()
            };
            let page = try_html(b"", &new, granularity, &options);
            assert_eq!(page, Err(DiffError::HtmlTooLarge { limit }));
        }
    }
}

#[test]
fn a_raised_flag_ends_the_page() {
    let cancel = CancelFlag::new();
    cancel.cancel();
    for granularity in GRANULARITIES {
        let page = diff(b"a", b"b", granularity).html(
            b"a",
            b"b",
            &InlineChanges::default(),
            &HtmlOptions::default(),
            &cancel,
        );
        assert_eq!(page, Err(DiffError::Cancelled));
    }
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"<script>alert(1)</script>",
        b"</style>",
        b"</main>",
        b"<!--",
        b"-->",
        b"&lt;",
        b"&",
        b"\"",
        b"'",
        b"<",
        b">",
        b"\x1b[2J",
        b"\x1b]0;x\x07",
        b"\0",
        b"\r",
        b"\n",
        b"\t",
        b"a",
        b"b ",
        b"\x7f",
        b"\x9b",
        b"\xFF",
        b"\xED\xA0\x80",
        "\u{202E}".as_bytes(),
        "\u{2066}".as_bytes(),
        "\u{85}".as_bytes(),
        "\u{2028}".as_bytes(),
        "\u{E0041}".as_bytes(),
        "\u{FEFF}".as_bytes(),
        "é".as_bytes(),
        "👩\u{200D}🚀".as_bytes(),
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..30).prop_map(|pieces| pieces.concat())
}

/// The names of a page's elements.
fn elements(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).map(|tag| {
        let name = tag.strip_prefix('/').unwrap_or(tag);
        &name[..name.find([' ', '>']).unwrap_or(name.len())]
    })
}

proptest! {
    #[test]
    fn hostile_texts_stay_text_in_a_browser(old in hostile(), new in hostile(), title in hostile()) {
        let ours = ["main", "div", "details", "summary", "code", "i", "b", "em", "del", "ins", "mark", "p", "span"];
        for granularity in GRANULARITIES {
            let options = HtmlOptions { title: &title, names: Some([&old, &title]), ..HtmlOptions::default() };
            let page = try_html(&old, &new, granularity, &options).expect("small");
            for element in elements(body(&page)) {
                prop_assert!(ours.contains(&element), "{element}");
            }
            prop_assert_eq!(page.matches("</style>").count(), 1);
            prop_assert_eq!(page.matches("</title>").count(), 1);
            let is_seen = |c: char| matches!(c, '\n' | '\t') || !(c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c));
            prop_assert!(page.chars().all(is_seen));
        }
    }

    #[test]
    fn hostile_texts_stay_text_in_a_terminal(old in hostile(), new in hostile()) {
        for granularity in GRANULARITIES {
            let shown = ansi(&old, &new, granularity);
            for sequence in shown.split('\x1b').skip(1) {
                let end = sequence.find('m').expect("a colour");
                prop_assert!(["[", "[1", "[4", "[24", "[7", "[27", "[31", "[32", "[36"].contains(&&sequence[..end]));
            }
            let is_seen = |c: char| matches!(c, '\n' | '\t' | '\x1b') || !c.is_control();
            prop_assert!(shown.chars().all(is_seen));
        }
    }

    #[test]
    fn a_page_holds_every_line_of_both_texts(old in "([ab]\n){0,30}", new in "([ab]\n){0,30}") {
        let page = html(old.as_bytes(), new.as_bytes(), Granularity::Lines);
        if old != new {
            let count = |tag: &str| body(&page).matches(tag).count();
            prop_assert_eq!(count("<div class=\"row\">") + count("<del>"), old.lines().count());
            prop_assert_eq!(count("<div class=\"row\">") + count("<ins>"), new.lines().count());
        }
    }
}
