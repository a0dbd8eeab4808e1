//! RFC 4648 section 4: the standard alphabet with padding, the only one of Asherah's JSON.

use base64_simd::STANDARD;

/// Length of the text of `len` bytes.
pub(super) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}

pub(super) fn append(out: &mut String, bytes: &[u8]) {
    STANDARD.encode_append(bytes, out);
}

pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode_to_string(bytes)
}

/// `None` if `text` is anything but padded standard base64.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode_to_vec(text).ok()
}
