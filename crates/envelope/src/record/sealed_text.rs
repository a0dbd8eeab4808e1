//! Sealed records as text: unpadded base64url (RFC 4648, section 5), for columns and URLs. One
//! record has exactly one text.

use super::base64;
use super::{invalid, is_json};
use crate::error::EnvelopeError;

/// Length of the text of a sealed record of `record_len` bytes, in characters.
#[must_use]
pub const fn text_len(record_len: usize) -> usize {
    base64::url_safe_len(record_len)
}

/// The text of a sealed record.
#[must_use]
pub fn text_from_sealed(record: &[u8]) -> String {
    base64::encode_url_safe(record)
}

/// Makes the text of a sealed record the record, in its own memory.
///
/// # Errors
/// [`EnvelopeError::RecordInvalid`] for anything that [`text_from_sealed`] never writes.
pub fn sealed_from_text(text: &mut Vec<u8>) -> Result<(), EnvelopeError> {
    if is_json(text) {
        return Err(invalid("it is a DataRowRecord, not a sealed record"));
    }
    let record_len = base64::decode_url_safe(text)
        .ok_or(invalid("it is not unpadded base64url"))?
        .len();
    text.truncate(record_len);
    Ok(())
}

/// Makes the text of a record of any format what the byte forms take: a DataRowRecord stays text.
///
/// # Errors
/// As [`sealed_from_text`].
pub fn bytes_from_text(text: &mut Vec<u8>) -> Result<(), EnvelopeError> {
    if is_json(text) {
        return Ok(());
    }
    sealed_from_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let mut text = text.to_vec();
        sealed_from_text(&mut text).map(|()| text)
    }

    #[test]
    fn every_length_comes_back_from_a_text_of_the_promised_length() {
        for len in 0..200_u8 {
            let record: Vec<u8> = (0..len).map(|i| i.wrapping_mul(7) ^ 0xFB).collect();
            let text = text_from_sealed(&record);
            assert_eq!(text.len(), text_len(record.len()));
            assert!(!text.contains(['+', '/', '=']));
            assert_eq!(decoded(text.as_bytes()).unwrap(), record);
        }
    }

    #[test]
    fn has_the_vectors_of_rfc_4648() {
        let text = text_from_sealed(&[0xFB, 0xFF, 0xBF, 0x14]);
        assert_eq!(text, "-_-_FA");
        assert_eq!(text_from_sealed(b"foob"), "Zm9vYg");
    }

    #[test]
    fn refuses_any_text_but_the_one() {
        for text in [
            "Zm9vYg==",
            " Zm9vYg",
            "Zm9vYg\n",
            "Zm9v Yg",
            "Zm9vYh",
            "Zm9vYmF",
            "Zm9v+g",
            "Zm9v/g",
            "Z",
            "Zm9vY",
            "Zm9vY\u{e9}",
            r#"{"Key":{}}"#,
        ] {
            let outcome = decoded(text.as_bytes());
            assert!(
                matches!(outcome, Err(EnvelopeError::RecordInvalid { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn leaves_a_data_row_record_as_it_is() {
        let mut text = b" {}".to_vec();
        bytes_from_text(&mut text).unwrap();
        assert_eq!(text, b" {}");
    }
}
