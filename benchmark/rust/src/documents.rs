//! The pairs of documents: real ones from files, and generated ones, the same on every run.

use std::path::{Path, PathBuf};

/// What a pair is held to.
#[derive(Clone, Copy)]
pub enum Floor {
    /// At most this many times the CPU time of imara-diff.
    OfImara(f64),
    /// At most this many times that of similar where similar takes longer than [`SLOW_MS`], and at
    /// most [`MOST_MS`].
    Bounded(f64),
}

/// What counts as slow of a peer, in milliseconds of CPU.
pub const SLOW_MS: f64 = 100.0;

/// The most that generated pairs may take, in milliseconds of CPU.
pub const MOST_MS: f64 = 400.0;

/// The most per cent that a patch of a named pair may have in changed lines over a shortest one.
pub const MOST_EXCESS: f64 = 5.0;

/// Two versions of a text.
pub struct Pair {
    pub name: &'static str,
    pub old: String,
    pub new: String,
    pub floor: Floor,
}

/// Names of the pairs, in the order of the table.
pub const NAMES: [&str; 14] = [
    "crd",
    "lodash",
    "ec2",
    "typescript",
    "5 MB, 200 edits",
    "5 MB, 1 edit",
    "shuffled",
    "reversed",
    "4 distinct lines",
    "} between",
    "blank runs",
    "every second line",
    "block move",
    "CRLF to LF",
];

/// The pair of that name.
///
/// # Panics
///
/// If there is none, or its files are missing (`node benchmark/corpora.mjs` fetches them).
pub fn pair(name: &str) -> Pair {
    let name = NAMES
        .into_iter()
        .find(|known| *known == name)
        .expect("the name of a pair");
    let (old, new) = texts(name);
    let floor = match name {
        "crd" => Floor::OfImara(0.25),
        "lodash" => Floor::OfImara(0.1),
        "ec2" => Floor::OfImara(0.7),
        "typescript" => Floor::OfImara(1.0),
        "5 MB, 200 edits" | "5 MB, 1 edit" => Floor::OfImara(0.3),
        _ => Floor::Bounded(0.3),
    };
    Pair {
        name,
        old,
        new,
        floor,
    }
}

/// Where both versions of a real pair are; `None` if it is a generated one.
pub fn paths(name: &str) -> Option<[PathBuf; 2]> {
    let (folder, name) = match name {
        "crd" => (crd_folder(), "crd_small"),
        "lodash" | "ec2" | "typescript" => (manifest_folder("../.cache"), name),
        _ => return None,
    };
    Some(["old", "new"].map(|end| Path::new(&folder).join(format!("{name}.{end}"))))
}

fn texts(name: &str) -> (String, String) {
    if let Some([old, new]) = paths(name) {
        return (read(&old), read(&new));
    }
    match name {
        "5 MB, 200 edits" => edited(200),
        "5 MB, 1 edit" => edited(1),
        _ => generated(name),
    }
}

/// The CRD isn't on npm: `CORPORA` names a folder with `crd_small.old` and `crd_small.new`.
fn crd_folder() -> String {
    std::env::var("CORPORA").unwrap_or_else(|_| manifest_folder("../.cache"))
}

fn manifest_folder(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Small numbers that look random and are the same in every run (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// A text of 5 MB, a third of whose lines are unique, and the same with lines changed, removed and
/// added at places spread over it.
fn edited(edits: usize) -> (String, String) {
    let mut random = Random(7);
    let line = |n: usize| match n % 3 {
        0 => format!("    field{n}: the value number {}\n", n * 7919 % 10_007),
        1 => format!("{}properties:\n", " ".repeat(4 + n % 20)),
        _ => format!(
            "{}description: of kind {}, see above for more\n",
            " ".repeat(4 + n % 20),
            n % 97
        ),
    };
    let old: Vec<String> = (0..125_000).map(line).collect();
    let mut new = old.clone();
    for edit in 0..edits {
        let at = random.below(new.len());
        match edit % 3 {
            0 => new[at] = format!("    changed: {edit}\n"),
            1 => drop(new.remove(at)),
            _ => new.insert(at, format!("    added: {edit}\n")),
        }
    }
    (old.concat(), new.concat())
}

const LINES: usize = 200_000;

fn generated(name: &str) -> (String, String) {
    let mut random = Random(11);
    let unique = |n: usize| format!("line number {n} of the text\n");
    let all: Vec<String> = (0..LINES).map(unique).collect();
    let mut shuffled = all.clone();
    (1..LINES)
        .rev()
        .for_each(|at| shuffled.swap(at, random.below(at + 1)));
    let mut picks = |kinds: usize| -> String {
        (0..LINES)
            .map(|_| format!("kind {}\n", random.below(kinds)))
            .collect()
    };
    let between = |step: usize| -> String {
        (0..LINES / 2)
            .map(|n| format!("}}\n{}", unique(n * step)))
            .collect()
    };
    let blank = |of: &dyn Fn(usize) -> usize| -> String {
        (0..LINES / 4)
            .map(|n| format!("{}text {}\n", "\n".repeat(of(n)), n % 1_000))
            .collect()
    };
    match name {
        "shuffled" => (all.concat(), shuffled.concat()),
        "reversed" => (all.concat(), all.iter().rev().map(String::as_str).collect()),
        "4 distinct lines" => (picks(4), picks(4)),
        "} between" => (between(1), between(2)),
        "blank runs" => (blank(&|n| n % 4 + 1), blank(&|n| (n * 7 + n / 3) % 5 + 1)),
        "every second line" => {
            let change = |(n, line): (usize, &String)| match n % 2 {
                0 => line.clone(),
                _ => format!("changed {n}\n"),
            };
            (all.concat(), all.iter().enumerate().map(change).collect())
        }
        "block move" => {
            let parts = [&all[..50_000], &all[150_000..], &all[50_000..150_000]];
            (all.concat(), parts.map(<[String]>::concat).concat())
        }
        "CRLF to LF" => (all.concat().replace('\n', "\r\n"), all.concat()),
        _ => unreachable!("every name has its texts"),
    }
}
