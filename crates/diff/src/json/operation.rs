//! The operations of a JSON Patch (RFC 6902), read from its document. It applies none.

use std::borrow::Cow;

use super::document::{Document, NodeId, Span, Value};
use super::pointer::tokens;

/// A pointer, taken apart.
pub(super) type Tokens<'d> = Vec<Cow<'d, [u8]>>;

/// What an operation does; values are nodes of the patch.
pub(super) enum Action<'d> {
    Add(NodeId),
    Remove,
    Replace(NodeId),
    Move(Tokens<'d>),
    Copy(Tokens<'d>),
    Test(NodeId),
}

pub(super) struct Operation<'d> {
    pub(super) action: Action<'d>,
    pub(super) path: Tokens<'d>,
}

impl<'d> Operation<'d> {
    /// Reads an operation; members that it doesn't have are ignored, as the RFC says.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(patch: &'d Document<'_>, node: NodeId) -> Result<Self, &'static str> {
        let Value::Object(members) = patch.value(node) else {
            return Err("it is no object");
        };
        let value = || patch.member(members, b"value").ok_or("it has no 'value'");
        let from = || pointer(patch, members, b"from", "it has no 'from' that is a string");
        let op = patch.member(members, b"op").and_then(|op| patch.string(op));
        let action = match op.ok_or("it has no 'op' that is a string")? {
            b"add" => Action::Add(value()?),
            b"remove" => Action::Remove,
            b"replace" => Action::Replace(value()?),
            b"move" => Action::Move(from()?),
            b"copy" => Action::Copy(from()?),
            b"test" => Action::Test(value()?),
            _ => return Err("its 'op' is unknown"),
        };
        let path = pointer(patch, members, b"path", "it has no 'path' that is a string")?;
        Ok(Self { action, path })
    }
}

fn pointer<'d>(
    patch: &'d Document<'_>,
    members: Span,
    name: &[u8],
    missing: &'static str,
) -> Result<Tokens<'d>, &'static str> {
    let text = patch
        .member(members, name)
        .and_then(|node| patch.string(node));
    tokens(text.ok_or(missing)?)
}
