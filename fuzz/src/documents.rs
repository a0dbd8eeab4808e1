//! JSON documents made of a fuzz input. Whatever the bytes are, the document is valid.

use crate::MAX_TEXT_BYTES;

/// Few, so that two documents have much in common.
const SCALARS: [&str; 16] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-7",
    "1.0",
    "1.10",
    "9007199254740993",
    "1e2",
    "\"\"",
    "\"a\"",
    "\"a/b~\\\"\\n\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"1\"",
    "\"long enough that a replacement of it costs more than a few operations do\"",
];
const KEYS: [&str; 8] = ["", "a", "b", "name", "~/\\\"", "\\u00e9", "*", "0"];

/// A JSON text of at most about [`MAX_TEXT_BYTES`]. The upper three bits of each byte say what comes next.
pub fn document(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    for &byte in bytes {
        let number = usize::from(byte & 31);
        match byte >> 5 {
            0 => writer.value(SCALARS[number % SCALARS.len()]),
            1 => writer.open(b'{'),
            2 => writer.open(b'['),
            3 => writer.close(),
            4 => writer.key = Some(KEYS[number % KEYS.len()].to_owned()),
            5 => writer.repeat(number + 1),
            6 => writer.value(&number.to_string()),
            _ => writer.value(&format!("\"s{number}\"")),
        }
        if writer.is_done || writer.out.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    open: Vec<Open>,
    key: Option<String>,
    is_done: bool,
}

struct Open {
    bracket: u8,
    /// Where its last child begins, behind the key.
    last: Option<usize>,
    children: usize,
}

impl Writer {
    fn value(&mut self, text: &str) {
        self.begin_value();
        self.out.extend_from_slice(text.as_bytes());
        self.is_done = self.open.is_empty();
    }

    fn open(&mut self, bracket: u8) {
        self.begin_value();
        self.out.push(bracket);
        self.open.push(Open {
            bracket,
            last: None,
            children: 0,
        });
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.out.push(open.bracket + 2);
            self.is_done = self.open.is_empty();
        }
    }

    /// The last child of what is open, so many times again.
    fn repeat(&mut self, times: usize) {
        let Some(last) = self.open.last().and_then(|open| open.last) else {
            return;
        };
        let child = String::from_utf8_lossy(&self.out[last..]).into_owned();
        for _ in 0..times {
            if self.out.len() + child.len() <= MAX_TEXT_BYTES {
                self.value(&child);
            }
        }
    }

    fn begin_value(&mut self) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if open.children > 0 {
            self.out.push(b',');
        }
        if open.bracket == b'{' {
            let key = self
                .key
                .take()
                .unwrap_or_else(|| format!("k{}", open.children));
            self.out.extend_from_slice(format!("\"{key}\":").as_bytes());
        }
        open.children += 1;
        open.last = Some(self.out.len());
    }

    fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        if self.out.is_empty() {
            self.out.extend_from_slice(b"null");
        }
        self.out
    }
}

/// `bytes` with parts of it replaced: where, how many bytes, by how many of those that follow.
pub fn edited(bytes: &[u8], mut edits: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    while let [high, low, removed, added, rest @ ..] = edits {
        let at = usize::from(u16::from_be_bytes([*high, *low])) % (out.len() + 1);
        let end = out.len().min(at + usize::from(*removed));
        let (added, rest) = rest.split_at(rest.len().min(usize::from(*added)));
        out.splice(at..end, added.iter().copied());
        edits = rest;
    }
    out
}
