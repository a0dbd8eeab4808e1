//! Merge patches (RFC 7396) from two documents. It applies none.

use super::document::{Document, Member, NodeId, Span, Value};
use super::intern::Classes;
use super::print::{check_len, write_compact};
use super::string::write_quoted;
use crate::DiffError;
use crate::search::Limits;

/// The merge patch from one document to another; `None` if there is none, because it would have
/// to set a member to null, which means removing it.
///
/// # Errors
///
/// [`DiffError::Cancelled`] and [`DiffError::TooLarge`].
pub(super) fn merge_patch(
    old: &Document<'_>,
    new: &Document<'_>,
    limits: &mut Limits<'_>,
) -> Result<Option<Vec<u8>>, DiffError> {
    let mut writer = Writer {
        classes: Classes::of(old, new, limits)?,
        nullish: nullish(new),
        old,
        new,
        open: Vec::new(),
        out: Vec::new(),
    };
    let is_expressible = writer.pair(old.root(), new.root())? && writer.rest(limits)?;
    Ok(is_expressible.then_some(writer.out))
}

/// Which values a merge patch can't set: objects with a member that is null, or is such an object.
/// Arrays are set as they are.
fn nullish(doc: &Document<'_>) -> Vec<bool> {
    let mut nullish: Vec<bool> = Vec::with_capacity(doc.len());
    for node in 0..doc.len() as NodeId {
        let has_null = |member: &Member| {
            doc.value(member.value) == Value::Null || nullish[member.value as usize]
        };
        let is_nullish = match doc.value(node) {
            Value::Object(members) => doc.members(members).iter().any(has_null),
            _ => false,
        };
        nullish.push(is_nullish);
    }
    nullish
}

struct Writer<'d, 't> {
    old: &'d Document<'t>,
    new: &'d Document<'t>,
    classes: Classes,
    nullish: Vec<bool>,
    open: Vec<Frame>,
    out: Vec<u8>,
}

/// Two objects that are being compared, and how far.
struct Frame {
    old: (Span, usize),
    new: (Span, usize),
    is_empty: bool,
}

/// What a merge patch says of a key.
enum Said {
    Removed(Span),
    Set(Span, NodeId),
    Both(Span, NodeId, NodeId),
}

impl Writer<'_, '_> {
    fn rest(&mut self, limits: &mut Limits<'_>) -> Result<bool, DiffError> {
        while let Some(mut frame) = self.open.pop() {
            limits.spend(1)?;
            let Some(said) = self.next(&mut frame) else {
                self.out.push(b'}');
                continue;
            };
            if !self.member(frame, said)? {
                return Ok(false);
            }
            check_len(self.out.len())?;
        }
        Ok(true)
    }

    /// Says whether the key could be expressed.
    fn member(&mut self, mut frame: Frame, said: Said) -> Result<bool, DiffError> {
        let is_same = |old, new| self.classes.of_old(old) == self.classes.of_new(new);
        if let Said::Both(_, old, new) = said
            && is_same(old, new)
        {
            self.open.push(frame);
            return Ok(true);
        }
        if !frame.is_empty {
            self.out.push(b',');
        }
        frame.is_empty = false;
        self.open.push(frame);
        let key = match said {
            Said::Removed(key) => self.old.text(key),
            Said::Set(key, _) | Said::Both(key, ..) => self.new.text(key),
        };
        write_quoted(key, &mut self.out);
        self.out.push(b':');
        match said {
            Said::Removed(_) => self.out.extend_from_slice(b"null"),
            Said::Set(_, new) => return self.member_value(new),
            Said::Both(_, old, new) if self.are_objects(old, new) => return self.pair(old, new),
            Said::Both(_, _, new) => return self.member_value(new),
        }
        Ok(true)
    }

    /// The next key that either object has.
    fn next(&self, frame: &mut Frame) -> Option<Said> {
        let old = self.old.members(frame.old.0).get(frame.old.1);
        let new = self.new.members(frame.new.0).get(frame.new.1);
        let (text_old, text_new) = (
            |m: &Member| self.old.text(m.key),
            |m: &Member| self.new.text(m.key),
        );
        match (old, new) {
            (Some(old), Some(new)) if text_old(old) == text_new(new) => {
                frame.old.1 += 1;
                frame.new.1 += 1;
                Some(Said::Both(new.key, old.value, new.value))
            }
            (Some(old), new) if new.is_none_or(|new| text_old(old) < text_new(new)) => {
                frame.old.1 += 1;
                Some(Said::Removed(old.key))
            }
            (_, Some(new)) => {
                frame.new.1 += 1;
                Some(Said::Set(new.key, new.value))
            }
            _ => None,
        }
    }

    fn are_objects(&self, old: NodeId, new: NodeId) -> bool {
        let values = (self.old.value(old), self.new.value(new));
        matches!(values, (Value::Object(_), Value::Object(_)))
    }

    /// Opens two objects, or sets the new value.
    fn pair(&mut self, old: NodeId, new: NodeId) -> Result<bool, DiffError> {
        let (Value::Object(old), Value::Object(members)) =
            (self.old.value(old), self.new.value(new))
        else {
            return self.set(new);
        };
        self.out.push(b'{');
        self.open.push(Frame {
            old: (old, 0),
            new: (members, 0),
            is_empty: true,
        });
        Ok(true)
    }

    /// Sets a member; null would remove it.
    fn member_value(&mut self, new: NodeId) -> Result<bool, DiffError> {
        Ok(self.new.value(new) != Value::Null && self.set(new)?)
    }

    fn set(&mut self, new: NodeId) -> Result<bool, DiffError> {
        if self.nullish[new as usize] {
            return Ok(false);
        }
        write_compact(self.new, new, false, &mut self.out)?;
        Ok(true)
    }
}
