//! The line engine: whatever the options and limits, a diff leads from old to new, its patch applies
//! and can be reversed; `minimal` is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{
    Algorithm, ApplyOptions, DiffOptions, EditTag, Granularity, Header, TextDiff, UnifiedOptions,
    apply_patch, format_patch, parse_patch, reverse_patch, unified,
};
use sealdiff_fuzz::{
    Input, NO_CANCEL, check_script, diff_options, distance, play, shortest_distance, texts,
    within_time,
};

/// Texts of so many bytes have their shortest script computed the slow way, too, and unbounded
/// searches are only asked of them.
const SMALL: usize = 512;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let options = diff_options(&mut input);
    let layout = layout(input.byte());
    let [old, new] = texts(input);
    let is_small = old.len() + new.len() <= SMALL;
    if options.algorithm == Algorithm::Minimal && !is_small {
        return;
    }
    let diff = within_time(
        "a diff by lines",
        |_| old.len() + new.len(),
        || compute(&old, &new, &options),
    );
    check_script(&diff);
    check_flat(&diff, &old, &new);
    check_equal_lines(&diff, &old, &new, &options);
    if is_small {
        check_distance(&diff, &old, &new, &options);
    }
    let patch = within_time(
        "a patch",
        |patch: &Vec<u8>| old.len() + new.len() + patch.len(),
        || unified(&old, &new, &options, &layout, &NO_CANCEL).expect("small"),
    );
    // A deadline may strike at another moment.
    if options.deadline.is_none() {
        assert_eq!(diff.unified(&old, &new, &layout).as_ref(), Ok(&patch));
    }
    check_patch(&patch, &old, &new, &options);
});

fn layout(bits: u8) -> UnifiedOptions<'static> {
    UnifiedOptions {
        context_radius: u32::from(bits & 7),
        header: if bits & 8 != 0 {
            Header::Plain {
                old: b"a",
                new: b"b",
            }
        } else {
            Header::None
        },
        show_function: bits & 16 != 0,
    }
}

fn compute(old: &[u8], new: &[u8], options: &DiffOptions) -> TextDiff {
    TextDiff::compute(old, new, Granularity::Lines, options, &NO_CANCEL).expect("small")
}

fn is_bytewise(options: &DiffOptions) -> bool {
    !options.ignore_whitespace && !options.ignore_case
}

fn check_flat(diff: &TextDiff, old: &[u8], new: &[u8]) {
    let flat: Vec<u32> = diff.script().flat().collect();
    let is_exact = diff.script().is_exact();
    let read = TextDiff::from_flat(old, new, Granularity::Lines, &flat, is_exact);
    assert_eq!(read.as_ref(), Ok(&Some(diff.clone())));
}

/// Lines that a script says are equal are, as the options compare.
fn check_equal_lines(diff: &TextDiff, old: &[u8], new: &[u8], options: &DiffOptions) {
    if is_bytewise(options) {
        assert_eq!(play(diff, old, new), new);
        return;
    }
    if !old.is_ascii() || !new.is_ascii() {
        return;
    }
    for op in diff
        .script()
        .ops()
        .iter()
        .filter(|op| op.tag == EditTag::Equal)
    {
        for n in 0..op.old_len {
            let old = &old[diff.old_tokens().bytes(op.old_start + n, 1)];
            let new = &new[diff.new_tokens().bytes(op.new_start + n, 1)];
            assert_eq!(key(old, options), key(new, options));
        }
    }
}

/// What counts of a line of ASCII.
fn key(line: &[u8], options: &DiffOptions) -> Vec<u8> {
    let counts = |byte: &&u8| !options.ignore_whitespace || !matches!(byte, 9..=13 | b' ');
    let fold = |byte: &u8| {
        if options.ignore_case {
            byte.to_ascii_lowercase()
        } else {
            *byte
        }
    };
    line.iter().filter(counts).map(fold).collect()
}

fn check_distance(diff: &TextDiff, old: &[u8], new: &[u8], options: &DiffOptions) {
    if !is_bytewise(options) {
        return;
    }
    let shortest = shortest_distance(old, new);
    if options.algorithm == Algorithm::Minimal && diff.script().is_exact() {
        assert_eq!(distance(diff), shortest);
    }
    assert!(distance(diff) >= shortest);
}

/// The patch is read as it was written, turns old into new, and back.
fn check_patch(patch: &[u8], old: &[u8], new: &[u8], options: &DiffOptions) {
    let patches = parse_patch(patch).expect("our own patch");
    let [parsed] = &patches[..] else {
        assert!(patches.is_empty(), "one file");
        assert!(distance(&compute(old, new, options)) == 0 || options.deadline.is_some());
        return;
    };
    assert_eq!(format_patch(&patches), patch);
    let exact = ApplyOptions {
        max_offset: 0,
        ..ApplyOptions::default()
    };
    let bytes = patch.len() + old.len() + new.len();
    let applied = within_time("applying", |_| bytes, || apply_patch(old, parsed, &exact));
    let applied = applied.expect("made for this text");
    if is_bytewise(options) {
        assert_eq!(applied, new);
        let reversed = reverse_patch(parsed);
        assert_eq!(apply_patch(new, &reversed, &exact).as_deref(), Ok(old));
        assert_eq!(&reverse_patch(&reversed), parsed);
    } else {
        // Context is that of the old text, so the two are equal but for what is ignored.
        let unlimited = DiffOptions {
            deadline: None,
            max_steps: None,
            ..*options
        };
        assert!(compute(&applied, new, &unlimited).script().is_unchanged());
    }
}
