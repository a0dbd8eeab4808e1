//! Test doubles for the envelope core and the contracts that its backends keep.
//! A dev-dependency only.

#![forbid(unsafe_code)]
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "contracts panic when they are broken, doubles when they are told to"
)]

mod aws_responder;
mod certificates;
mod clock;
mod contracts;
mod editable;
mod failures;
mod moto;
mod recording;
mod spawner;
mod vault;
mod vectors;

pub use aws_responder::{AwsAnswer, AwsRequest, AwsResponder};
pub use certificates::Certificates;
pub use clock::FixedClock;
pub use contracts::{kms_contract, metastore_contract, metastore_contract_until};
pub use editable::{EditableMetastore, Rival};
pub use failures::{PASSWORD, assert_failed};
pub use moto::{MotoServer, free_port, skip};
/// Folders that are gone after a test.
pub use tempfile;

pub use recording::{Call, Outage, RecordingKms, RecordingMetastore};
pub use spawner::QueuedSpawner;
pub use vault::VaultServer;
pub use vectors::{
    AsherahRecord, AsherahRow, AsherahSet, AsherahVectors, SealedCase, asherah_vectors,
    sealed_record_cases, sealed_stream_cases,
};
