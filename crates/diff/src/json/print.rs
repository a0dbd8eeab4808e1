//! Writes documents as text: compact, or normalised for people and for a diff by lines.

use super::document::{Document, IGNORED, NodeId, Span, Value};
use super::string::{escaped_len, write_quoted};
use crate::DiffError;

/// The longest text that is written: a diff by lines counts no further.
pub(crate) const MAX_OUTPUT_BYTES: usize = u32::MAX as usize;

/// Levels behind which the indent doesn't grow, for text that is only brackets must not become
/// quadratic.
const MAX_INDENT: usize = 128;

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    AsWritten,
    /// Those with a fraction or an exponent rounded to whole ones, as Go's `%.0f` does.
    Rounded,
}

/// A document with keys sorted and an indent of two spaces, without a newline at the end.
///
/// # Errors
///
/// [`DiffError::TooLarge`].
pub(crate) fn normalised(doc: &Document<'_>, numbers: Numbers) -> Result<Vec<u8>, DiffError> {
    let mut printer = Printer {
        doc,
        numbers,
        is_indented: true,
        keeps_order: false,
        out: Vec::new(),
    };
    printer.print(doc.root())?;
    Ok(printer.out)
}

/// Writes a value without white space, its keys sorted, or in the order they were read in.
///
/// # Errors
///
/// [`DiffError::TooLarge`].
pub(crate) fn write_compact(
    doc: &Document<'_>,
    node: NodeId,
    keeps_order: bool,
    out: &mut Vec<u8>,
) -> Result<(), DiffError> {
    let mut printer = Printer {
        doc,
        numbers: Numbers::AsWritten,
        is_indented: false,
        keeps_order,
        out: std::mem::take(out),
    };
    let outcome = printer.print(node);
    *out = printer.out;
    outcome
}

struct Printer<'d, 't> {
    doc: &'d Document<'t>,
    numbers: Numbers,
    is_indented: bool,
    keeps_order: bool,
    out: Vec<u8>,
}

impl Printer<'_, '_> {
    fn print(&mut self, root: NodeId) -> Result<(), DiffError> {
        let mut open = Vec::new();
        self.value(root, &mut open);
        while let Some(mut frame) = open.pop() {
            check_len(self.out.len())?;
            let Some((key, node)) = frame.next_child(self.doc) else {
                self.close(&frame, open.len());
                continue;
            };
            if frame.has_children {
                self.out.push(b',');
            }
            frame.has_children = true;
            open.push(frame);
            self.line(open.len());
            self.key(key);
            self.value(node, &mut open);
        }
        check_len(self.out.len())
    }

    /// Writes a scalar, or opens a container.
    fn value(&mut self, node: NodeId, open: &mut Vec<Frame>) {
        match self.doc.value(node) {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Number(span) => self.number(span),
            Value::String(span) => self.string(span),
            Value::Array(items) => {
                self.out.push(b'[');
                open.push(Frame::new(b']', Children::Items(items)));
            }
            Value::Object(members) => {
                self.out.push(b'{');
                let members = if self.keeps_order {
                    Children::Ordered(in_order(self.doc, members))
                } else {
                    Children::Members(members)
                };
                open.push(Frame::new(b'}', members));
            }
        }
    }

    fn key(&mut self, key: Option<Span>) {
        if let Some(key) = key {
            self.string(key);
            self.out.push(b':');
            if self.is_indented {
                self.out.push(b' ');
            }
        }
    }

    fn close(&mut self, frame: &Frame, depth: usize) {
        if frame.has_children {
            self.line(depth);
        }
        self.out.push(frame.close);
    }

    fn line(&mut self, depth: usize) {
        if self.is_indented {
            self.out.push(b'\n');
            let indent = 2 * depth.min(MAX_INDENT);
            self.out.resize(self.out.len() + indent, b' ');
        }
    }

    fn string(&mut self, span: Span) {
        let text = self.doc.text(span);
        if self.doc.is_source(span) {
            // As it was written: it had no escapes, and needs none.
            self.out.push(b'"');
            self.out.extend_from_slice(text);
            self.out.push(b'"');
        } else {
            write_quoted(text, &mut self.out);
        }
    }

    fn number(&mut self, span: Span) {
        let text = self.doc.text(span);
        match (self.numbers, rounded(text)) {
            (Numbers::Rounded, Some(rounded)) => self.out.extend_from_slice(rounded.as_bytes()),
            _ => self.out.extend_from_slice(text),
        }
    }
}

/// A container that is being written.
struct Frame {
    close: u8,
    children: Children,
    next: usize,
    has_children: bool,
}

enum Children {
    Items(Span),
    Members(Span),
    /// Keys and values, in the order they were read in.
    Ordered(Vec<(Span, NodeId)>),
}

impl Frame {
    fn new(close: u8, children: Children) -> Self {
        Self {
            close,
            children,
            next: 0,
            has_children: false,
        }
    }

    /// The next child that isn't ignored, and its key in an object.
    fn next_child(&mut self, doc: &Document<'_>) -> Option<(Option<Span>, NodeId)> {
        loop {
            let at = self.next;
            self.next += 1;
            let (key, node) = match &self.children {
                Children::Items(items) => (None, *doc.items(*items).get(at)?),
                Children::Members(members) => {
                    let member = doc.members(*members).get(at)?;
                    (Some(member.key), member.value)
                }
                Children::Ordered(members) => {
                    let &(key, node) = members.get(at)?;
                    (Some(key), node)
                }
            };
            if node != IGNORED {
                return Some((key, node));
            }
        }
    }
}

/// The members of an object in the order they were read in.
pub(crate) fn in_order(doc: &Document<'_>, object: Span) -> Vec<(Span, NodeId)> {
    let mut members = doc.members(object).to_vec();
    members.sort_unstable_by_key(|member| member.order);
    members
        .iter()
        .map(|member| (member.key, member.value))
        .collect()
}

/// A number with a fraction or an exponent, rounded to a whole one, halves to even; `None` for
/// whole numbers, and for what no float holds.
fn rounded(number: &[u8]) -> Option<String> {
    let is_whole = !number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    let float: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    (!is_whole && float.is_finite()).then(|| format!("{float:.0}"))
}

pub(crate) fn check_len(len: usize) -> Result<(), DiffError> {
    if len > MAX_OUTPUT_BYTES {
        return Err(DiffError::TooLarge {
            bytes: len,
            limit: MAX_OUTPUT_BYTES,
        });
    }
    Ok(())
}

/// Lengths of the compact texts of all nodes; one that is aliased counts wherever it stands.
pub(crate) fn compact_lens(doc: &Document<'_>) -> Vec<u64> {
    let mut lens: Vec<u64> = Vec::with_capacity(doc.len());
    for node in 0..doc.len() as NodeId {
        let len = compact_len(doc, node, &lens);
        lens.push(len);
    }
    lens
}

/// Length of the compact text of a node whose children's are known.
pub(crate) fn compact_len(doc: &Document<'_>, node: NodeId, lens: &[u64]) -> u64 {
    let of = |child: NodeId| lens[child as usize];
    match doc.value(node) {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(span) => span.len.into(),
        Value::String(span) => quoted_len(doc, span),
        Value::Array(items) => doc
            .items(items)
            .iter()
            .filter(|&&item| item != IGNORED)
            .fold(1, |sum: u64, &item| sum.saturating_add(of(item) + 1))
            .max(2),
        Value::Object(members) => doc
            .members(members)
            .iter()
            .fold(1, |sum: u64, member| {
                let key = quoted_len(doc, member.key);
                sum.saturating_add(key)
                    .saturating_add(of(member.value))
                    .saturating_add(2)
            })
            .max(2),
    }
}

fn quoted_len(doc: &Document<'_>, span: Span) -> u64 {
    let len = if doc.is_source(span) {
        span.len as usize
    } else {
        escaped_len(doc.text(span))
    };
    len as u64 + 2
}
