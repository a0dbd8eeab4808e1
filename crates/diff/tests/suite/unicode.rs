//! Grapheme clusters and sentences.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sealdiff_diff::{Granularity, Tokens};
use unicode_segmentation::UnicodeSegmentation;

use crate::support::{diff, play};

const UNICODE: [Granularity; 2] = [Granularity::Graphemes, Granularity::Sentences];

fn split(text: &[u8], granularity: Granularity) -> Vec<&[u8]> {
    let tokens = Tokens::split(text, granularity).expect("small");
    (0..tokens.len())
        .map(|token| &text[tokens.bytes(token, 1)])
        .collect()
}

#[test]
fn a_grapheme_is_what_a_reader_takes_for_one_character() {
    for cluster in [
        "e\u{301}\u{323}",
        "🇨🇭",
        "👩🏽‍🚀",
        "\r\n",
        "각",
        "क्षि",
        "✊🏿",
        "1️⃣",
    ] {
        let text = ["x", cluster, "y"].concat();
        let wanted: [&[u8]; 3] = [b"x", cluster.as_bytes(), b"y"];
        assert_eq!(
            split(text.as_bytes(), Granularity::Graphemes),
            wanted,
            "{cluster}"
        );
    }
}

#[test]
fn a_sentence_ends_with_its_white_space() {
    let text = "He is 3.5 m tall. Is he? “Yes!” She left.\nNo end. ここは。そこ。e.g. this";
    let wanted = [
        "He is 3.5 m tall. ",
        "Is he? ",
        "“Yes!” ",
        "She left.\n",
        "No end. ",
        "ここは。",
        "そこ。",
        "e.g. this",
    ];
    let wanted: Vec<&[u8]> = wanted.iter().map(|sentence| sentence.as_bytes()).collect();
    assert_eq!(split(text.as_bytes(), Granularity::Sentences), wanted);
}

#[test]
fn what_is_no_utf8_is_a_grapheme_by_itself_and_content_of_a_sentence() {
    let text = b"a\xCC\x81\xED\xA0\x80\xCC\x81\xFF\xE2\x82";
    let wanted: [&[u8]; 6] = [
        b"a\xCC\x81",
        b"\xED\xA0\x80",
        b"\xCC\x81",
        b"\xFF",
        b"\xE2",
        b"\x82",
    ];
    assert_eq!(split(text, Granularity::Graphemes), wanted);
    let text = b"One \xFF\xED\xA0\x80. Two.\x80\n\xFF";
    let wanted: [&[u8]; 4] = [b"One \xFF\xED\xA0\x80. ", b"Two.", b"\x80\n", b"\xFF"];
    assert_eq!(split(text, Granularity::Sentences), wanted);
}

#[test]
fn empty_text_has_neither() {
    for granularity in UNICODE {
        assert!(Tokens::split(b"", granularity).expect("small").is_empty());
    }
}

#[test]
fn a_full_stop_with_many_signs_after_it_ends_the_sentence() {
    let text = |signs| format!("a.{} b", "-".repeat(signs)).into_bytes();
    assert_eq!(
        split(&text(31), Granularity::Sentences).len(),
        1,
        "as UAX #29 has it"
    );
    assert_eq!(split(&text(33), Granularity::Sentences).len(), 2);
    let long = "A. Слово ".to_owned() + &"и слово, ".repeat(40);
    assert_eq!(
        split(long.as_bytes(), Granularity::Sentences).len(),
        2,
        "letters lift the limit"
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test is about time")]
fn hostile_texts_are_split_soon() {
    let units = [
        ".(",
        ".",
        "(",
        ").",
        " ",
        "\u{301}",
        "🇨🇭",
        "\u{1F1E6}",
        "\u{200D}",
        "👩\u{200D}",
        "\u{94D}",
        "क\u{94D}",
        ")ा",
        ")\u{102B}",
        "1",
        "\u{FE0F}\u{200D}",
        "\u{AD}",
        "\u{1100}",
        ")\u{345}",
    ];
    let start = Instant::now();
    for unit in units {
        let text = [".", &unit.repeat(200_000 / unit.len())].concat();
        for granularity in UNICODE {
            Tokens::split(text.as_bytes(), granularity).expect("small");
        }
    }
    // A second where each is linear, minutes where one is not.
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"a",
        b"B",
        b". ",
        b".",
        b"! ",
        b"\n",
        b"\r\n",
        b" ",
        b"3",
        b"\"",
        b"\xFF",
        b"\xED\xA0\x80",
        "\u{301}".as_bytes(),
        "\u{200D}".as_bytes(),
        "👩".as_bytes(),
        "🇨".as_bytes(),
        "。".as_bytes(),
        "क".as_bytes(),
        "\u{94D}".as_bytes(),
        "\u{2029}".as_bytes(),
        ")".as_bytes(),
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn valid_text_is_split_as_the_crate_does(text in text()) {
        let text = String::from_utf8_lossy(&text).into_owned();
        let graphemes: Vec<&[u8]> = text.graphemes(true).map(str::as_bytes).collect();
        prop_assert_eq!(split(text.as_bytes(), Granularity::Graphemes), graphemes);
        let longest = text.split(['a', 'B', '3', '\n']).map(|part| part.chars().count()).max();
        if longest < Some(32) {
            let sentences: Vec<&[u8]> = text.split_sentence_bounds().map(str::as_bytes).collect();
            prop_assert_eq!(split(text.as_bytes(), Granularity::Sentences), sentences);
        }
    }

    #[test]
    fn the_parts_make_up_the_text_and_none_is_empty(text in text()) {
        for granularity in UNICODE {
            let parts = split(&text, granularity);
            prop_assert!(parts.iter().all(|part| !part.is_empty()));
            prop_assert_eq!(parts.concat(), &text[..]);
        }
    }

    #[test]
    fn scripts_of_graphemes_and_sentences_turn_old_into_new(old in text(), new in text()) {
        for granularity in UNICODE {
            prop_assert_eq!(play(&diff(&old, &new, granularity), &old, &new), &new[..]);
        }
    }
}
