//! Vault's own words in an answer that is an error, fit to be shown: some of them repeat what was sent.
//! Source: "HTTP API", error response.

use serde::Deserialize;

/// Longest text that is shown, in characters.
const MAX_LEN_CHARS: usize = 300;

/// Shortest part of a word that is hidden if it was sent: shorter ones are ordinary words.
const MIN_SECRET_LEN: usize = 8;

#[derive(Deserialize)]
struct Errors {
    errors: Vec<String>,
}

/// The errors of an answer on one line, without any word that was sent. `None` if it lists none.
pub(super) fn own_words(answer: &[u8], sent: &[u8]) -> Option<String> {
    let Errors { errors } = serde_json::from_slice(answer).ok()?;
    let words = errors
        .iter()
        .flat_map(|error| error.split_whitespace())
        .map(|word| {
            if repeats(word, sent) {
                "[hidden]"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ");
    let shown = words
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_LEN_CHARS);
    Some(shown.collect()).filter(|_| !errors.is_empty())
}

/// Whether a part of the word was sent, whatever stands round it.
fn repeats(word: &str, sent: &[u8]) -> bool {
    word.as_bytes()
        .windows(MIN_SECRET_LEN)
        .any(|part| sent.windows(MIN_SECRET_LEN).any(|window| window == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(errors: &[&str], sent: &str) -> Option<String> {
        let answer = serde_json::json!({ "errors": errors }).to_string();
        own_words(answer.as_bytes(), sent.as_bytes())
    }

    #[test]
    fn shows_them_on_one_line() {
        let shown = words(&["1 error occurred:\n\t* permission denied\n\n"], "{}").unwrap();
        assert_eq!(shown, "1 error occurred: * permission denied");
        assert_eq!(words(&["a", "b\u{1b}[31m"], "{}").unwrap(), "a b[31m");
    }

    #[test]
    fn hides_what_was_sent() {
        let sent = r#"{"secret_id":"84896a0c-1347-aa90-a4f6-aca8b7558780"}"#;
        let shown = words(
            &[
                "invalid secret_id \"84896a0c-1347-aa90-a4f6-aca8b7558780\"",
                "(84896a0c-1347)",
                "84896a0c-1347-aa90-a4f6-aca8b7558780.",
                "id=84896a0c-1347-aa90-a4f6-aca8b7558780",
            ],
            sent,
        );
        assert_eq!(
            shown.unwrap(),
            "invalid [hidden] [hidden] [hidden] [hidden] [hidden]"
        );
    }

    #[test]
    fn cuts_them() {
        let long = "é".repeat(1000);
        assert_eq!(words(&[&long], "").unwrap().chars().count(), MAX_LEN_CHARS);
    }

    #[test]
    fn an_answer_of_somebody_else_has_none() {
        for other in ["", "<html>", "{}", r#"{"errors":[]}"#, r#"{"errors":"no"}"#] {
            assert_eq!(own_words(other.as_bytes(), b""), None, "{other}");
        }
    }
}
