//! How JSON text is read, and what is refused.

use sealdiff_diff::DiffError;

use super::support::{compact, json, normalised};

fn refused(text: &(impl AsRef<[u8]> + ?Sized)) -> Option<usize> {
    match normalised(json(text)) {
        Err(DiffError::DocumentInvalid { line, .. }) => Some(line),
        _ => None,
    }
}

#[test]
fn every_value_is_read_and_written() {
    let text = r#"[null,true,false,0,-1.5e+10,"",{"a":{},"b":[]}]"#;
    assert_eq!(compact(json(text)).as_deref(), Ok(text));
    for scalar in ["null", "true", "false", "12", "\"x\""] {
        assert_eq!(
            compact(json(&format!(" \t\r\n{scalar}\n"))).as_deref(),
            Ok(scalar)
        );
    }
}

#[test]
fn strings_are_written_with_the_escapes_they_need() {
    let cases = [
        (r#""\u0041\/\u00e9\ud83d\ude00""#, "\"A/é\u{1F600}\""),
        (
            r#""\"\\\b\f\n\r\t\u0001\u007f""#,
            "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u{7f}\"",
        ),
        (r#""\ud800x\udc00""#, r#""\ud800x\udc00""#),
        ("\"\u{2028}\"", "\"\u{2028}\""),
    ];
    for (read, written) in cases {
        assert_eq!(compact(json(read)).as_deref(), Ok(written));
    }
}

#[test]
fn a_lone_surrogate_is_the_same_as_its_escape() {
    assert_eq!(
        compact(json(b"\"\xED\xA0\x80\"")).as_deref(),
        Ok(r#""\ud800""#)
    );
    assert_eq!(
        compact(json(b"\"\\ud83d\xED\xB8\x80\"")).as_deref(),
        Ok("\"\u{1F600}\"")
    );
    assert_eq!(refused(b"\"\xED\xA0\xBD\xED\xB8\x80\""), Some(1));
}

#[test]
fn of_members_with_the_same_key_the_last_counts() {
    let text = r#"{"b":1,"a":1,"\u0061":2,"b":{"c":1,"c":2},"a":3}"#;
    assert_eq!(compact(json(text)).as_deref(), Ok(r#"{"a":3,"b":{"c":2}}"#));
}

#[test]
fn keys_are_sorted_by_their_bytes() {
    let text = "{\"\u{10000}\":1,\"\u{FFFF}\":1,\"b\":1,\"B\":1,\"\":1}";
    assert_eq!(
        compact(json(text)).as_deref(),
        Ok("{\"\":1,\"B\":1,\"b\":1,\"\u{FFFF}\":1,\"\u{10000}\":1}")
    );
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(compact(json("\u{FEFF}[1]")).as_deref(), Ok("[1]"));
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    for text in [
        "",
        " ",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "1 2",
        "tr",
        "nulL",
        "NaN",
        "Infinity",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "'a'",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "\"a\nb\"",
        "\"\t\"",
        "//1",
        "[1]//",
        "\u{a0}1",
        "\u{FEFF}",
    ] {
        let line = 1 + text.matches('\n').count();
        assert!(refused(text).is_some_and(|at| at <= line), "{text:?}");
    }
    assert_eq!(refused("{\n\"a\": 1,\n\"b\": x\n}"), Some(3));
    assert_eq!(refused(b"[\n\"\xFF\"]"), Some(2));
}

#[test]
fn no_message_holds_a_byte_of_the_document() {
    for text in [
        "{\"secret\":secret}",
        "secret",
        "\"secret\\x\"",
        "[\"secret\" \"secret\"]",
    ] {
        let message = normalised(json(text)).expect_err("malformed").to_string();
        assert!(
            !message.contains("secret") && message.contains("line 1"),
            "{message}"
        );
    }
}
