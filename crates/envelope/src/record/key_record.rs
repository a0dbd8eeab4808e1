//! EnvelopeKeyRecord: a stored key, encrypted, with the reference to its parent. Asherah's JSON.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::base64;
use crate::clock::Timestamp;

/// Reference to one version of a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyMeta {
    /// The key's id, `_SK_…` or `_IK_…`.
    pub id: String,
    /// When that version was created.
    pub created: Timestamp,
}

/// A system or intermediate key as the metastore keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvelopeKeyRecord {
    /// When the key was created; equals the row's `created`.
    pub created: Timestamp,
    /// The key, encrypted: by the parent key (60 bytes), or by the KMS where there is no parent.
    pub encrypted_key: Vec<u8>,
    /// The key that encrypted it; `None` for a system key.
    pub parent: Option<KeyMeta>,
    /// Set by an operator: the key must not write any more.
    pub is_revoked: bool,
}

impl fmt::Debug for KeyMeta {
    /// The id names a partition, which may be a person: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyMeta")
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EnvelopeKeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvelopeKeyRecord")
            .field("created", &self.created)
            .field(
                "encrypted_key",
                &format_args!("{} bytes", self.encrypted_key.len()),
            )
            .field("is_revoked", &self.is_revoked)
            .finish_non_exhaustive()
    }
}

/// The text is no EnvelopeKeyRecord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not an EnvelopeKeyRecord")]
pub struct NotAKeyRecord;

impl EnvelopeKeyRecord {
    /// Reads the JSON text that any Asherah implementation wrote: members in any order, unknown
    /// ones ignored, strings escaped in any way.
    ///
    /// # Errors
    /// [`NotAKeyRecord`].
    pub fn from_json(text: &str) -> Result<Self, NotAKeyRecord> {
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|_syntax| NotAKeyRecord)?;
        Ok(Self {
            created: Timestamp::from_unix_seconds(wire.created),
            encrypted_key: base64::decode(&wire.key).ok_or(NotAKeyRecord)?,
            parent: wire.parent.map(KeyMeta::from),
            is_revoked: wire.revoked.unwrap_or(false),
        })
    }

    /// Writes the JSON text, `Revoked` only when true.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Wire {
            revoked: self.is_revoked.then_some(true),
            created: self.created.unix_seconds(),
            key: Cow::Owned(base64::encode(&self.encrypted_key)),
            parent: self.parent.as_ref().map(|parent| WireMeta {
                key_id: Cow::Borrowed(&parent.id),
                created: parent.created.unix_seconds(),
            }),
        };
        serde_json::to_string(&wire).expect("strings, numbers and booleans are always JSON")
    }
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    #[serde(rename = "Revoked", default, skip_serializing_if = "Option::is_none")]
    revoked: Option<bool>,
    #[serde(rename = "Created")]
    created: u32,
    #[serde(rename = "Key", borrow)]
    key: Cow<'a, str>,
    #[serde(
        rename = "ParentKeyMeta",
        borrow,
        default,
        skip_serializing_if = "Option::is_none"
    )]
    parent: Option<WireMeta<'a>>,
}

/// `ParentKeyMeta` of both JSON formats.
#[derive(Serialize, Deserialize)]
pub(super) struct WireMeta<'a> {
    #[serde(rename = "KeyId", borrow)]
    pub(super) key_id: Cow<'a, str>,
    #[serde(rename = "Created")]
    pub(super) created: u32,
}

impl From<WireMeta<'_>> for KeyMeta {
    fn from(wire: WireMeta<'_>) -> Self {
        Self {
            id: wire.key_id.into_owned(),
            created: Timestamp::from_unix_seconds(wire.created),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u32) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn writes_the_members_of_asherah_in_its_order() {
        let mut record = EnvelopeKeyRecord {
            created: at(1_795_257_000),
            encrypted_key: b"abc".to_vec(),
            parent: Some(KeyMeta {
                id: "_SK_a<b_\"".into(),
                created: at(60),
            }),
            is_revoked: false,
        };
        assert_eq!(
            record.to_json(),
            r#"{"Created":1795257000,"Key":"YWJj","ParentKeyMeta":{"KeyId":"_SK_a<b_\"","Created":60}}"#
        );
        record.parent = None;
        record.is_revoked = true;
        assert_eq!(
            record.to_json(),
            r#"{"Revoked":true,"Created":1795257000,"Key":"YWJj"}"#
        );
    }

    #[test]
    fn reads_any_order_escape_and_unknown_member() {
        let text = r#"{"Later":[{}],"ParentKeyMeta":{"Created":60,"KeyId":"_SK_a\u003cb"},
            "Key":"YW\u004aj","Revoked":false,"Created":120}"#;
        let record = EnvelopeKeyRecord::from_json(text).unwrap();
        assert_eq!(record.encrypted_key, b"abc");
        assert_eq!(record.parent.unwrap().id, "_SK_a<b");
        assert_eq!(record.created, at(120));
    }

    #[test]
    fn reads_back_what_it_wrote() {
        for is_revoked in [false, true] {
            let record = EnvelopeKeyRecord {
                created: at(60),
                encrypted_key: vec![0, 255],
                parent: None,
                is_revoked,
            };
            assert_eq!(EnvelopeKeyRecord::from_json(&record.to_json()), Ok(record));
        }
    }

    #[test]
    fn refuses_what_is_no_key_record() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"Created":1}"#,
            r#"{"Created":-1,"Key":""}"#,
            r#"{"Created":4294967296,"Key":""}"#,
            r#"{"Created":1.5,"Key":""}"#,
            r#"{"Created":"1","Key":""}"#,
            r#"{"Created":1,"Key":"YWJj "}"#,
            r#"{"Created":1,"Key":"YWJ"}"#,
            r#"{"Created":1,"Key":"","ParentKeyMeta":{"KeyId":"x"}}"#,
            r#"{"Created":1,"Key":"","Revoked":"true"}"#,
            r#"{"Created":1,"Key":""} trailing"#,
        ] {
            assert_eq!(
                EnvelopeKeyRecord::from_json(text),
                Err(NotAKeyRecord),
                "{text}"
            );
        }
    }

    #[test]
    fn debug_shows_no_key_bytes() {
        let record = EnvelopeKeyRecord {
            created: at(60),
            encrypted_key: vec![0xAB; 60],
            parent: None,
            is_revoked: false,
        };
        assert_eq!(
            format!("{record:?}"),
            "EnvelopeKeyRecord { created: Timestamp(60), encrypted_key: 60 bytes, is_revoked: false, .. }"
        );
    }
}
