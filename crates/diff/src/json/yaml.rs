//! Reads YAML 1.2 into a document, from the events of `granit-parser`. It knows no difference.

use std::collections::HashSet;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::Syntax;
use super::builder::Builder;
use super::document::{Document, MAX_TEXT_BYTES, Member, NodeId, Span, Value};
use super::print::compact_len;
use super::yaml_scalar::{self, Scalar};
use crate::DiffError;
use crate::search::Limits;

/// Bytes that the values of all aliases may have together, as compact JSON: a few lines of aliases
/// of aliases stand for gigabytes.
const MAX_ALIAS_BYTES: u64 = 16 << 20;

/// Stands for `<<`, the key whose value is merged; no text is there.
const MERGE: Span = Span {
    start: u32::MAX,
    len: 0,
};

/// Reads the only document of a text; one without any is null.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`], and a [`Syntax`] error.
pub(crate) fn parse<'t>(text: &[u8], limits: &mut Limits<'_>) -> Result<Document<'t>, Syntax> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Syntax::Other(DiffError::TooLarge {
            bytes: text.len(),
            limit: MAX_TEXT_BYTES,
        }));
    }
    let text = std::str::from_utf8(text)
        .map_err(|error| Syntax::at(text, error.valid_up_to(), "the text is not UTF-8"))?;
    let mut reader = Reader {
        builder: Builder::new(Document::default()),
        lens: Vec::new(),
        open: Vec::new(),
        anchors: Vec::new(),
        alias_bytes: 0,
        documents: 0,
    };
    for next in Parser::new_from_str(text) {
        limits.spend(1)?;
        let (event, span) = next.map_err(|error| scan_error(&error))?;
        reader.event(event).map_err(|reason| Syntax::Invalid {
            line: span.start.line(),
            reason,
        })?;
    }
    if reader.documents == 0 {
        reader.builder.scalar(Value::Null);
    }
    Ok(reader.builder.finish())
}

/// The parser's own messages may quote the text.
fn scan_error(error: &ScanError) -> Syntax {
    Syntax::Invalid {
        line: error.marker().line(),
        reason: "the YAML is malformed, or has more than 255 levels",
    }
}

struct Reader<'t> {
    builder: Builder<'t>,
    /// Lengths of the nodes' compact texts.
    lens: Vec<u64>,
    open: Vec<Open>,
    /// Nodes by the number of their anchor.
    anchors: Vec<Option<NodeId>>,
    alias_bytes: u64,
    documents: usize,
}

struct Open {
    anchor: usize,
    is_object: bool,
    has_key: bool,
    has_merges: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err("a second document begins");
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                return self.scalar(&text, style, anchor, tag.as_deref());
            }
            Event::SequenceStart(_, anchor, _) => return self.begin(false, anchor),
            Event::MappingStart(_, anchor, _) => return self.begin(true, anchor),
            Event::SequenceEnd | Event::MappingEnd => return self.end(),
            Event::Alias(anchor) => return self.alias(anchor),
            _ => {}
        }
        Ok(())
    }

    /// Whether the next node is a key.
    fn wants_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.is_object && !open.has_key)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), &'static str> {
        let is_plain = style == ScalarStyle::Plain;
        if self.wants_key() {
            let is_merge = is_plain && tag.is_none() && text == "<<";
            let key = self.text(text);
            if anchor > 0 {
                let node = self.builder.push(Value::String(key));
                self.made(node, anchor);
            }
            self.key(if is_merge { MERGE } else { key });
            return Ok(());
        }
        let value = match yaml_scalar::resolve(text, is_plain, tag) {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Number(number) => Value::Number(self.text(&number)),
            Scalar::Text => Value::String(self.text(text)),
        };
        let node = self.builder.scalar(value);
        self.made(node, anchor);
        self.value_is_there();
        Ok(())
    }

    fn key(&mut self, key: Span) {
        self.builder.key(key);
        if let Some(open) = self.open.last_mut() {
            open.has_key = true;
            open.has_merges |= key == MERGE;
        }
    }

    fn value_is_there(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.has_key = false;
        }
    }

    fn text(&mut self, text: &str) -> Span {
        let start = self.builder.decoded().len();
        self.builder.decoded().extend_from_slice(text.as_bytes());
        self.builder.decoded_since(start)
    }

    /// Notes what is known of a node that was just made.
    fn made(&mut self, node: NodeId, anchor: usize) {
        let len = compact_len(&self.builder.doc, node, &self.lens);
        self.lens.push(len);
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(node);
        }
    }

    fn begin(&mut self, is_object: bool, anchor: usize) -> Result<(), &'static str> {
        if self.wants_key() {
            return Err("a key is no scalar");
        }
        self.builder.begin(is_object);
        self.open.push(Open {
            anchor,
            is_object,
            has_key: false,
            has_merges: false,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        if open.is_object {
            let merged = if open.has_merges {
                self.take_merged()?
            } else {
                Vec::new()
            };
            if self.builder.has_duplicates() {
                return Err("a mapping ends that has a key twice");
            }
            self.add_merged(&merged)?;
        }
        let node = self.builder.end();
        self.made(node, open.anchor);
        self.value_is_there();
        Ok(())
    }

    fn alias(&mut self, anchor: usize) -> Result<(), &'static str> {
        let node = self.anchors.get(anchor).copied().flatten();
        let node = node.ok_or("an alias stands inside of what it stands for")?;
        if self.wants_key() {
            let key = match self.builder.doc.value(node) {
                Value::String(text) | Value::Number(text) => text,
                _ => return Err("an alias that is a key is no text and no number"),
            };
            self.key(key);
            return Ok(());
        }
        self.alias_bytes = self.alias_bytes.saturating_add(self.lens[node as usize]);
        if self.alias_bytes > MAX_ALIAS_BYTES {
            return Err("aliases stand for more than 16 MiB");
        }
        self.builder.place(node);
        self.value_is_there();
        Ok(())
    }

    /// Takes the values of `<<` out of the innermost mapping: the mappings to be merged, the
    /// strongest first.
    fn take_merged(&mut self) -> Result<Vec<Span>, &'static str> {
        let first = self.builder.pending().len() - self.builder.children();
        let members = self.builder.pending().split_off(first);
        let (merged, own): (Vec<Member>, Vec<Member>) =
            members.into_iter().partition(|member| member.key == MERGE);
        self.builder.pending().extend(own);
        let doc = &self.builder.doc;
        let mut mappings = Vec::new();
        for Member { value, .. } in merged {
            match doc.value(value) {
                Value::Array(items) => mappings.extend(doc.items(items)),
                _ => mappings.push(value),
            }
        }
        let mapping = |node| match doc.value(node) {
            Value::Object(members) => Ok(members),
            _ => Err("what is merged is no mapping"),
        };
        mappings.into_iter().map(mapping).collect()
    }

    /// Adds the members of mappings whose keys aren't there yet.
    fn add_merged(&mut self, mappings: &[Span]) -> Result<(), &'static str> {
        if mappings.is_empty() {
            return Ok(());
        }
        let first = self.builder.pending().len() - self.builder.children();
        let own = self.builder.pending()[first..].to_vec();
        let doc = &self.builder.doc;
        let mut keys: HashSet<&[u8]> = own.iter().map(|member| doc.text(member.key)).collect();
        let mut added = Vec::new();
        for member in mappings.iter().flat_map(|&mapping| doc.members(mapping)) {
            if keys.insert(doc.text(member.key)) {
                added.push(*member);
            }
        }
        // Mappings that are merged into each other are as good as aliases.
        let lens = added.iter().map(|member| {
            let key = doc.text(member.key).len() as u64;
            key.saturating_add(self.lens[member.value as usize])
        });
        self.alias_bytes = lens.fold(self.alias_bytes, u64::saturating_add);
        if self.alias_bytes > MAX_ALIAS_BYTES {
            return Err("merged mappings stand for more than 16 MiB");
        }
        self.builder.pending().extend(added);
        Ok(())
    }
}
