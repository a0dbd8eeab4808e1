//! `cargo run --release [-- [--json] NAME…]`: CPU time of our unified diffs beside two peers', as a table, or as a line
//! of JSON a pair, for `sealdiff-bench` (benchmark/suites/diff-crates.mjs).
//!
//! Each of our answers is applied before it is timed. A peer that takes longer than ten seconds is
//! run once, in a process of its own, and counted as that; so is `diff -d`, which says how many
//! changed lines the patches of the real pairs have at least.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sealdiff_benchmark::clock::{medians, time_once};
use sealdiff_benchmark::contenders::{applies, changes, imara, least_changes, ours, similar};
use sealdiff_benchmark::documents::{
    Floor, MOST_EXCESS, MOST_MS, NAMES, Pair, SLOW_MS, pair, paths,
};

const ROUNDS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(10);
/// A peer that takes longer isn't run again.
const ONCE: Duration = Duration::from_secs(2);

type Contender = fn(&Pair) -> usize;

const PEERS: [(&str, Contender); 2] = [
    ("imara", |pair| imara(&pair.old, &pair.new).len()),
    ("similar", |pair| similar(&pair.old, &pair.new).len()),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, peer, name] = &arguments[..]
        && flag == "--probe"
    {
        return probe(peer, name);
    }
    let is_json = arguments.iter().any(|argument| argument == "--json");
    let wanted: Vec<&String> = arguments.iter().filter(|name| *name != "--json").collect();
    if !is_json {
        print_head();
    }
    for name in NAMES {
        if wanted.is_empty() || wanted.iter().any(|wanted| *wanted == name) {
            let measured = Measured::of(&pair(name));
            println!(
                "{}",
                if is_json {
                    measured.json()
                } else {
                    measured.line()
                }
            );
        }
    }
}

fn print_head() {
    println!("CPU ms, medians of {ROUNDS} interleaved rounds; changes: lines with + or -");
    println!(
        "{}",
        row([
            "case",
            "ours",
            "imara",
            "similar",
            "÷ imara",
            "÷ similar",
            "floor",
            "met",
            "changes",
            "diff -d",
            "least",
            "excess"
        ])
    );
}

/// Runs a peer once and prints its nanoseconds of CPU.
fn probe(peer: &str, name: &str) {
    let (_, run) = PEERS
        .into_iter()
        .find(|(known, _)| *known == peer)
        .expect("a peer");
    let pair = pair(name);
    println!("{}", time_once(&|| run(&pair)).as_nanos());
}

/// The first time of a peer, taken in a process that can be ended.
fn first_time(peer: &str, name: &str) -> Option<Duration> {
    let program = std::env::current_exe().expect("it runs");
    let mut child = Command::new(program)
        .args(["--probe", peer, name])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let start = Instant::now();
    while child.try_wait().expect("it was started").is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().expect("it runs");
            child.wait().expect("it was started");
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("it was started").stdout;
    let nanoseconds = String::from_utf8(output).ok()?.trim().parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Milliseconds of CPU, infinite for a peer that was ended, and lines with + or -.
struct Measured {
    name: &'static str,
    floor: Floor,
    ours: f64,
    imara: f64,
    similar: f64,
    changes: usize,
    /// Those of a shortest patch, for the pairs of which that is known.
    least: Option<usize>,
}

impl Measured {
    fn of(pair: &Pair) -> Self {
        let patch = ours(&pair.old, &pair.new);
        assert!(
            applies(&patch, &pair.old, &pair.new),
            "{}: our patch doesn't apply",
            pair.name
        );
        let first = PEERS.map(|(peer, _)| first_time(peer, pair.name));
        let quick: Vec<usize> = (0..PEERS.len())
            .filter(|&at| first[at].is_some_and(|time| time < ONCE))
            .collect();
        let our_run = || ours(&pair.old, &pair.new).len();
        let peer_runs: Vec<_> = quick.iter().map(|&at| move || PEERS[at].1(pair)).collect();
        let mut runs: Vec<&dyn Fn() -> usize> = vec![&our_run];
        runs.extend(peer_runs.iter().map(|run| run as &dyn Fn() -> usize));
        let times = medians(&runs, ROUNDS);
        let mut theirs = first.map(|time| time.map_or(f64::INFINITY, milliseconds));
        quick
            .iter()
            .zip(&times[1..])
            .for_each(|(&at, &time)| theirs[at] = milliseconds(time));
        let [imara, similar] = theirs;
        Self {
            name: pair.name,
            floor: pair.floor,
            ours: milliseconds(times[0]),
            imara,
            similar,
            changes: changes(&patch),
            least: match pair.floor {
                Floor::OfImara(_) => least_changes(&pair.old, &pair.new),
                Floor::Bounded(_) => None,
            },
        }
    }

    fn is_quick(&self) -> bool {
        match self.floor {
            Floor::OfImara(most) => self.ours <= most * self.imara,
            Floor::Bounded(most) => {
                let is_quicker = self.similar < SLOW_MS || self.ours <= most * self.similar;
                is_quicker && self.ours <= MOST_MS
            }
        }
    }

    /// By how many per cent the patch is longer than a shortest one.
    fn excess(&self) -> Option<f64> {
        let least = self.least?;
        Some(self.changes as f64 / least as f64 * 100.0 - 100.0)
    }

    fn line(&self) -> String {
        let floor = match self.floor {
            Floor::OfImara(most) => format!("{most} imara"),
            Floor::Bounded(most) => format!("{most} similar, {MOST_MS} ms"),
        };
        let is_met = self.is_quick() && self.excess().is_none_or(|excess| excess <= MOST_EXCESS);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        row([
            self.name,
            &format!("{:.2}", self.ours),
            &time(self.imara),
            &time(self.similar),
            &format!("{:.3}", self.ours / self.imara),
            &format!("{:.3}", self.ours / self.similar),
            &floor,
            if is_met { "yes" } else { "NO" },
            &self.changes.to_string(),
            &or_dash(paths(self.name).map(of_gnu_diff)),
            &or_dash(self.least.map(|least| least.to_string())),
            &or_dash(self.excess().map(|excess| format!("{excess:.1} %"))),
        ])
    }

    /// A peer that was ended has null; the names of the pairs need no escape.
    fn json(&self) -> String {
        let or_null = |time: f64| match time.is_finite() {
            true => time.to_string(),
            false => "null".into(),
        };
        let (of, most) = match self.floor {
            Floor::OfImara(most) => ("imara", most),
            Floor::Bounded(most) => ("similar", most),
        };
        format!(
            r#"{{"name":"{}","ours":{},"imara":{},"similar":{},"floor":{{"of":"{of}","most":{most}}},"changes":{},"least":{}}}"#,
            self.name,
            self.ours,
            or_null(self.imara),
            or_null(self.similar),
            self.changes,
            self.least.map_or("null".into(), |least| least.to_string()),
        )
    }
}

/// The lines that `diff -d` removes and adds.
fn of_gnu_diff(paths: [PathBuf; 2]) -> String {
    let output = Command::new("timeout")
        .arg(PATIENCE.as_secs().to_string())
        .args(["diff", "-d", "--"])
        .args(paths)
        .output()
        .expect("GNU diff and the timeout of coreutils are installed");
    // 1 says that there are differences.
    if output.status.code() != Some(1) {
        return format!("> {} s", PATIENCE.as_secs());
    }
    let lines = output.stdout.split(|&byte| byte == b'\n');
    let changed = lines.filter(|line| matches!(line.first(), Some(b'<' | b'>')));
    changed.count().to_string()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn time(milliseconds: f64) -> String {
    if milliseconds.is_finite() {
        format!("{milliseconds:.2}")
    } else {
        format!("> {}", PATIENCE.as_millis())
    }
}

fn row(cells: [&str; 12]) -> String {
    let [name, rest @ ..] = cells;
    let widths = [9, 9, 9, 9, 10, 20, 5, 9, 9, 9, 9];
    let mut line = format!("{name:<18}");
    for (cell, width) in rest.iter().zip(widths) {
        line.push_str(&format!("{cell:>width$}"));
    }
    line
}
