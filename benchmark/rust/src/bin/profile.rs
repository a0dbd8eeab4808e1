//! `perf record target/release/profile NAME TIMES`: our diff of one pair, and nothing else.

use sealdiff_benchmark::contenders::ours;
use sealdiff_benchmark::documents::pair;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = &arguments[..] else {
        panic!("the name of a pair, and how often to compare it");
    };
    let pair = pair(name);
    for _ in 0..times.parse::<u32>().expect("a number") {
        std::hint::black_box(ours(&pair.old, &pair.new));
    }
}
