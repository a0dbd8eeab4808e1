//! The same task for each contender: a unified diff of two texts by lines, with three lines of
//! context and no header. They answer with the patch.

use std::time::{Duration, Instant};

use imara_diff::{BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};
use sealdiff_diff::{
    Algorithm, ApplyOptions, CancelFlag, DiffOptions, Granularity, TextDiff, UnifiedOptions,
    apply_patch, parse_patch, unified,
};

/// Ours, with the options that callers get when they give none.
pub fn ours(old: &str, new: &str) -> Vec<u8> {
    let options = (DiffOptions::default(), UnifiedOptions::default());
    unified(
        old.as_bytes(),
        new.as_bytes(),
        &options.0,
        &options.1,
        &CancelFlag::new(),
    )
    .expect("the texts are small, and nobody cancels")
}

/// Says whether our `patch` turns `old` into `new`.
pub fn applies(patch: &[u8], old: &str, new: &str) -> bool {
    match &parse_patch(patch).expect("it is well formed")[..] {
        [] => old == new,
        [patch] => {
            let applied = apply_patch(old.as_bytes(), patch, &ApplyOptions::default());
            applied.is_ok_and(|text| text == new.as_bytes())
        }
        _ => false,
    }
}

/// The fewest lines that a patch can remove and add, if they are found within a minute.
pub fn least_changes(old: &str, new: &str) -> Option<usize> {
    let options = DiffOptions {
        algorithm: Algorithm::Minimal,
        deadline: Some(Instant::now() + Duration::from_secs(60)),
        ..DiffOptions::default()
    };
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let diff = TextDiff::compute(old, new, Granularity::Lines, &options, &CancelFlag::new())
        .expect("the texts are small, and nobody cancels");
    let stats = diff.stats(3);
    diff.script()
        .is_exact()
        .then_some((stats.added + stats.removed) as usize)
}

/// Lines that a patch without header removes and adds.
pub fn changes(patch: &[u8]) -> usize {
    let lines = patch.split(|&byte| byte == b'\n');
    lines
        .filter(|line| matches!(line.first(), Some(b'+' | b'-')))
        .count()
}

/// imara-diff's histogram and its unified printer, without its slider.
pub fn imara(old: &str, new: &str) -> String {
    let input = InternedInput::new(old, new);
    let diff = Diff::compute(imara_diff::Algorithm::Histogram, &input);
    let printer = BasicLineDiffPrinter(&input.interner);
    diff.unified_diff(&printer, UnifiedDiffConfig::default(), &input)
        .to_string()
}

/// similar's Myers and its unified printer, with its default heuristics.
pub fn similar(old: &str, new: &str) -> String {
    similar::TextDiff::configure()
        .algorithm(similar::Algorithm::Myers)
        .diff_lines(old, new)
        .unified_diff()
        .to_string()
}
