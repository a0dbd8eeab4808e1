//! Which parts of a document are ignored: JSON Pointers with wildcards. It knows no values.

use super::pointer::tokens;
use crate::DiffError;

/// The most steps that all pointers together may have: each value of a document may be held
/// against each of them.
const MAX_STEPS: usize = 1000;

/// JSON Pointers (RFC 6901) in which `*` stands for any key or index, and `**` for any number of
/// them: none or more inside of a pointer, one or more at its end. So `/status/**` is all that is
/// in `status`, and `/**/uid` every `uid`. A key that is `*` itself can't be told from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignore {
    /// The steps of all pointers, one pointer after the other.
    steps: Vec<Step>,
    /// Where each pointer begins.
    starts: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(Vec<u8>),
    Any,
    AnyNumber,
    /// The pointer ends: what got here is ignored.
    End,
}

/// What the pointers may still match below a value: numbers of steps.
pub(super) type States = Vec<u16>;

/// The step to a child.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'k> {
    Key(&'k [u8]),
    Index(usize),
}

impl Ignore {
    /// # Errors
    ///
    /// [`DiffError::PointerInvalid`] for a pointer that neither is empty nor begins with `/`, that
    /// has a `~` before anything but `0` and `1`, that is empty (all of a document can't be
    /// ignored), or with which there are more than 1 000 steps.
    pub fn new<'p>(pointers: impl IntoIterator<Item = &'p [u8]>) -> Result<Self, DiffError> {
        let mut ignore = Self::default();
        for (index, pointer) in pointers.into_iter().enumerate() {
            let invalid = |reason| DiffError::PointerInvalid { index, reason };
            let tokens = tokens(pointer).map_err(invalid)?;
            if tokens.is_empty() {
                return Err(invalid("it is empty, which is the whole document"));
            }
            ignore.push(tokens.into_iter().map(|token| step(&token)));
            if ignore.steps.len() > MAX_STEPS {
                return Err(invalid("the pointers have more than 1000 steps"));
            }
        }
        Ok(ignore)
    }

    fn push(&mut self, steps: impl Iterator<Item = Step>) {
        self.starts.push(self.steps.len() as u16);
        self.steps.extend(steps);
        if self.steps.last() == Some(&Step::AnyNumber) {
            let last = self.steps.len() - 1;
            self.steps.insert(last, Step::Any);
        }
        self.steps.push(Step::End);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The states of the root.
    pub(super) fn at_root(&self) -> States {
        let mut states = States::new();
        for &start in &self.starts {
            self.enter(start, &mut states);
        }
        states
    }

    /// The states of a child; `None` if the child is ignored.
    pub(super) fn below(&self, states: &[u16], token: Token<'_>) -> Option<States> {
        let mut below = States::new();
        for &state in states {
            match &self.steps[usize::from(state)] {
                Step::AnyNumber => self.enter(state, &mut below),
                step if step.matches(token) => self.enter(state + 1, &mut below),
                _ => {}
            }
        }
        let ends = |&state: &u16| self.steps[usize::from(state)] == Step::End;
        (!below.iter().any(ends)).then_some(below)
    }

    /// Adds a state, and those that are reached from it without a step.
    fn enter(&self, mut state: u16, states: &mut States) {
        while !states.contains(&state) {
            states.push(state);
            if self.steps[usize::from(state)] != Step::AnyNumber {
                return;
            }
            state += 1;
        }
    }
}

impl Step {
    fn matches(&self, token: Token<'_>) -> bool {
        match (self, token) {
            (Self::Any, _) => true,
            (Self::Key(key), Token::Key(other)) => key == other,
            (Self::Key(key), Token::Index(index)) => key == index.to_string().as_bytes(),
            (Self::AnyNumber | Self::End, _) => false,
        }
    }
}

fn step(token: &[u8]) -> Step {
    match token {
        b"*" => Step::Any,
        b"**" => Step::AnyNumber,
        key => Step::Key(key.to_vec()),
    }
}
