//! `cargo run --release --bin memory [-- NAME…]`: the most heap memory that a diff holds at once,
//! over the two texts and without its answer.

use peak_alloc::PeakAlloc;
use sealdiff_benchmark::contenders::{imara, ours, similar};
use sealdiff_benchmark::documents::{NAMES, Pair, pair};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    println!(
        "extra heap at the peak, MB\n{:<18}{:>9}{:>9}{:>9}",
        "case", "ours", "imara", "similar"
    );
    for name in NAMES {
        // imara's histogram takes for ever on these, which is what the speed table shows.
        let is_endless = ["4 distinct lines", "} between", "every second line"].contains(&name);
        if wanted.iter().any(|wanted| wanted == name) || (wanted.is_empty() && !is_endless) {
            println!("{}", row(&pair(name)));
        }
    }
}

fn row(pair: &Pair) -> String {
    let (old, new) = (&pair.old[..], &pair.new[..]);
    let mine = extra(|| ours(old, new).len());
    let [imara, similar] = [
        extra(|| imara(old, new).len()),
        extra(|| similar(old, new).len()),
    ];
    format!("{:<18}{mine:>9.2}{imara:>9.2}{similar:>9.2}", pair.name)
}

/// Megabytes at the peak of `run` over those before it, less those that it says its answer has.
fn extra(run: impl Fn() -> usize) -> f64 {
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    let answer = run();
    HEAP.peak_usage().saturating_sub(before + answer) as f64 / 1e6
}
