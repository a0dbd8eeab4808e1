//! Numbers as text: their grammar, and when two of them have the same value. No floats.

/// Length of the JSON number at the start of `text`; `None` if there is none (RFC 8259, 6).
pub(crate) fn number_len(text: &[u8]) -> Option<usize> {
    let sign = usize::from(text.first() == Some(&b'-'));
    let whole = digits(&text[sign..]);
    if whole == 0 || (whole > 1 && text[sign] == b'0') {
        return None;
    }
    let mut len = sign + whole;
    if text.get(len) == Some(&b'.') {
        let fraction = digits(&text[len + 1..]);
        if fraction == 0 {
            return None;
        }
        len += 1 + fraction;
    }
    if let Some(b'e' | b'E') = text.get(len) {
        let sign = usize::from(matches!(text.get(len + 1), Some(b'+' | b'-')));
        let exponent = digits(&text[len + 1 + sign..]);
        if exponent == 0 {
            return None;
        }
        len += 1 + sign + exponent;
    }
    Some(len)
}

pub(crate) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Says whether two JSON numbers have the same value, exactly: `1`, `1.0` and `10e-1` do, as
/// RFC 6902 (4.6) asks. Exponents of more than 17 digits are compared as they are written.
///
/// Complexity: that of reading both.
pub(crate) fn are_equal(a: &[u8], b: &[u8]) -> bool {
    a == b
        || match (Decimal::of(a), Decimal::of(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
}

/// `0.DIGITS × 10^exponent`, where the digits begin and end with none that is zero.
struct Decimal<'t> {
    is_negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    exponent: i64,
}

impl<'t> Decimal<'t> {
    fn of(text: &'t [u8]) -> Option<Self> {
        let unsigned = text.strip_prefix(b"-").unwrap_or(text);
        let (whole, rest) = unsigned.split_at(digits(unsigned));
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => rest.split_at(digits(rest)),
            None => (&[][..], rest),
        };
        let exponent = exponent(rest)?;
        let whole = trim_start(whole);
        let fraction = trim_end(fraction);
        if whole.is_empty() {
            return Some(Self::of_fraction(fraction, exponent, unsigned != text));
        }
        Some(Self {
            is_negative: unsigned != text,
            exponent: exponent + whole.len() as i64,
            whole: if fraction.is_empty() {
                trim_end(whole)
            } else {
                whole
            },
            fraction,
        })
    }

    /// Zero has no digits, no sign and no exponent.
    fn of_fraction(fraction: &'t [u8], exponent: i64, is_negative: bool) -> Self {
        let significant = trim_start(fraction);
        let is_zero = significant.is_empty();
        let zeros = (fraction.len() - significant.len()) as i64;
        Self {
            is_negative: is_negative && !is_zero,
            whole: &[],
            fraction: significant,
            exponent: if is_zero { 0 } else { exponent - zeros },
        }
    }

    fn digits(&self) -> impl Iterator<Item = &u8> {
        self.whole.iter().chain(self.fraction)
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.is_negative, self.exponent) == (other.is_negative, other.exponent)
            && self.digits().eq(other.digits())
    }
}

/// The exponent behind `e` or `E`; 0 if there is none, `None` if it is too long to be added to.
fn exponent(text: &[u8]) -> Option<i64> {
    let Some((_, digits)) = text.split_first() else {
        return Some(0);
    };
    let (is_negative, digits) = match digits {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let digits = trim_start(digits);
    if digits.len() > 17 {
        return None;
    }
    let value = digits
        .iter()
        .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some(if is_negative { -value } else { value })
}

fn trim_start(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    &digits[zeros..]
}

fn trim_end(digits: &[u8]) -> &[u8] {
    let zeros = digits
        .iter()
        .rev()
        .take_while(|&&digit| digit == b'0')
        .count();
    &digits[..digits.len() - zeros]
}

#[cfg(test)]
mod tests {
    use super::{are_equal, number_len};

    #[test]
    fn numbers_are_equal_by_value() {
        for (a, b) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("100", "1e2"),
            ("-0", "0.000e7"),
            ("0.001", "1E-3"),
            ("120.50", "1205e-1"),
            ("1e400", "10e399"),
            ("9007199254740993", "9007199254740993.0"),
        ] {
            assert!(are_equal(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
        for (a, b) in [
            ("1", "-1"),
            ("1", "10"),
            ("0.1", "0.01"),
            ("9007199254740993", "9007199254740992"),
            ("1e400", "1e401"),
            ("1e999999999999999999", "1e999999999999999998"),
        ] {
            assert!(!are_equal(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }

    #[test]
    fn only_the_grammar_of_json_is_a_number() {
        for text in ["0", "-0", "10", "1.5", "1e5", "1E+5", "-1.50e-05"] {
            assert_eq!(number_len(text.as_bytes()), Some(text.len()), "{text}");
        }
        for text in ["", "-", "01", "1.", ".5", "1e", "1e+", "+1", "- 1"] {
            assert_eq!(number_len(text.as_bytes()), None, "{text}");
        }
        assert_eq!(number_len(b"0x10"), Some(1));
    }
}
