//! RFC 4648: section 4, the standard alphabet with padding, the only one of Asherah's JSON; and
//! section 5, the one for URLs and file names, unpadded, of sealed records as text.

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};

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

/// Length of the unpadded text of `len` bytes.
pub(super) const fn url_safe_len(len: usize) -> usize {
    len / 3 * 4 + (len % 3 * 4).div_ceil(3)
}

pub(super) fn encode_url_safe(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Decodes in place; `None` if `text` is anything but what [`encode_url_safe`] writes: padded, with
/// space in it, or with bits in its last character that no byte has.
pub(super) fn decode_url_safe(text: &mut [u8]) -> Option<&[u8]> {
    URL_SAFE_NO_PAD
        .decode_inplace(text)
        .ok()
        .map(|bytes| &*bytes)
}
