//! The language-neutral vectors of `vectors/`, as Rust tests read them.

use std::path::PathBuf;

use serde::Deserialize;

/// Records that the Go implementation of Asherah wrote, with its metastore.
#[derive(Debug, Deserialize)]
pub struct AsherahVectors {
    /// The static master key, hex.
    pub master_key_hex: String,
    /// The rows of its `encryption_key` table.
    pub metastore: Vec<AsherahRow>,
    /// Records by service and product.
    pub sets: Vec<AsherahSet>,
}

/// A row of the metastore.
#[derive(Debug, Deserialize)]
pub struct AsherahRow {
    /// The key's id.
    pub id: String,
    /// `created`, in Unix seconds.
    pub created: u32,
    /// The EnvelopeKeyRecord, JSON text.
    pub key_record: String,
}

/// Records of one service and product.
#[derive(Debug, Deserialize)]
pub struct AsherahSet {
    /// The service's id.
    pub service: String,
    /// The product's id.
    pub product: String,
    /// Its records.
    pub rows: Vec<AsherahRecord>,
}

/// One record.
#[derive(Debug, Deserialize)]
pub struct AsherahRecord {
    /// Who it belongs to.
    pub partition: String,
    /// What it is there for.
    pub name: String,
    /// The plaintext, base64.
    pub plaintext_b64: String,
    /// The DataRowRecord, JSON text.
    pub drr: String,
}

/// Reads `vectors/asherah-go.json`.
#[must_use]
pub fn asherah_vectors() -> AsherahVectors {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/asherah-go.json");
    let text = std::fs::read_to_string(&path).expect("the vectors are in the repository");
    serde_json::from_str(&text).expect("the vectors have the shape above")
}

/// A sealed record or stream with everything that went into it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedCase {
    /// What it is there for.
    pub name: String,
    /// The service's id.
    pub service: String,
    /// The product's id.
    pub product: String,
    /// The partition's id.
    pub partition: String,
    /// The region suffix, empty for none.
    pub suffix: String,
    /// The intermediate key, hex.
    pub ik: String,
    /// Its creation time in Unix seconds.
    pub created: u32,
    /// Additional data, hex.
    pub additional_data: String,
    /// The plaintext, hex; empty where only its hash is given.
    #[serde(default)]
    pub plaintext: String,
    /// Its SHA-256, hex.
    pub plaintext_sha256: String,
    /// The nonce of a record, hex.
    #[serde(default)]
    pub nonce: String,
    /// The salt of a stream, hex.
    #[serde(default)]
    pub salt: String,
    /// The record or stream, hex.
    pub sealed: String,
}

/// The record cases of `vectors/sealed-v1.json`.
#[must_use]
pub fn sealed_record_cases() -> Vec<SealedCase> {
    sealed_cases("record")
}

/// The stream cases of `vectors/sealed-v1.json`.
#[must_use]
pub fn sealed_stream_cases() -> Vec<SealedCase> {
    sealed_cases("stream")
}

fn sealed_cases(kind: &str) -> Vec<SealedCase> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/sealed-v1.json");
    let text = std::fs::read_to_string(&path).expect("the vectors are in the repository");
    let mut vectors: serde_json::Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let cases: Vec<serde_json::Value> =
        serde_json::from_value(vectors["cases"].take()).expect("the vectors have a list of cases");
    cases
        .into_iter()
        .filter(|case| case["kind"] == kind)
        .map(|case| serde_json::from_value(case).expect("the cases have the shape above"))
        .collect()
}
