//! Short forms that most tests use, and generated documents.

use sealdiff_diff::{
    ApplyOptions, CancelFlag, DiffError, DiffOptions, EditScript, EditTag, Granularity, Header,
    TextDiff, UnifiedOptions, apply_patch, parse_patch, unified,
};

pub(crate) const GRANULARITIES: [Granularity; 5] = [
    Granularity::Lines,
    Granularity::Words,
    Granularity::Chars,
    Granularity::Graphemes,
    Granularity::Sentences,
];

pub(crate) fn diff(old: &[u8], new: &[u8], granularity: Granularity) -> TextDiff {
    diff_with(old, new, granularity, &DiffOptions::default())
}

pub(crate) fn diff_with(
    old: &[u8],
    new: &[u8],
    granularity: Granularity,
    options: &DiffOptions,
) -> TextDiff {
    TextDiff::compute(old, new, granularity, options, &CancelFlag::new())
        .expect("small, and not cancelled")
}

/// A unified diff with default options but for context and header.
pub(crate) fn patch_of(old: &[u8], new: &[u8], context: u32, header: Header<'_>) -> Vec<u8> {
    let options = UnifiedOptions {
        context_radius: context,
        header,
        show_function: false,
    };
    unified(
        old,
        new,
        &DiffOptions::default(),
        &options,
        &CancelFlag::new(),
    )
    .expect("small, and not cancelled")
}

/// Applies the only file of `patch`; an empty patch changes nothing.
pub(crate) fn apply(patch: &[u8], text: &[u8]) -> Result<Vec<u8>, DiffError> {
    apply_with(patch, text, &ApplyOptions::default())
}

pub(crate) fn apply_with(
    patch: &[u8],
    text: &[u8],
    options: &ApplyOptions,
) -> Result<Vec<u8>, DiffError> {
    let patches = parse_patch(patch)?;
    match &patches[..] {
        [] => Ok(text.to_vec()),
        [patch] => apply_patch(text, patch, options),
        _ => panic!("{} patches", patches.len()),
    }
}

/// Plays a script: the new text, made of the old one and the insertions.
pub(crate) fn play(diff: &TextDiff, old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for op in diff.script().ops() {
        match op.tag {
            EditTag::Equal => out.extend(&old[diff.old_tokens().bytes(op.old_start, op.old_len)]),
            EditTag::Insert => out.extend(&new[diff.new_tokens().bytes(op.new_start, op.new_len)]),
            EditTag::Delete => {}
        }
    }
    out
}

/// Tokens inserted and deleted.
pub(crate) fn distance(script: &EditScript) -> usize {
    let changes = script.ops().iter().filter(|op| op.tag != EditTag::Equal);
    changes
        .map(|op| op.old_len as usize + op.new_len as usize)
        .sum()
}

/// Small numbers that look random and are the same in every run (Knuth's MMIX generator).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A document like a Kubernetes CRD: deep indentation, few distinct lines, unique names between.
pub(crate) fn manifest(lines: usize) -> Vec<u8> {
    let mut random = Random(7);
    let mut text = String::new();
    for number in 0..lines {
        let indent = " ".repeat(2 + 2 * random.below(12) as usize);
        match random.below(5) {
            0 => text.push_str(&format!("{indent}field{number}:\n")),
            1 => text.push_str(&format!(
                "{indent}description: The value of field {number}.\n"
            )),
            2 => text.push_str(&format!("{indent}properties:\n")),
            3 => text.push_str(&format!("{indent}type: string\n")),
            _ => text.push_str(&format!("{indent}type: object\n")),
        }
    }
    text.into_bytes()
}

/// `text` with `edits` lines changed, removed or added at places spread over it.
pub(crate) fn edited(text: &[u8], edits: u64, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut lines: Vec<Vec<u8>> = text
        .split_inclusive(|&b| b == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    for edit in 0..edits {
        let at = random.below(lines.len().max(1) as u64) as usize;
        match random.below(3) {
            _ if lines.is_empty() => lines.push(b"only\n".to_vec()),
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, format!("inserted {edit}\n").into_bytes()),
            _ => lines[at] = format!("changed {edit}\n").into_bytes(),
        }
    }
    lines.concat()
}
