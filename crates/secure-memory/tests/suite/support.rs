//! What the system says about this process's memory, and running a test in a child.

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::process::{Command, ExitStatus, Stdio};

use sealdiff_secure_memory::SecretBox;

/// A mapping of this process.
pub(crate) struct Mapping {
    pub(crate) addresses: Range<u64>,
    pub(crate) flags: Vec<String>,
}

impl Mapping {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }
}

pub(crate) fn address_of<T>(secret: &SecretBox<T>) -> u64 {
    std::ptr::from_ref(secret.expose()) as u64
}

pub(crate) fn mapping_of<T>(secret: &SecretBox<T>) -> Mapping {
    let address = address_of(secret);
    let smaps = fs::read_to_string("/proc/self/smaps").unwrap();
    let mut addresses = 0..0;
    let flags = smaps.lines().find_map(|line| {
        addresses = range_of(line).unwrap_or(addresses.clone());
        line.strip_prefix("VmFlags:")
            .filter(|_| addresses.contains(&address))
    });
    let flags = flags.expect("a mapping holds the secret");
    Mapping {
        flags: flags.split_whitespace().map(str::to_owned).collect(),
        addresses,
    }
}

fn range_of(line: &str) -> Option<Range<u64>> {
    let (range, _rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some(number(start)?..number(end)?)
}

/// Bytes of this process, read through the system: whoever owns them now.
pub(crate) fn bytes_at(address: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    let memory = File::open("/proc/self/mem").unwrap();
    memory.read_exact_at(&mut bytes, address).unwrap();
    bytes
}

/// Locked memory of this process, in bytes.
pub(crate) fn locked_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.trim().parse::<usize>().unwrap() * 1024
}

/// Runs one of the ignored tests of `children` in a process of its own.
pub(crate) fn in_child(test: &str) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("children::{test}"), "--ignored"])
        .args(["--test-threads", "1"])
        // The sanitizer would report the signal that a test asks for, and exit instead.
        .env("ASAN_OPTIONS", "handle_segv=0:detect_leaks=0")
        .stdout(Stdio::null())
        .status()
        .unwrap()
}
