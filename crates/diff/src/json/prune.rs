//! Leaves out of a document what is ignored. It knows no syntax and no difference.

use std::mem;

use super::builder::Builder;
use super::document::{Document, IGNORED, NodeId, Value};
use super::ignore::{Ignore, States, Token};
use super::options::JsonDiffOptions;
use crate::DiffError;
use crate::search::Limits;

/// The document without what the options ignore. Members vanish; in arrays [`IGNORED`] stands, so
/// that other items keep their places.
///
/// # Errors
///
/// [`DiffError::Cancelled`].
///
/// Complexity: linear, times the steps of the pointers that may still match.
pub(crate) fn pruned<'t>(
    mut doc: Document<'t>,
    options: &JsonDiffOptions,
    limits: &mut Limits<'_>,
) -> Result<Document<'t>, DiffError> {
    if options.ignore.is_empty() && !options.drops_nulls() {
        return Ok(doc);
    }
    let texts = Document {
        source: doc.source,
        decoded: mem::take(&mut doc.decoded),
        ..Document::default()
    };
    let mut pruner = Pruner {
        // The builder looks at texts of keys, the old document only at its nodes from here on.
        builder: Builder::new(texts),
        from: doc,
        ignore: &options.ignore,
        drops_nulls: options.drops_nulls(),
        open: Vec::new(),
    };
    let root = pruner.from.root();
    pruner.place(root, pruner.ignore.at_root());
    while let Some(frame) = pruner.open.pop() {
        limits.spend(1)?;
        pruner.step(frame);
    }
    Ok(pruner.builder.finish())
}

struct Pruner<'t, 'o> {
    from: Document<'t>,
    builder: Builder<'t>,
    ignore: &'o Ignore,
    drops_nulls: bool,
    open: Vec<Frame>,
}

/// A container that is being copied.
struct Frame {
    value: Value,
    next: usize,
    states: States,
}

impl Pruner<'_, '_> {
    fn place(&mut self, node: NodeId, states: States) {
        match self.from.value(node) {
            value @ (Value::Array(_) | Value::Object(_)) => {
                self.builder.begin(matches!(value, Value::Object(_)));
                self.open.push(Frame {
                    value,
                    next: 0,
                    states,
                });
            }
            scalar => drop(self.builder.scalar(scalar)),
        }
    }

    /// Copies the next child of a container, or closes it.
    fn step(&mut self, mut frame: Frame) {
        let at = frame.next;
        frame.next += 1;
        let child = match frame.value {
            Value::Array(items) => self.from.items(items).get(at).map(|&item| (None, item)),
            Value::Object(members) => {
                let member = self.from.members(members).get(at);
                member.map(|member| (Some(member.key), member.value))
            }
            _ => None,
        };
        let Some((key, node)) = child else {
            self.builder.end();
            return;
        };
        let below = match key {
            Some(key) => {
                self.builder.key(key);
                let token = Token::Key(self.builder.doc.text(key));
                self.ignore.below(&frame.states, token)
            }
            None => self.ignore.below(&frame.states, Token::Index(at)),
        };
        self.open.push(frame);
        match below.filter(|_| !self.is_dropped(key.is_some(), node)) {
            Some(states) => self.place(node, states),
            None => self.builder.leave_out(),
        }
    }

    fn is_dropped(&self, is_member: bool, node: NodeId) -> bool {
        node == IGNORED || (is_member && self.drops_nulls && self.from.value(node) == Value::Null)
    }
}
