//! Asherah's JSON of a system key that AWS KMS protects.
//!
//! **Shape**: `{"encryptedKey":"…","kmsKeks":[{"region":"…","arn":"…","encryptedKek":"…"}]}`, base64
//! with padding; `encryptedKey` is the AES-256-GCM blob of the system key under the data key.

use base64_simd::STANDARD;
use serde::{Deserialize, Serialize};

/// A system key under its data key, and the data key under the KMS key of each region.
pub(super) struct KmsBlob {
    encrypted_key: Vec<u8>,
    /// As written: what only another region reads spoils nothing here.
    keks: Vec<WireKek>,
}

/// The data key, encrypted by one region.
#[derive(Clone)]
pub(super) struct EncryptedKek {
    /// As the writer's options name it.
    pub(super) region: String,
    /// The KMS key: told for operators, never believed.
    pub(super) arn: String,
    pub(super) ciphertext: Vec<u8>,
}

impl KmsBlob {
    pub(super) fn new(encrypted_key: &[u8], keks: Vec<EncryptedKek>) -> Self {
        Self {
            encrypted_key: encrypted_key.to_vec(),
            keks: keks.into_iter().map(WireKek::from).collect(),
        }
    }

    /// Reads what any implementation wrote: members and regions in any order, unknown members
    /// ignored.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(json).ok()?;
        Some(Self {
            encrypted_key: decode(&wire.encrypted_key)?,
            keks: wire.kms_keks,
        })
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let wire = Wire {
            encrypted_key: STANDARD.encode_to_string(&self.encrypted_key),
            kms_keks: self.keks.clone(),
        };
        serde_json::to_vec(&wire).expect("strings are always JSON")
    }

    pub(super) fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }

    /// What `region` encrypted. Writers differ in the case of a region's name.
    pub(super) fn kek_of(&self, region: &str) -> Option<Vec<u8>> {
        let mut keks = self.keks.iter();
        let kek = keks.find(|kek| kek.region.eq_ignore_ascii_case(region))?;
        decode(&kek.encrypted_kek)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode_to_vec(text).ok()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    encrypted_key: String,
    kms_keks: Vec<WireKek>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireKek {
    region: String,
    #[serde(default)]
    arn: String,
    encrypted_kek: String,
}

impl From<EncryptedKek> for WireKek {
    fn from(kek: EncryptedKek) -> Self {
        Self {
            encrypted_kek: STANDARD.encode_to_string(&kek.ciphertext),
            region: kek.region,
            arn: kek.arn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_members_of_asherah_in_its_order() {
        let kek = EncryptedKek {
            region: "us-west-2".to_owned(),
            arn: "arn:aws:kms:us-west-2:1:key/a".to_owned(),
            ciphertext: b"abc".to_vec(),
        };
        assert_eq!(
            String::from_utf8(KmsBlob::new(b"key", vec![kek]).to_json()).unwrap(),
            r#"{"encryptedKey":"a2V5","kmsKeks":[{"region":"us-west-2","arn":"arn:aws:kms:us-west-2:1:key/a","encryptedKek":"YWJj"}]}"#
        );
    }

    #[test]
    fn reads_any_order_escape_case_and_unknown_member() {
        let json = br#"{"later":1,"kmsKeks":[
            {"encryptedKek":"eA==","arn":"b","region":"eu-west-1"},
            {"encryptedKek":"YW\u004aj","region":"US-WEST-2"}],"encryptedKey":"a2V5"}"#;
        let blob = KmsBlob::parse(json).unwrap();
        assert_eq!(blob.encrypted_key(), b"key");
        assert_eq!(blob.kek_of("us-west-2").unwrap(), b"abc");
        assert_eq!(blob.kek_of("us-west-1"), None);
    }

    #[test]
    fn what_another_region_can_not_read_spoils_nothing_here() {
        let json = br#"{"encryptedKey":"a2V5","kmsKeks":[
            {"region":"a","encryptedKek":"?"},{"region":"b","encryptedKek":"YWJj"}]}"#;
        let blob = KmsBlob::parse(json).unwrap();
        assert_eq!(blob.kek_of("a"), None);
        assert_eq!(blob.kek_of("b").unwrap(), b"abc");
    }

    #[test]
    fn refuses_what_is_no_such_json() {
        for json in [
            "",
            "vault:v1:abc",
            "{}",
            r#"{"encryptedKey":"a2V5"}"#,
            r#"{"kmsKeks":[]}"#,
            r#"{"encryptedKey":"a2V","kmsKeks":[]}"#,
            r#"{"encryptedKey":"a2V5","kmsKeks":[{"region":1,"encryptedKek":""}]}"#,
            r#"{"encryptedKey":"a2V5","kmsKeks":[]} trailing"#,
        ] {
            assert!(KmsBlob::parse(json.as_bytes()).is_none(), "{json}");
        }
    }
}
