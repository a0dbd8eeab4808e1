//! Patches of others: what is read is written as it was read, what applies can be taken back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{
    ApplyOptions, DiffOptions, Header, LineEndings, LineKind, Patch, UnifiedOptions, apply_patch,
    format_patch, parse_patch, reverse_patch, unified,
};
use sealdiff_fuzz::{Input, NO_CANCEL, edited, texts, within_time};

/// So many patches of one text are applied: each costs as much as the text to apply them to is long.
const MAX_APPLIED: usize = 4;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (choice, options) = (input.byte(), apply_options(input.byte()));
    let (patch, text) = match choice & 1 {
        0 => {
            let [patch, text] = texts(input);
            (patch, text)
        }
        _ => damaged(input, u32::from(choice >> 1 & 7)),
    };
    let parse = || parse_patch(&patch);
    let Ok(patches) = within_time("parsing", |_| patch.len(), parse) else {
        return;
    };
    check_format(&patches);
    for parsed in patches.iter().take(MAX_APPLIED) {
        check_counts(parsed);
        check_apply(&text, parsed, &options, patch.len());
    }
});

fn apply_options(bits: u8) -> ApplyOptions {
    ApplyOptions {
        fuzz: u32::from(bits & 3),
        max_offset: if bits & 4 != 0 {
            u32::MAX
        } else {
            u32::from(bits >> 4)
        },
        line_endings: if bits & 8 != 0 {
            LineEndings::FollowText
        } else {
            LineEndings::Exact
        },
    }
}

/// A patch between two texts, with some bytes of it changed, and the first text.
fn damaged(mut input: Input<'_>, context_radius: u32) -> (Vec<u8>, Vec<u8>) {
    let edits: [u8; 8] = std::array::from_fn(|_| input.byte());
    let [old, new] = texts(input);
    let layout = UnifiedOptions {
        context_radius,
        header: Header::Plain {
            old: b"a",
            new: b"b",
        },
        show_function: false,
    };
    let patch = unified(&old, &new, &DiffOptions::default(), &layout, &NO_CANCEL);
    (edited(&patch.expect("small"), &edits), old)
}

/// What was read is written so that it is read again as it was.
fn check_format(patches: &[Patch<'_>]) {
    let text = format_patch(patches);
    assert_eq!(
        parse_patch(&text).as_deref(),
        Ok(patches),
        "{}",
        text.escape_ascii()
    );
}

/// The header of each hunk agrees with its lines.
fn check_counts(patch: &Patch<'_>) {
    for hunk in &patch.hunks {
        let without = |kind| hunk.lines.iter().filter(|line| line.kind != kind).count();
        assert_eq!(hunk.old_len as usize, without(LineKind::Added));
        assert_eq!(hunk.new_len as usize, without(LineKind::Removed));
    }
}

fn check_apply(text: &[u8], patch: &Patch<'_>, options: &ApplyOptions, patch_len: usize) {
    let bytes = patch_len + text.len();
    let apply = || apply_patch(text, patch, options);
    let applied = within_time("applying", |_| bytes, apply);
    let reversed = reverse_patch(patch);
    let twice = reverse_patch(&reversed);
    assert_eq!(reverse_patch(&twice), reversed);
    if let Ok(applied) = &applied {
        // No line is lost or made up.
        let added = |kind| {
            let lines = patch.hunks.iter().flat_map(|hunk| &hunk.lines);
            lines.filter(|line| line.kind == kind).count()
        };
        let lines = |text: &[u8]| text.split_inclusive(|&byte| byte == b'\n').count();
        assert_eq!(
            lines(applied) + added(LineKind::Removed),
            lines(text) + added(LineKind::Added)
        );
    }
    let exact = ApplyOptions {
        max_offset: 0,
        ..ApplyOptions::default()
    };
    if let Ok(applied) = apply_patch(text, patch, &exact)
        && !patch.hunks.is_empty()
        && says_where_it_leads(patch)
    {
        assert_eq!(
            apply_patch(&applied, &reversed, &exact).as_deref(),
            Ok(text)
        );
    }
}

/// Whether the new line numbers follow from the old ones; applying doesn't ask.
fn says_where_it_leads(patch: &Patch<'_>) -> bool {
    let mut offset = 0;
    patch.hunks.iter().all(|hunk| {
        let first = |start: u32, len: u32| i64::from(start) - i64::from(len > 0);
        let old = first(hunk.old_start, hunk.old_len);
        let new = first(hunk.new_start, hunk.new_len);
        let is_consistent = old + offset == new;
        offset += i64::from(hunk.new_len) - i64::from(hunk.old_len);
        is_consistent
    })
}
