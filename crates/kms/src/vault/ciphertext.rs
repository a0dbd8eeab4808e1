//! The shape of what Vault Transit writes: `vault:v<n>:<base64>`, kept verbatim.
//! Source: "Transit secrets engine (API)", encrypt data.

/// Longest ciphertext of a system key that is sent, in bytes: an RSA-4096 key's has under 1 KiB.
const MAX_LEN_BYTES: usize = 16 * 1024;

/// Longest version number, in digits.
const MAX_VERSION_DIGITS: usize = 10;

/// Whether these bytes can be a ciphertext of Vault Transit. Only Vault can tell whether they are.
pub(super) fn is_ciphertext(bytes: &[u8]) -> bool {
    if bytes.len() > MAX_LEN_BYTES {
        return false;
    }
    let Some(rest) = bytes.strip_prefix(b"vault:v") else {
        return false;
    };
    let mut parts = rest.splitn(2, |byte| *byte == b':');
    let (version, encoded) = (parts.next().unwrap_or(b""), parts.next().unwrap_or(b""));
    is_version(version) && is_base64(encoded)
}

fn is_version(digits: &[u8]) -> bool {
    let is_number = digits.iter().all(u8::is_ascii_digit);
    is_number && !digits.starts_with(b"0") && (1..=MAX_VERSION_DIGITS).contains(&digits.len())
}

fn is_base64(encoded: &[u8]) -> bool {
    !encoded.is_empty() && base64_simd::STANDARD.check(encoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_transit_writes() {
        let sample = b"vault:v1:XjsPWPjqPrBi1N2Ms2s1QM798YyFWnO4TR4lsFA=";
        for good in [&sample[..], b"vault:v20:AAAA", b"vault:v4294967295:/+8="] {
            assert!(is_ciphertext(good), "{}", String::from_utf8_lossy(good));
        }
    }

    #[test]
    fn refuses_anything_else() {
        let long = [b"vault:v1:".to_vec(), vec![b'A'; MAX_LEN_BYTES]].concat();
        for bad in [
            &b""[..],
            b"vault:v1:",
            b"vault:v1",
            b"vault:v:AAAA",
            b"vault:v0:AAAA",
            b"vault:v01:AAAA",
            b"vault:v-1:AAAA",
            b"vault:v12345678901:AAAA",
            b"vault:1:AAAA",
            b"Vault:v1:AAAA",
            b" vault:v1:AAAA",
            b"vault:v1:AAA",
            b"vault:v1:AA-_",
            b"vault:v1:AAAA\n",
            b"vault:v1:AAAA\",\"context\":\"AAAA",
            b"\x00\x01",
            &long,
        ] {
            assert!(!is_ciphertext(bad), "{}", String::from_utf8_lossy(bad));
        }
    }
}
