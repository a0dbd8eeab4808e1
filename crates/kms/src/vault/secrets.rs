//! Secrets on their way to and from Vault: erased when dropped, never printed, as far as the HTTP library lets us.
//! What it copies into its own buffers (headers, TLS records, answers as they arrive) is not erased.

use std::fmt;

use base64_simd::{AsOut, STANDARD};
use bytes::Bytes;
use reqwest::header::HeaderValue;
use sealdiff_envelope::{KEY_LEN_BYTES, SecretKey};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use zeroize::Zeroizing;

/// Length of a key in base64, in characters.
const ENCODED_KEY_LEN: usize = KEY_LEN_BYTES.div_ceil(3) * 4;

/// A password, token or the like from the caller.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for the call that sends it and no longer.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(redacted)")
    }
}

/// A client token, as the value of its header.
#[derive(Clone, PartialEq)]
pub(super) struct Token(HeaderValue);

impl Token {
    /// `None` unless it can be sent in a header.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let is_sendable = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let mut value =
            HeaderValue::from_maybe_shared(erased_when_dropped(text.as_bytes())).ok()?;
        value.set_sensitive(true);
        is_sendable.then_some(Self(value))
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// Straight from the answer into the header: no string in between.
impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(Self::from_text))
    }
}

/// A system key in base64, decoded straight into the key's own memory.
pub(super) struct EncodedKey(pub(super) Option<SecretKey>);

impl<'de> Deserialize<'de> for EncodedKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(|text: &str| Some(Self(decode_key(text)))))
    }
}

struct TextVisitor<F>(F);

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).ok_or_else(|| E::custom("an unusable string"))
    }
}

fn decode_key(text: &str) -> Option<SecretKey> {
    // One `=`: 32 bytes exactly. The decoder panics where its output is too short.
    let is_padded = text.ends_with('=') && !text.ends_with("==");
    if text.len() != ENCODED_KEY_LEN || !is_padded {
        return None;
    }
    SecretKey::filled_by(|key| {
        let decoded = STANDARD
            .decode(text.as_bytes(), key.as_mut_slice().as_out())
            .map_err(drop)?;
        if decoded.len() == KEY_LEN_BYTES {
            Ok(())
        } else {
            Err(())
        }
    })
    .ok()
}

/// A system key in base64.
pub(super) fn encode_key(key: &SecretKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(ENCODED_KEY_LEN));
    STANDARD.encode_append(key.expose(), &mut *text);
    text
}

/// The JSON object of these strings.
pub(super) fn json_object(members: &[(&str, &str)]) -> Bytes {
    /// An escaped byte has at most six characters.
    const MAX_ESCAPED_LEN: usize = 6;
    const PUNCTUATION_LEN: usize = 8;
    let len = |(name, value): &(&str, &str)| {
        (name.len() + value.len()) * MAX_ESCAPED_LEN + PUNCTUATION_LEN
    };
    // Never grown: a buffer that is moved leaves a copy behind.
    let capacity = members.iter().map(len).sum::<usize>() + PUNCTUATION_LEN;
    let mut json = Zeroizing::new(Vec::with_capacity(capacity));
    json.push(b'{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            json.push(b',');
        }
        append_json_string(&mut json, name);
        json.push(b':');
        append_json_string(&mut json, value);
    }
    json.push(b'}');
    debug_assert!(json.len() <= capacity, "the buffer was never moved");
    Bytes::from_owner(json)
}

fn append_json_string(json: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(json, text).expect("writing a string to memory can't fail");
}

fn erased_when_dropped(bytes: &[u8]) -> Bytes {
    Bytes::from_owner(Zeroizing::new(bytes.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_printed() {
        let token = Token::from_text("hvs.secret").unwrap();
        let text = SecretText::new("hvs.secret".to_owned());
        let printed = format!("{token:?} {text:?} {:?}", token.header());
        assert!(!printed.contains("hvs"), "{printed}");
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_none() {
        for bad in ["", "a b", "a\n", "ü", "a\0"] {
            assert!(Token::from_text(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn json_is_escaped_and_fits_its_buffer() {
        let nasty = "\u{1}\"\\\u{7f}ü".repeat(50);
        let json = json_object(&[("role", "a\"b"), ("jwt", &nasty)]);
        let parsed: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(parsed, serde_json::json!({ "role": "a\"b", "jwt": nasty }));
        assert_eq!(json_object(&[]), "{}");
    }

    #[test]
    fn a_key_survives_base64_and_only_32_bytes_are_a_key() {
        let key = SecretKey::from_slice(&[0xA7; 32]).unwrap();
        let json = json_object(&[("key", &encode_key(&key))]);
        let read = |json: &[u8]| -> Option<SecretKey> {
            let mut parsed: std::collections::HashMap<String, EncodedKey> =
                serde_json::from_slice(json).unwrap();
            parsed.remove("key").unwrap().0
        };
        assert_eq!(read(&json).unwrap().expose(), key.expose());
        for bad in [
            "",
            "AAAA",
            &"A".repeat(44),
            &format!("{}==", "A".repeat(42)),
            &"-".repeat(44),
        ] {
            assert!(read(&json_object(&[("key", bad)])).is_none(), "{bad:?}");
        }
    }
}
