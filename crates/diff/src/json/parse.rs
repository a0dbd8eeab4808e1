//! Reads JSON text (RFC 8259) into a document. It knows no YAML and no difference.

use super::Syntax;
use super::builder::Builder;
use super::document::{Document, Span, Value};
use super::number::number_len;
use super::string::{decode, invalid_at};
use crate::DiffError;
use crate::search::Limits;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a document. There is no limit of depth: containers that are open are on a stack.
///
/// # Errors
///
/// [`DiffError::TooLarge`], [`DiffError::Cancelled`], and a [`Syntax`] error.
pub(crate) fn parse<'t>(text: &'t [u8], limits: &mut Limits<'_>) -> Result<Document<'t>, Syntax> {
    let mut parser = Parser {
        text,
        at: 0,
        has_surrogates: std::str::from_utf8(text).is_err(),
        builder: Builder::new(Document::over(text)?),
    };
    if let Some(at) = parser.has_surrogates.then(|| invalid_at(text)).flatten() {
        return Err(Syntax::at(text, at, "the text is not UTF-8"));
    }
    if text.starts_with(BYTE_ORDER_MARK) {
        parser.at = BYTE_ORDER_MARK.len();
    }
    match parser.document(limits) {
        Ok(()) => Ok(parser.builder.finish()),
        Err(Stop::Limit(error)) => Err(error.into()),
        Err(Stop::Mistake(reason)) => Err(Syntax::at(text, parser.at, reason)),
    }
}

/// Why reading ends early.
enum Stop {
    Limit(DiffError),
    /// Something is wrong where the parser stands.
    Mistake(&'static str),
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    /// The text holds lone surrogates as they are, which have to be joined with escaped ones.
    has_surrogates: bool,
    builder: Builder<'t>,
}

impl Parser<'_> {
    fn document(&mut self, limits: &mut Limits<'_>) -> Result<(), Stop> {
        loop {
            limits.spend(1).map_err(Stop::Limit)?;
            if self.value()? && self.ends()? {
                break;
            }
        }
        match self.next() {
            None => Ok(()),
            Some(_) => Err(Stop::Mistake("text follows the document")),
        }
    }

    /// Reads a value, or the begin of a container that isn't empty; says whether it is whole.
    fn value(&mut self) -> Result<bool, Stop> {
        let value = match self.next() {
            Some(b'{') => return self.begin(b'}'),
            Some(b'[') => return self.begin(b']'),
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(b't') => self.literal(b"true", Value::Bool(true))?,
            Some(b'f') => self.literal(b"false", Value::Bool(false))?,
            Some(b'n') => self.literal(b"null", Value::Null)?,
            Some(_) => return Err(Stop::Mistake("a value was expected")),
            None => return Err(Stop::Mistake("the text ends where a value was expected")),
        };
        self.builder.scalar(value);
        Ok(true)
    }

    fn begin(&mut self, close: u8) -> Result<bool, Stop> {
        self.at += 1;
        let is_object = close == b'}';
        self.builder.begin(is_object);
        if self.next() == Some(close) {
            self.at += 1;
            self.builder.end();
            return Ok(true);
        }
        if is_object {
            self.key()?;
        }
        Ok(false)
    }

    /// Closes containers after a value; says whether the root is closed, else the next value
    /// follows.
    fn ends(&mut self) -> Result<bool, Stop> {
        while let Some(is_object) = self.builder.is_in_object() {
            match (self.next(), is_object) {
                (Some(b','), _) => {
                    self.at += 1;
                    if is_object {
                        self.key()?;
                    }
                    return Ok(false);
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    self.at += 1;
                    self.builder.end();
                }
                (Some(_), true) => return Err(Stop::Mistake("',' or '}' was expected")),
                (Some(_), false) => return Err(Stop::Mistake("',' or ']' was expected")),
                (None, _) => return Err(Stop::Mistake("the text ends inside of a container")),
            }
        }
        Ok(true)
    }

    fn key(&mut self) -> Result<(), Stop> {
        if self.next() != Some(b'"') {
            return Err(Stop::Mistake("a key in quotes was expected"));
        }
        let key = self.string()?;
        if self.next() != Some(b':') {
            return Err(Stop::Mistake("':' was expected"));
        }
        self.at += 1;
        self.builder.key(key);
        Ok(())
    }

    /// The next byte that isn't white space.
    fn next(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += rest.iter().take_while(is_blank).count();
        self.text.get(self.at).copied()
    }

    fn literal(&mut self, word: &[u8], value: Value) -> Result<Value, Stop> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Stop::Mistake("a value was expected"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Span, Stop> {
        let len = number_len(&self.text[self.at..]);
        let len = len.ok_or(Stop::Mistake("a number is malformed"))?;
        let span = Span::new(self.at, len);
        self.at += len;
        Ok(span)
    }

    /// A string: a stretch of the source, unless something in it must be decoded.
    fn string(&mut self) -> Result<Span, Stop> {
        let start = self.at + 1;
        let (end, is_plain) = self.string_end(start)?;
        let content = &self.text[start..end];
        self.at = start;
        let span = if is_plain && !content.is_empty() {
            Span::new(start, end - start)
        } else {
            let from = self.builder.decoded().len();
            decode(content, self.builder.decoded()).map_err(|(offset, reason)| {
                self.at += offset;
                Stop::Mistake(reason)
            })?;
            self.builder.decoded_since(from)
        };
        self.at = end + 1;
        Ok(span)
    }

    /// Where the quote is that ends a string, and whether the string is as it is written.
    fn string_end(&mut self, start: usize) -> Result<(usize, bool), Stop> {
        let mut at = start;
        let mut is_plain = true;
        loop {
            match self.text.get(at) {
                Some(b'"') => return Ok((at, is_plain)),
                Some(b'\\') => {
                    is_plain = false;
                    at += 2;
                }
                Some(0..=0x1F) => {
                    self.at = at;
                    return Err(Stop::Mistake("a control character stands in a string"));
                }
                Some(byte) => {
                    is_plain &= !(self.has_surrogates && *byte == 0xED);
                    at += 1;
                }
                None => return Err(Stop::Mistake("a string has no end")),
            }
        }
    }
}
