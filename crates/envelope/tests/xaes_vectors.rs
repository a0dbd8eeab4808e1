//! Known answers of c2sp.org/XAES-256-GCM.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use sealdiff_envelope::aead::xaes::{NONCE_LEN_BYTES, TAG_LEN_BYTES, XaesKey};
use shake::Shake128;
use shake::digest::{ExtendableOutput, Update, XofReader};

const NONCE: &[u8; NONCE_LEN_BYTES] = b"ABCDEFGHIJKLMNOPQRSTUVWX";

fn seal(key: &[u8; 32], nonce: &[u8; NONCE_LEN_BYTES], plaintext: &[u8], aad: &[u8]) -> Vec<u8> {
    let key = XaesKey::new(key);
    let mut out = vec![0; plaintext.len()];
    let tag = key.seal(nonce, aad, plaintext, &mut out).unwrap();
    let mut in_place = plaintext.to_vec();
    assert_eq!(key.seal_in_place(nonce, aad, &mut in_place).unwrap(), tag);
    assert_eq!(in_place, out);
    out.extend_from_slice(&tag);
    out
}

/// Runs the specification's accumulated test and opens every ciphertext again.
fn accumulated(iterations: u32) -> String {
    let mut input = Shake128::default().finalize_xof();
    let mut ciphertexts = Shake128::default();
    for _ in 0..iterations {
        let (mut key, mut nonce) = ([0; 32], [0; NONCE_LEN_BYTES]);
        input.read(&mut key);
        input.read(&mut nonce);
        let plaintext = read_prefixed(&mut input);
        let aad = read_prefixed(&mut input);
        let sealed = seal(&key, &nonce, &plaintext, &aad);
        ciphertexts.update(&sealed);

        let (ciphertext, tag) = sealed.split_at(sealed.len() - TAG_LEN_BYTES);
        let mut opened = vec![0; ciphertext.len()];
        XaesKey::new(&key)
            .open(&nonce, &aad, ciphertext, tag, &mut opened)
            .unwrap();
        assert_eq!(opened, plaintext);
    }
    let mut digest = [0; 32];
    ciphertexts.finalize_xof().read(&mut digest);
    hex::encode(digest)
}

fn read_prefixed(input: &mut impl XofReader) -> Vec<u8> {
    let mut len = [0];
    input.read(&mut len);
    let mut bytes = vec![0; usize::from(len[0])];
    input.read(&mut bytes);
    bytes
}

#[test]
fn answers_as_the_specification_with_the_high_bit_of_the_subkey_clear() {
    let sealed = seal(&[1; 32], NONCE, b"XAES-256-GCM", b"");
    assert_eq!(
        hex::encode(sealed),
        "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
    );
}

#[test]
fn answers_as_the_specification_with_the_high_bit_of_the_subkey_set() {
    let sealed = seal(&[3; 32], NONCE, b"XAES-256-GCM", b"c2sp.org/XAES-256-GCM");
    assert_eq!(
        hex::encode(sealed),
        "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"
    );
}

#[test]
fn accumulates_as_the_specification_over_10_000_iterations() {
    assert_eq!(
        accumulated(10_000),
        "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"
    );
}

#[test]
#[ignore = "a minute in a debug build: run it when the cipher changes"]
fn accumulates_as_the_specification_over_1_000_000_iterations() {
    assert_eq!(
        accumulated(1_000_000),
        "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15"
    );
}

#[test]
fn refuses_every_flipped_byte_of_every_input() {
    let sealed = seal(&[1; 32], NONCE, b"plaintext", b"aad");
    let (ciphertext, tag) = sealed.split_at(9);
    let open = |key: &[u8; 32], nonce: &[u8; 24], aad: &[u8], ciphertext: &[u8], tag: &[u8]| {
        let mut plaintext = [0xFF; 9];
        let outcome = XaesKey::new(key).open(nonce, aad, ciphertext, tag, &mut plaintext);
        if outcome.is_err() {
            assert_eq!(plaintext, [0; 9], "nothing unauthenticated may be released");
        }
        outcome.is_ok()
    };
    assert!(open(&[1; 32], NONCE, b"aad", ciphertext, tag));
    let flipped = |bytes: &[u8], at: usize| {
        let mut copy = bytes.to_vec();
        copy[at] ^= 1;
        copy
    };
    for at in 0..32 {
        assert!(!open(
            flipped(&[1; 32], at)[..].try_into().unwrap(),
            NONCE,
            b"aad",
            ciphertext,
            tag
        ));
    }
    for at in 0..24 {
        let nonce = flipped(NONCE, at);
        assert!(!open(
            &[1; 32],
            nonce[..].try_into().unwrap(),
            b"aad",
            ciphertext,
            tag
        ));
    }
    for at in 0..9 {
        assert!(!open(
            &[1; 32],
            NONCE,
            b"aad",
            &flipped(ciphertext, at),
            tag
        ));
    }
    for at in 0..16 {
        assert!(!open(
            &[1; 32],
            NONCE,
            b"aad",
            ciphertext,
            &flipped(tag, at)
        ));
    }
    assert!(!open(&[1; 32], NONCE, b"AAD", ciphertext, tag));
}
