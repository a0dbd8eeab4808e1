//! Diffs by words, characters, grapheme clusters and sentences, and the changed parts of lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{Algorithm, AnsiOptions, DiffOptions, Granularity, InlineChanges, TextDiff};
use sealdiff_fuzz::{Input, NO_CANCEL, check_script, diff_options, play, texts, within_time};

/// Unbounded searches are only asked of texts of so many bytes.
const SMALL: usize = 512;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let options = diff_options(&mut input);
    let granularity = granularity(input.byte());
    let [old, new] = texts(input);
    let bytes = old.len() + new.len();
    if options.algorithm == Algorithm::Minimal && bytes > SMALL {
        return;
    }
    let compute =
        || TextDiff::compute(&old, &new, granularity, &options, &NO_CANCEL).expect("small");
    let diff = within_time("a diff", |_| bytes, compute);
    check_script(&diff);
    if !options.ignore_whitespace && !options.ignore_case {
        assert_eq!(play(&diff, &old, &new), new);
    }
    let kept = diff.changes().filter(|change| !change.removed);
    assert_eq!(
        kept.flat_map(|change| new[change.range].to_vec())
            .collect::<Vec<u8>>(),
        new
    );
    let inline = match granularity {
        Granularity::Lines => inline_changes(&diff, &old, &new, &options),
        _ => InlineChanges::default(),
    };
    within_time(
        "a diff for a terminal",
        |shown: &String| bytes + shown.len(),
        || diff.ansi(&old, &new, &inline, &AnsiOptions::default()),
    );
});

fn granularity(choice: u8) -> Granularity {
    [
        Granularity::Words,
        Granularity::Chars,
        Granularity::Graphemes,
        Granularity::Sentences,
        Granularity::Lines,
    ][usize::from(choice % 5)]
}

/// The parts are in order and in their lines, line ends left out, and something is between them.
fn inline_changes(diff: &TextDiff, old: &[u8], new: &[u8], options: &DiffOptions) -> InlineChanges {
    let compute = || {
        diff.inline_changes(old, new, options, &NO_CANCEL)
            .expect("by lines")
    };
    let inline = within_time(
        "the changed parts of lines",
        |_| old.len() + new.len(),
        compute,
    );
    for (parts, tokens, text) in [
        (&inline.old, diff.old_tokens(), old),
        (&inline.new, diff.new_tokens(), new),
    ] {
        for line in 0..tokens.len() {
            let line_text = &text[tokens.bytes(line, 1)];
            let mut end = None;
            for part in parts.of_line(line) {
                assert!(part.start < part.end && end.is_none_or(|end| end < part.start));
                assert!(!line_text[part.clone()].contains(&b'\n'));
                end = Some(part.end);
            }
        }
    }
    inline
}
