//! How a fuzz input is read: choices in its first bytes, texts behind them.

/// Stands between texts: the record separator of ASCII, which no text needs.
const SEPARATOR: u8 = 0x1E;

/// What is left of a fuzz input. An input that ends early has zeros and empty texts.
#[derive(Debug, Clone, Copy)]
pub struct Input<'d>(&'d [u8]);

impl<'d> Input<'d> {
    /// Starts at the first choice.
    pub fn new(data: &'d [u8]) -> Self {
        Self(data)
    }

    /// The next choice.
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        byte
    }

    /// All that is left.
    pub fn rest(self) -> &'d [u8] {
        self.0
    }

    /// All that is left, in so many texts; the last one has the separators that are too many.
    pub fn parts<const N: usize>(self) -> [&'d [u8]; N] {
        let mut texts = self.0.splitn(N, |&byte| byte == SEPARATOR);
        std::array::from_fn(|_| texts.next().unwrap_or_default())
    }
}
