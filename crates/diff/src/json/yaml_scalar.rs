//! What a plain scalar of YAML is, by the core schema (YAML 1.2.2, 10.3). It knows no documents.

use std::borrow::Cow;

use granit_parser::Tag;

use super::number::{digits, number_len};

/// A scalar as JSON has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scalar<'t> {
    Null,
    Bool(bool),
    /// A number of JSON: as it was written where JSON has that form, with the same digits else.
    Number(Cow<'t, str>),
    Text,
}

/// Resolves a scalar. Quoted ones and those tagged `!!str` or `!` are text; every other tag is as
/// none. Infinities and NaN, which JSON doesn't have, and hexadecimal or octal numbers of more than
/// 128 bits are text.
pub(super) fn resolve<'t>(text: &'t str, is_plain: bool, tag: Option<&Tag>) -> Scalar<'t> {
    let is_text = tag.is_some_and(|tag| {
        let tag = (tag.handle(), tag.suffix());
        matches!(tag, ("tag:yaml.org,2002:", "str") | ("" | "!", "" | "!"))
    });
    if is_text || !is_plain {
        return Scalar::Text;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => number(text).map_or(Scalar::Text, Scalar::Number),
    }
}

fn number(text: &str) -> Option<Cow<'_, str>> {
    if number_len(text.as_bytes()) == Some(text.len()) {
        return Some(Cow::Borrowed(text));
    }
    let other_base = |prefix, base| {
        let digits: &str = text.strip_prefix(prefix)?;
        let is_unsigned = digits.starts_with(|first: char| first.is_ascii_hexdigit());
        let value = u128::from_str_radix(digits, base)
            .ok()
            .filter(|_| is_unsigned)?;
        Some(Cow::Owned(value.to_string()))
    };
    other_base("0x", 16)
        .or_else(|| other_base("0o", 8))
        .or_else(|| decimal(text).map(Cow::Owned))
}

/// A decimal number that JSON would write differently: `+1`, `007`, `.5`, `1.`.
fn decimal(text: &str) -> Option<String> {
    let (sign, unsigned) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (whole, rest) = unsigned.split_at(digits(unsigned.as_bytes()));
    let (fraction, exponent) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest.as_bytes())),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = match (rest.starts_with('.'), fraction) {
        (false, _) => String::new(),
        (true, "") => ".0".to_owned(),
        (true, digits) => format!(".{digits}"),
    };
    let number = format!("{sign}{whole}{fraction}{exponent}");
    (number_len(number.as_bytes()) == Some(number.len())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{Scalar, resolve};

    #[test]
    fn plain_scalars_are_what_the_core_schema_says() {
        for (text, number) in [
            ("1", "1"),
            ("-0", "-0"),
            ("+12", "12"),
            ("007", "7"),
            ("-00", "-0"),
            ("0x1F", "31"),
            ("0o17", "15"),
            (".5", "0.5"),
            ("+.5e3", "0.5e3"),
            ("1.", "1.0"),
            ("1.50", "1.50"),
            ("01.5E+03", "1.5E+03"),
            ("12345678901234567890123", "12345678901234567890123"),
        ] {
            let resolved = resolve(text, true, None);
            assert_eq!(resolved, Scalar::Number(number.into()), "{text}");
        }
        for text in [
            "yes",
            "on",
            "1_000",
            ".",
            "-",
            "+",
            "0x",
            "0x+1",
            "1e",
            "1.e",
            ".inf",
            "-.INF",
            ".nan",
            "1:30",
            "2026-11-21",
            "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "- 1",
            "0b1",
            "tRue",
        ] {
            assert_eq!(resolve(text, true, None), Scalar::Text, "{text}");
        }
        assert_eq!(resolve("~", true, None), Scalar::Null);
        assert_eq!(resolve("TRUE", true, None), Scalar::Bool(true));
        assert_eq!(resolve("1", false, None), Scalar::Text);
    }
}
