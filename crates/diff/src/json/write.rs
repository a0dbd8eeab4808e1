//! Writes the changes that a walk found: as a JSON Patch, and as a list of pointers.

use std::collections::HashSet;

use super::JsonSummary;
use super::diff::{Op, OpKind, Walk};
use super::document::{Document, NodeId};
use super::path::{PathId, Tense};
use super::print::{check_len, write_compact};
use crate::{CancelFlag, DiffError};

/// The patch as RFC 6902 has it, without white space.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`].
pub(super) fn patch(
    walk: &Walk<'_, '_>,
    old: &Document<'_>,
    new: &Document<'_>,
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    let mut out = vec![b'['];
    for &Op { kind, path } in &walk.ops {
        check(cancel)?;
        if let Some(value) = kind.old_value().filter(|&value| walk.has_test(value)) {
            begin(walk, "test", path, &mut out);
            end(Some((old, value)), &mut out)?;
        }
        begin(walk, kind.name(), path, &mut out);
        end(kind.new_value().map(|value| (new, value)), &mut out)?;
    }
    close(&mut out);
    Ok(out)
}

/// Whether to go on: a pointer may be as long as its document is deep.
fn check(cancel: &CancelFlag) -> Result<(), DiffError> {
    match cancel.is_cancelled() {
        true => Err(DiffError::Cancelled),
        false => Ok(()),
    }
}

fn begin(walk: &Walk<'_, '_>, name: &str, path: PathId, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"op":""#);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(br#"","path":""#);
    walk.paths.write(path, Tense::Now, out);
    out.push(b'"');
}

fn end(value: Option<(&Document<'_>, NodeId)>, out: &mut Vec<u8>) -> Result<(), DiffError> {
    if let Some((doc, value)) = value {
        out.extend_from_slice(br#","value":"#);
        write_compact(doc, value, false, out)?;
    }
    out.extend_from_slice(b"},");
    check_len(out.len())
}

/// Turns the last comma of a list into its end.
fn close(out: &mut Vec<u8>) {
    if out.len() > 1 {
        out.pop();
    }
    out.push(b']');
}

/// A JSON array of the pointers to what changed, each once: what was removed as it was reached in
/// the old document, the rest as it is reached in the new one.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`].
pub(super) fn paths(walk: &Walk<'_, '_>, cancel: &CancelFlag) -> Result<Vec<u8>, DiffError> {
    let mut seen = HashSet::new();
    let mut out = vec![b'['];
    for &Op { kind, path } in &walk.ops {
        check(cancel)?;
        let tense = match kind {
            OpKind::Remove(_) => Tense::Old,
            OpKind::Add(_) | OpKind::Replace(..) => Tense::Now,
        };
        let mut pointer = vec![b'"'];
        walk.paths.write(path, tense, &mut pointer);
        pointer.extend_from_slice(b"\",");
        check_len(out.len() + pointer.len())?;
        if !seen.contains(&pointer) {
            out.extend_from_slice(&pointer);
            seen.insert(pointer);
        }
    }
    close(&mut out);
    Ok(out)
}

pub(super) fn summary(walk: &Walk<'_, '_>) -> JsonSummary {
    let mut summary = JsonSummary::default();
    for op in &walk.ops {
        match op.kind {
            OpKind::Add(_) => summary.added += 1,
            OpKind::Remove(_) => summary.removed += 1,
            OpKind::Replace(..) => summary.replaced += 1,
        }
    }
    summary
}
