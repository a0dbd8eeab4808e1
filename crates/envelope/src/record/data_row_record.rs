//! DataRowRecord: Asherah's JSON text of one encrypted record, its data row key travelling inside.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;

use super::base64;
use super::invalid;
use super::key_record::{KeyMeta, WireMeta};
use crate::clock::Timestamp;
use crate::error::EnvelopeError;

/// A record as read: everything but the base64 of its parts is still as the writer wrote it.
pub struct DataRowRecord {
    /// When the data row key was made.
    pub created: Timestamp,
    /// The data row key, wrapped by the intermediate key.
    pub encrypted_key: Vec<u8>,
    /// The intermediate key that wrapped it.
    pub parent: KeyMeta,
    /// `ciphertext(n) ‖ tag(16) ‖ nonce(12)`.
    pub data: Vec<u8>,
}

/// What the JSON text is longer than the base64 of key and data and the escaped key id, in bytes.
const MAX_ENCODED_OVERHEAD_BYTES: usize = 128;

/// Upper bound of the text's length for `len` bytes of plaintext and an escaped id of `id_len`.
#[must_use]
pub const fn encoded_len(len: usize, id_len: usize) -> usize {
    use crate::aead::gcm::{OVERHEAD_BYTES, WRAPPED_KEY_LEN_BYTES};
    base64::encoded_len(len + OVERHEAD_BYTES)
        + base64::encoded_len(WRAPPED_KEY_LEN_BYTES)
        + id_len
        + MAX_ENCODED_OVERHEAD_BYTES
}

impl DataRowRecord {
    /// Reads the JSON text that any Asherah implementation wrote: members in any order, unknown
    /// ones ignored, strings escaped in any way.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`].
    pub fn from_json(text: &[u8]) -> Result<Self, EnvelopeError> {
        let wire = Wire::parse(text)?;
        Ok(Self {
            created: Timestamp::from_unix_seconds(wire.key.created),
            encrypted_key: base64::decode(&wire.key.key)
                .ok_or(invalid("its key is not padded base64"))?,
            parent: wire.key.parent.into(),
            data: base64::decode(&wire.data).ok_or(invalid("its data is not padded base64"))?,
        })
    }

    /// The intermediate key that the text names: [`Self::from_json`] without decoding the rest.
    ///
    /// # Errors
    /// [`EnvelopeError::RecordInvalid`].
    pub(crate) fn parent_of(text: &[u8]) -> Result<KeyMeta, EnvelopeError> {
        Wire::parse(text).map(|wire| wire.key.parent.into())
    }

    /// Writes the text from its parts; `parent_json` is the finished `ParentKeyMeta` object.
    pub(crate) fn write_json(
        created: Timestamp,
        encrypted_key: &[u8],
        parent_json: &str,
        data: &[u8],
    ) -> String {
        let mut text = String::with_capacity(encoded_len(data.len(), parent_json.len()));
        text.push_str(r#"{"Key":{"Created":"#);
        text.push_str(&created.to_string());
        text.push_str(r#","Key":""#);
        base64::append(&mut text, encrypted_key);
        text.push_str(r#"","ParentKeyMeta":"#);
        text.push_str(parent_json);
        text.push_str(r#"},"Data":""#);
        base64::append(&mut text, data);
        text.push_str(r#""}"#);
        text
    }
}

impl fmt::Debug for DataRowRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataRowRecord")
            .field("created", &self.created)
            .field("parent", &self.parent)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .finish_non_exhaustive()
    }
}

/// The `ParentKeyMeta` object of `meta`, for [`DataRowRecord::write_json`].
pub(crate) fn parent_json(meta: &KeyMeta) -> String {
    let wire = WireMeta {
        key_id: Cow::Borrowed(&meta.id),
        created: meta.created.unix_seconds(),
    };
    serde_json::to_string(&wire).expect("strings and numbers are always JSON")
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "Key", borrow)]
    key: WireKey<'a>,
    #[serde(rename = "Data", borrow)]
    data: Cow<'a, str>,
}

impl<'a> Wire<'a> {
    fn parse(text: &'a [u8]) -> Result<Self, EnvelopeError> {
        serde_json::from_slice(text).map_err(|_syntax| invalid("not a DataRowRecord"))
    }
}

#[derive(Deserialize)]
struct WireKey<'a> {
    #[serde(rename = "Created")]
    created: u32,
    #[serde(rename = "Key", borrow)]
    key: Cow<'a, str>,
    #[serde(rename = "ParentKeyMeta", borrow)]
    parent: WireMeta<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_wrote_within_the_promised_length() {
        let meta = KeyMeta {
            id: "_IK_\"\u{1}\u{10FFFF}".into(),
            created: Timestamp::from_unix_seconds(60),
        };
        let parent = parent_json(&meta);
        let at = Timestamp::from_unix_seconds(u32::MAX);
        let text = DataRowRecord::write_json(at, &[1; 60], &parent, &[2; 29]);
        assert!(text.len() <= encoded_len(1, parent.len()));
        let record = DataRowRecord::from_json(text.as_bytes()).unwrap();
        assert_eq!(record.created, at);
        assert_eq!(record.encrypted_key, [1; 60]);
        assert_eq!(record.parent, meta);
        assert_eq!(record.data, [2; 29]);
    }

    #[test]
    fn refuses_what_is_no_record() {
        for text in [
            "",
            "{}",
            r#"{"Key":{"Created":1,"Key":""},"Data":""}"#,
            r#"{"Key":{"Created":1,"Key":"","ParentKeyMeta":null},"Data":""}"#,
            r#"{"Key":{"Created":1,"Key":"*","ParentKeyMeta":{"KeyId":"","Created":1}},"Data":""}"#,
            r#"{"Key":{"Created":1,"Key":"","ParentKeyMeta":{"KeyId":"","Created":1}},"Data":"A"}"#,
            r#"{"Key":{"Created":1,"Key":"","ParentKeyMeta":{"KeyId":"","Created":1}}}"#,
        ] {
            let outcome = DataRowRecord::from_json(text.as_bytes());
            assert!(
                matches!(outcome, Err(EnvelopeError::RecordInvalid { .. })),
                "{text}"
            );
        }
        assert!(DataRowRecord::from_json(b"\xFF").is_err());
        let deep = "[".repeat(100_000);
        assert!(DataRowRecord::from_json(deep.as_bytes()).is_err());
    }
}
