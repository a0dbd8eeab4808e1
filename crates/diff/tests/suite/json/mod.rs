//! Tests of documents: diffs, patches, merge patches, YAML, hostile input.

mod applying;
mod conformance;
mod diffing;
mod flanksource;
mod hostile;
mod merging;
mod properties;
mod reading;
mod support;
mod yaml;
