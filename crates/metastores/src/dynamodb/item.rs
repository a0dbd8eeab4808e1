//! An item of the table, as every Asherah implementation writes it.
//!
//! **Shape**: `Id` S, `Created` N (Unix seconds), `KeyRecord` M of `Created` N, `Key` S (base64),
//! `ParentKeyMeta` M (`KeyId` S, `Created` N) and `Revoked` BOOL; the last two may be missing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64_simd::STANDARD;
use sealdiff_envelope::record::{EnvelopeKeyRecord, KeyMeta};
use sealdiff_envelope::{MetastoreError, Timestamp};

pub(super) const ID: &str = "Id";
pub(super) const CREATED: &str = "Created";
pub(super) const KEY_RECORD: &str = "KeyRecord";
const KEY: &str = "Key";
const PARENT: &str = "ParentKeyMeta";
const PARENT_ID: &str = "KeyId";
const REVOKED: &str = "Revoked";

/// Attributes by name: an item, or a map in it.
pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.unix_seconds().to_string())
}

/// The map `KeyRecord`; `Revoked` only when true.
pub(super) fn of_record(record: &EnvelopeKeyRecord) -> Attributes {
    let key = STANDARD.encode_to_string(&record.encrypted_key);
    let mut attributes = Attributes::from([
        (CREATED.to_owned(), number(record.created)),
        (KEY.to_owned(), AttributeValue::S(key)),
    ]);
    if let Some(parent) = &record.parent {
        let parent = Attributes::from([
            (PARENT_ID.to_owned(), text(&parent.id)),
            (CREATED.to_owned(), number(parent.created)),
        ]);
        attributes.insert(PARENT.to_owned(), AttributeValue::M(parent));
    }
    if record.is_revoked {
        attributes.insert(REVOKED.to_owned(), AttributeValue::Bool(true));
    }
    attributes
}

/// The record of an item that was asked for by `id`.
///
/// # Errors
/// [`MetastoreError::InvalidRow`].
pub(super) fn record_of(id: &str, item: &Attributes) -> Result<EnvelopeKeyRecord, MetastoreError> {
    if item
        .get(ID)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        != Some(id)
    {
        return Err(invalid("its Id is not the one that was asked for"));
    }
    let record = item
        .get(KEY_RECORD)
        .and_then(|value| value.as_m().ok())
        .and_then(read_record)
        .ok_or(invalid("its KeyRecord is not an EnvelopeKeyRecord"))?;
    // Else the key could write records that name a row which nobody can load.
    if timestamp(item.get(CREATED)) != Some(record.created) {
        return Err(invalid("its Created is not its KeyRecord's"));
    }
    Ok(record)
}

fn read_record(map: &Attributes) -> Option<EnvelopeKeyRecord> {
    let parent = match present(map, PARENT) {
        Some(value) => Some(read_parent(value.as_m().ok()?)?),
        None => None,
    };
    let is_revoked = match present(map, REVOKED) {
        Some(value) => *value.as_bool().ok()?,
        None => false,
    };
    Some(EnvelopeKeyRecord {
        created: timestamp(map.get(CREATED))?,
        encrypted_key: STANDARD.decode_to_vec(map.get(KEY)?.as_s().ok()?).ok()?,
        parent,
        is_revoked,
    })
}

fn read_parent(map: &Attributes) -> Option<KeyMeta> {
    Some(KeyMeta {
        id: map.get(PARENT_ID)?.as_s().ok()?.clone(),
        created: timestamp(map.get(CREATED))?,
    })
}

/// Some mappers write NULL for what is not there.
fn present<'a>(map: &'a Attributes, name: &str) -> Option<&'a AttributeValue> {
    map.get(name).filter(|value| !value.is_null())
}

fn timestamp(value: Option<&AttributeValue>) -> Option<Timestamp> {
    let seconds = value?.as_n().ok()?.parse().ok()?;
    Some(Timestamp::from_unix_seconds(seconds))
}

fn invalid(reason: &'static str) -> MetastoreError {
    MetastoreError::InvalidRow { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(value: &str) -> AttributeValue {
        AttributeValue::N(value.to_owned())
    }

    fn map<const N: usize>(members: [(&str, AttributeValue); N]) -> Attributes {
        let named = members.map(|(name, value)| (name.to_owned(), value));
        Attributes::from(named)
    }

    fn item(key_record: Attributes) -> Attributes {
        map([
            (ID, text("_IK_a")),
            (CREATED, n("120")),
            (KEY_RECORD, AttributeValue::M(key_record)),
        ])
    }

    fn key_record() -> Attributes {
        let parent = map([(PARENT_ID, text("_SK_s")), (CREATED, n("60"))]);
        map([
            (CREATED, n("120")),
            (KEY, text("YWJj")),
            (PARENT, AttributeValue::M(parent)),
        ])
    }

    #[test]
    fn writes_the_attributes_of_asherah() {
        let mut record = EnvelopeKeyRecord {
            created: Timestamp::from_unix_seconds(120),
            encrypted_key: b"abc".to_vec(),
            parent: Some(KeyMeta {
                id: "_SK_s".to_owned(),
                created: Timestamp::from_unix_seconds(60),
            }),
            is_revoked: false,
        };
        assert_eq!(of_record(&record), key_record());
        assert_eq!(
            record_of("_IK_a", &item(key_record())).unwrap(),
            record.clone()
        );
        record.parent = None;
        record.is_revoked = true;
        let expected = map([
            (CREATED, n("120")),
            (KEY, text("YWJj")),
            (REVOKED, AttributeValue::Bool(true)),
        ]);
        assert_eq!(of_record(&record), expected);
        assert_eq!(record_of("_IK_a", &item(expected)).unwrap(), record);
    }

    #[test]
    fn reads_what_other_mappers_write() {
        let mut others = key_record();
        others.insert(REVOKED.to_owned(), AttributeValue::Bool(false));
        others.insert("Later".to_owned(), AttributeValue::L(Vec::new()));
        assert!(
            !record_of("_IK_a", &item(others.clone()))
                .unwrap()
                .is_revoked
        );
        others.insert(REVOKED.to_owned(), AttributeValue::Null(true));
        others.insert(PARENT.to_owned(), AttributeValue::Null(true));
        let record = record_of("_IK_a", &item(others)).unwrap();
        assert_eq!((record.parent, record.is_revoked), (None, false));
    }

    #[test]
    fn refuses_items_that_are_no_key_records() {
        let spoilt = [
            (CREATED, n("180")),
            (CREATED, n("1.2E+2")),
            (CREATED, n("-120")),
            (CREATED, text("120")),
            (KEY, text("YWJ")),
            (KEY, n("1")),
            (PARENT, text("_SK_s")),
            (PARENT, AttributeValue::M(map([(PARENT_ID, text("_SK_s"))]))),
            (REVOKED, text("true")),
        ];
        for (name, value) in spoilt {
            let mut record = key_record();
            record.insert(name.to_owned(), value.clone());
            let outcome = record_of("_IK_a", &item(record));
            assert!(
                matches!(outcome, Err(MetastoreError::InvalidRow { .. })),
                "{name} {value:?}"
            );
        }
        for missing in [ID, CREATED, KEY_RECORD] {
            let mut item = item(key_record());
            item.remove(missing);
            assert!(record_of("_IK_a", &item).is_err(), "{missing}");
        }
        assert!(record_of("_IK_b", &item(key_record())).is_err());
    }
}
