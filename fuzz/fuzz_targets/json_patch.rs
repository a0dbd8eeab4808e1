//! JSON Patches and merge patches of others: applied as the RFCs say, with serde_json's values as the oracle.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{apply_json_patch, apply_merge_patch};
use sealdiff_fuzz::{Input, NO_CANCEL, document, within_time};
use serde_json::{Map, Value, json};

const POINTERS: [&str; 16] = [
    "", "/a", "/b", "/a/b", "/name/0", "/0", "/1", "/0/a", "/-", "/a/-", "/a/0", "/~0~1\"", "/*",
    "/k0/k1", "/a/a/a", "/00",
];

/// What serde_json reads and writes without running out of stack.
const MAX_DEPTH: usize = 100;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let shape = input.byte();
    let [target, patch] = input.parts();
    let target = if shape & 1 == 0 {
        document(target)
    } else {
        target.to_vec()
    };
    let merge_patch = if shape & 2 == 0 {
        document(patch)
    } else {
        patch.to_vec()
    };
    let patch = if shape & 2 == 0 {
        operations(patch)
    } else {
        patch.to_vec()
    };
    check_patch(&target, &patch);
    check_merge(&target, &merge_patch);
});

/// A JSON Patch of four bytes for each operation.
fn operations(bytes: &[u8]) -> Vec<u8> {
    let pointer = |byte: u8| POINTERS[usize::from(byte % 16)];
    let operations = bytes.chunks_exact(4).map(|bytes| {
        let op = ["add", "remove", "replace", "move", "copy", "test"][usize::from(bytes[0] % 6)];
        let value: Value =
            serde_json::from_slice(&document(&[bytes[3], bytes[0]])).unwrap_or_default();
        json!({ "op": op, "path": pointer(bytes[1]), "from": pointer(bytes[2]), "value": value })
    });
    Value::Array(operations.collect()).to_string().into_bytes()
}

fn check_patch(target: &[u8], patch: &[u8]) {
    let bytes = |patched: &Result<Vec<u8>, _>| {
        target.len() + patch.len() + patched.as_ref().map_or(0, Vec::len)
    };
    let apply = || apply_json_patch(target, patch, &NO_CANCEL);
    let patched = within_time("applying a JSON Patch", bytes, apply);
    if let (Some(mut value), Some(Value::Array(operations))) = (parsed(target), parsed(patch)) {
        let expected = operations
            .iter()
            .try_for_each(|operation| perform(&mut value, operation));
        match patched {
            Ok(patched) if expected.is_some() => {
                if depth(&patched) < MAX_DEPTH {
                    assert_eq!(serde_json::from_slice(&patched).ok(), Some(value));
                }
            }
            Ok(_) => panic!("applied what does not fit"),
            Err(error) => assert!(expected.is_none(), "{error}"),
        }
    }
}

/// A value without numbers that serde_json compares in its own way: fractions and exponents.
fn parsed(text: &[u8]) -> Option<Value> {
    let is_plain = depth(text) < MAX_DEPTH
        && !text.windows(2).any(|bytes| {
            bytes[0].is_ascii_digit() && matches!(bytes[1], b'.' | b'e' | b'E') || bytes == b"-0"
        });
    let has_long_numbers = text
        .windows(15)
        .any(|digits| digits.iter().all(u8::is_ascii_digit));
    serde_json::from_slice(text)
        .ok()
        .filter(|_| is_plain && !has_long_numbers)
}

fn depth(text: &[u8]) -> usize {
    text.iter()
        .filter(|byte| matches!(byte, b'[' | b'{'))
        .count()
}

/// RFC 6902, section 4; `None` for what doesn't fit.
fn perform(target: &mut Value, operation: &Value) -> Option<()> {
    let text = |name: &str| operation.get(name)?.as_str();
    let value = || operation.get("value").cloned();
    let (op, path) = (text("op")?, text("path")?);
    is_pointer(path).then_some(())?;
    match op {
        "add" => add(target, path, value()?),
        "remove" => remove(target, path).map(drop),
        "replace" => {
            *target.pointer_mut(path)? = value()?;
            Some(())
        }
        "move" => {
            let from = text("from").filter(|from| is_pointer(from))?;
            if path
                .strip_prefix(from)
                .is_some_and(|rest| rest.starts_with('/'))
            {
                return None;
            }
            if from == path {
                return target.pointer(from).map(drop);
            }
            if path.is_empty() {
                *target = target.pointer(from)?.clone();
                return Some(());
            }
            let value = remove(target, from)?;
            add(target, path, value)
        }
        "copy" => {
            let value = target
                .pointer(text("from").filter(|from| is_pointer(from))?)?
                .clone();
            add(target, path, value)
        }
        "test" => (*target.pointer(path)? == value()?).then_some(()),
        _ => None,
    }
}

fn is_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1);
    (text.is_empty() || text.starts_with('/')) && { escapes }
        .all(|rest| rest.starts_with(['0', '1']))
}

fn token(text: &str) -> String {
    text.replace("~1", "/").replace("~0", "~")
}

fn add(target: &mut Value, path: &str, value: Value) -> Option<()> {
    let Some((parent, last)) = path.rsplit_once('/') else {
        *target = value;
        return Some(());
    };
    match target.pointer_mut(parent)? {
        Value::Array(items) => {
            let at = if last == "-" {
                items.len()
            } else {
                index(last)?
            };
            (at <= items.len()).then(|| items.insert(at, value))
        }
        Value::Object(members) => {
            members.insert(token(last), value);
            Some(())
        }
        _ => None,
    }
}

fn remove(target: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = path.rsplit_once('/')?;
    match target.pointer_mut(parent)? {
        Value::Array(items) => index(last)
            .filter(|&at| at < items.len())
            .map(|at| items.remove(at)),
        Value::Object(members) => members.remove(&token(last)),
        _ => None,
    }
}

fn index(token: &str) -> Option<usize> {
    let is_index = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| is_index)
}

fn check_merge(target: &[u8], patch: &[u8]) {
    let apply = || apply_merge_patch(target, patch, &NO_CANCEL);
    let merged = within_time("merging", |_| target.len() + patch.len(), apply);
    let Ok(merged) = merged else {
        assert!(parsed(target).is_none() || parsed(patch).is_none());
        return;
    };
    assert_eq!(
        apply_merge_patch(&merged, patch, &NO_CANCEL).as_ref(),
        Ok(&merged)
    );
    if let (Some(mut value), Some(patch)) = (parsed(target), parsed(patch)) {
        merge(&mut value, &patch);
        if depth(&merged) < MAX_DEPTH {
            assert_eq!(serde_json::from_slice(&merged).ok(), Some(value));
        }
    }
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(object) = target else {
        unreachable!()
    };
    for (key, value) in members {
        if value.is_null() {
            object.remove(key);
        } else {
            merge(object.entry(key).or_insert(Value::Null), value);
        }
    }
}
