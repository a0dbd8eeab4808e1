//! Applies JSON Patches (RFC 6902) and merge patches (RFC 7396). It finds no differences.

use std::borrow::Cow;

use super::document::{Document, NodeId, Value};
use super::operation::{Action, Operation};
use super::parse::parse;
use super::print::MAX_OUTPUT_BYTES;
use super::tree::{Handle, Refusal, Source, Tree};
use crate::search::Limits;
use crate::{CancelFlag, DiffError};

/// Applies a JSON Patch (RFC 6902) to a document. Both are JSON text, and so is the result: without
/// white space, members in the order of the document, numbers as they were written.
///
/// All operations are done, or none. `test` compares numbers by value.
///
/// # Errors
///
/// [`DiffError::DocumentInvalid`]; [`DiffError::PatchInvalid`] and
/// [`DiffError::JsonPatchInvalid`] for a patch that is no JSON or no JSON Patch, or that copies
/// more than a million edited values; [`DiffError::JsonPatchMismatch`] if an operation doesn't fit the
/// document; [`DiffError::TooLarge`] if copies would add more than 64 MiB;
/// [`DiffError::Cancelled`].
///
/// Complexity: linear, plus a thousandth of the array for each item that is inserted or removed.
///
/// # Example
///
/// ```
/// use sealdiff_diff::{CancelFlag, apply_json_patch};
///
/// let patch = br#"[{"op":"remove","path":"/a/0"}]"#;
/// let patched = apply_json_patch(br#"{"a": [1, 2.50]}"#, patch, &CancelFlag::new())?;
/// assert_eq!(patched, br#"{"a":[2.50]}"#);
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn apply_json_patch(
    document: &[u8],
    patch: &[u8],
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    let mut limits = Limits::new(cancel, None, None);
    let max_len = max_len(document, patch);
    let (document, patch) = read(document, patch, &mut limits)?;
    let Value::Array(operations) = patch.value(patch.root()) else {
        return Err(DiffError::PatchInvalid {
            line: 1,
            reason: "a JSON Patch is an array",
        });
    };
    let mut tree = Tree::new(&document, &patch);
    for (number, &node) in (1..).zip(patch.items(operations)) {
        limits.spend(1)?;
        let operation = Operation::read(&patch, node);
        let operation = operation.map_err(|reason| DiffError::JsonPatchInvalid {
            operation: number,
            reason,
        })?;
        perform(&mut tree, operation).map_err(|reason| DiffError::JsonPatchMismatch {
            operation: number,
            reason,
        })?;
    }
    written(&tree, max_len)
}

/// Applies a merge patch (RFC 7396) to a document: members that are null in the patch are removed,
/// objects are merged, all else is set. Texts are as for [`apply_json_patch`].
///
/// # Errors
///
/// [`DiffError::DocumentInvalid`]; [`DiffError::PatchInvalid`] for a patch that is no JSON;
/// [`DiffError::TooLarge`]; [`DiffError::Cancelled`].
///
/// Complexity: linear.
pub fn apply_merge_patch(
    document: &[u8],
    patch: &[u8],
    cancel: &CancelFlag,
) -> Result<Vec<u8>, DiffError> {
    let mut limits = Limits::new(cancel, None, None);
    let max_len = max_len(document, patch);
    let (document, patch) = read(document, patch, &mut limits)?;
    let mut tree = Tree::new(&document, &patch);
    merge(&mut tree, &patch, &mut limits)?;
    written(&tree, max_len)
}

fn read<'t>(
    document: &'t [u8],
    patch: &'t [u8],
    limits: &mut Limits<'_>,
) -> Result<(Document<'t>, Document<'t>), DiffError> {
    let document = parse(document, limits).map_err(|error| error.in_document("document"))?;
    let patch = parse(patch, limits).map_err(|error| error.in_patch())?;
    Ok((document, patch))
}

/// What copies may add to a document, in bytes: a patch of some kilobytes could else write gigabytes.
const MAX_COPIED_BYTES: usize = 64 << 20;

/// The longest result: without copies none is longer than both texts.
fn max_len(document: &[u8], patch: &[u8]) -> usize {
    (document.len() + patch.len() + MAX_COPIED_BYTES).min(MAX_OUTPUT_BYTES)
}

fn written(tree: &Tree<'_, '_>, max_len: usize) -> Result<Vec<u8>, DiffError> {
    let mut out = Vec::new();
    tree.write(&mut out, max_len)?;
    Ok(out)
}

fn perform<'d>(tree: &mut Tree<'d, '_>, operation: Operation<'d>) -> Result<(), Refusal> {
    let path = &operation.path[..];
    match operation.action {
        Action::Add(value) => {
            let value = tree.frozen(Source::Patch, value);
            add(tree, path, value)
        }
        Action::Remove => remove(tree, path).map(drop),
        Action::Replace(value) => {
            let value = tree.frozen(Source::Patch, value);
            replace(tree, path, value)
        }
        Action::Move(from) if path.len() > from.len() && path.starts_with(&from) => {
            Err("a value can't be moved into itself")
        }
        Action::Move(from) if path.is_empty() => {
            tree.root = find(tree, &from)?;
            Ok(())
        }
        Action::Move(from) => {
            let value = remove(tree, &from)?;
            add(tree, path, value)
        }
        Action::Copy(from) => {
            let value = find(tree, &from)?;
            let copy = tree.copy(value)?;
            add(tree, path, copy)
        }
        Action::Test(value) => {
            let node = find(tree, path)?;
            let is_equal = tree.equals(node, value);
            is_equal
                .then_some(())
                .ok_or("the value is not the one that is tested for")
        }
    }
}

fn find(tree: &mut Tree<'_, '_>, path: &[Cow<'_, [u8]>]) -> Result<Handle, Refusal> {
    path.iter()
        .try_fold(tree.root, |node, token| tree.child(node, token))
}

fn add<'d>(tree: &mut Tree<'d, '_>, path: &[Cow<'d, [u8]>], value: Handle) -> Result<(), Refusal> {
    let Some((last, way)) = path.split_last() else {
        tree.root = value;
        return Ok(());
    };
    let parent = find(tree, way)?;
    tree.add(parent, last.clone(), value)
}

fn replace<'d>(
    tree: &mut Tree<'d, '_>,
    path: &[Cow<'d, [u8]>],
    value: Handle,
) -> Result<(), Refusal> {
    let Some((last, way)) = path.split_last() else {
        tree.root = value;
        return Ok(());
    };
    let parent = find(tree, way)?;
    tree.replace(parent, last.clone(), value)
}

fn remove(tree: &mut Tree<'_, '_>, path: &[Cow<'_, [u8]>]) -> Result<Handle, Refusal> {
    let (last, way) = path
        .split_last()
        .ok_or("the whole document can't be removed")?;
    let parent = find(tree, way)?;
    tree.remove(parent, last)
}

/// Merges the root of the patch into the tree.
fn merge<'d>(
    tree: &mut Tree<'d, '_>,
    patch: &'d Document<'_>,
    limits: &mut Limits<'_>,
) -> Result<(), DiffError> {
    let mut tasks = Vec::new();
    if let Value::Object(_) = patch.value(patch.root()) {
        if !tree.is_object(tree.root) {
            tree.root = tree.empty_object();
        }
        tasks.push((tree.root, patch.root()));
    } else {
        tree.root = tree.frozen(Source::Patch, patch.root());
    }
    while let Some((target, object)) = tasks.pop() {
        let Value::Object(members) = patch.value(object) else {
            continue;
        };
        for member in patch.members(members) {
            limits.spend(1)?;
            let key = Cow::Borrowed(patch.text(member.key));
            let merged = merge_member(tree, patch, target, (&key, member.value));
            let merged = merged.map_err(|reason| DiffError::PatchInvalid { line: 1, reason })?;
            tasks.extend(merged.map(|child| (child, member.value)));
        }
    }
    Ok(())
}

/// The child that the value, an object, is still to be merged into.
fn merge_member<'d>(
    tree: &mut Tree<'d, '_>,
    patch: &'d Document<'_>,
    target: Handle,
    (key, value): (&Cow<'d, [u8]>, NodeId),
) -> Result<Option<Handle>, Refusal> {
    let existing = tree.child(target, key).ok();
    match patch.value(value) {
        Value::Null => {
            if existing.is_some() {
                tree.remove(target, key)?;
            }
            Ok(None)
        }
        Value::Object(_) => {
            if let Some(child) = existing.filter(|&child| tree.is_object(child)) {
                return Ok(Some(child));
            }
            let child = tree.empty_object();
            tree.add(target, key.clone(), child)?;
            Ok(Some(child))
        }
        _ => {
            let value = tree.frozen(Source::Patch, value);
            tree.add(target, key.clone(), value)?;
            Ok(None)
        }
    }
}
