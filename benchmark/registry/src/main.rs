//! Times the look-up of a registry by 1, 2, 4 and 8 threads at once, read-only and with one write in ten, for
//! every candidate in turn. Prints medians; knows nothing of sealdiff.
//!
//! usage: cargo run --release --manifest-path benchmark/registry/Cargo.toml [-- [--quick] [CANDIDATE ...]]

mod maps;

use std::hint::black_box;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use maps::{Factory, Registry, candidates};

/// A process has one factory, or a few; a test run may have opened hundreds.
const POPULATIONS: [usize; 2] = [4, 1000];
const THREADS: [usize; 4] = [1, 2, 4, 8];
/// Of so many operations one is a write, a `publish` or an `unpublish` in turn; 0 = none.
const WRITE_EVERY: [usize; 2] = [0, 10];
/// Operations between two looks at the clock's flag.
const BATCH: usize = 64;

/// Nanoseconds for one operation: of the clock, over all threads together, and of CPU time.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
}

struct Scenario {
    handles: Vec<String>,
    factories: Vec<Arc<Factory>>,
    threads: usize,
    write_every: usize,
    duration: Duration,
}

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let (rounds, millis) = if is_quick { (3, 20) } else { (9, 60) };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    println!(
        "registry look-ups on {processors} processors, median of {rounds} interleaved rounds of {millis} ms"
    );
    println!("ns per operation: wall time over all threads together, and CPU time\n");
    for population in POPULATIONS {
        for write_every in WRITE_EVERY {
            let writes = if write_every == 0 {
                "read-only"
            } else {
                "one write in ten"
            };
            println!("{population} factories, {writes}");
            print_table(
                population,
                write_every,
                rounds,
                Duration::from_millis(millis),
            );
        }
    }
}

fn print_table(population: usize, write_every: usize, rounds: usize, duration: Duration) {
    let names: Vec<_> = chosen(1).iter().map(|(name, _)| *name).collect();
    let heads: String = THREADS
        .iter()
        .map(|n| format!("{:>16}", format!("{n} threads")))
        .collect();
    println!("{:<18}{heads}", "wall / CPU");
    let columns: Vec<_> = THREADS
        .iter()
        .map(|&threads| {
            measure(
                &scenario(population, threads, write_every, duration),
                rounds,
            )
        })
        .collect();
    for (row, name) in names.iter().enumerate() {
        let cells: String = columns
            .iter()
            .map(|costs| {
                format!(
                    "{:>16}",
                    format!("{:.0} / {:.0}", costs[row].wall, costs[row].cpu)
                )
            })
            .collect();
        println!("{name:<18}{cells}");
    }
    let shares: String = THREADS
        .iter()
        .zip(&columns)
        .map(|(&threads, costs)| format!("{:>14.0} %", 100.0 * share(threads, costs)))
        .collect();
    println!("{:<18}{shares}\n", "share of CPU got");
}

/// What part of the processors that the threads could use they had: below 1 others used them meanwhile, and the
/// threads met each other less than they would have.
fn share(threads: usize, costs: &[Cost]) -> f64 {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let used: f64 = costs.iter().map(|cost| cost.cpu / cost.wall).sum();
    used / (costs.len() * threads.min(processors)) as f64
}

fn scenario(population: usize, threads: usize, write_every: usize, duration: Duration) -> Scenario {
    // Each thread's own handles, which it publishes and unpublishes, follow those that all read.
    let handles = (0..population + threads).map(handle).collect();
    let factories = (0..population + threads)
        .map(|i| Arc::new(i as Factory))
        .collect();
    Scenario {
        handles,
        factories,
        threads,
        write_every,
        duration,
    }
}

/// As long as a real one: 128 bits in hexadecimal.
fn handle(index: usize) -> String {
    let mixed = (index as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("{mixed:032x}")
}

/// The candidates that the command names; all of them if it names none.
fn chosen(capacity: usize) -> Vec<(&'static str, Box<dyn Registry>)> {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--quick")
        .collect();
    let mut maps = candidates(capacity);
    maps.retain(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name));
    maps
}

/// The median cost of every candidate, measured in turn so that what the machine does meanwhile falls on all.
fn measure(scenario: &Scenario, rounds: usize) -> Vec<Cost> {
    let capacity = scenario.handles.len() * 4;
    let maps = chosen(capacity);
    for (name, map) in &maps {
        fill(map.as_ref(), scenario);
        assert!(all_found(map.as_ref(), scenario), "{name} lost a factory");
    }
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); maps.len()];
    for _ in 0..rounds {
        for ((_, map), costs) in maps.iter().zip(&mut costs) {
            costs.push(round(map.as_ref(), scenario));
        }
    }
    for (name, map) in &maps {
        assert!(all_found(map.as_ref(), scenario), "{name} lost a factory");
    }
    costs.iter().map(|costs| median(costs)).collect()
}

fn readable(scenario: &Scenario) -> usize {
    scenario.handles.len() - scenario.threads
}

fn fill(map: &dyn Registry, scenario: &Scenario) {
    for index in 0..readable(scenario) {
        map.publish(&scenario.handles[index], &scenario.factories[index]);
    }
}

fn all_found(map: &dyn Registry, scenario: &Scenario) -> bool {
    (0..readable(scenario))
        .all(|i| map.by_handle(&scenario.handles[i]).as_deref() == Some(&scenario.factories[i]))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, and waits by it"
)]
fn round(map: &dyn Registry, scenario: &Scenario) -> Cost {
    let stop = AtomicBool::new(false);
    let start = Barrier::new(scenario.threads + 1);
    thread::scope(|scope| {
        let (stop, start) = (&stop, &start);
        let running: Vec<_> = (0..scenario.threads)
            .map(|thread| {
                scope.spawn(move || {
                    start.wait();
                    work(map, scenario, thread, stop)
                })
            })
            .collect();
        start.wait();
        let (clock, cpu) = (Instant::now(), ProcessTime::now());
        thread::sleep(scenario.duration);
        stop.store(true, Ordering::Relaxed);
        let operations: usize = running
            .into_iter()
            .map(|thread| thread.join().expect("it can't panic"))
            .sum();
        let cost = |time: Duration| time.as_nanos() as f64 / operations as f64;
        Cost {
            wall: cost(clock.elapsed()),
            cpu: cost(cpu.elapsed()),
        }
    })
}

/// Looks handles up until told to stop. Returns the number of operations.
fn work(map: &dyn Registry, scenario: &Scenario, thread: usize, stop: &AtomicBool) -> usize {
    let readable = readable(scenario);
    let own = readable + thread;
    let (mut operations, mut writes) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..BATCH {
            operations += 1;
            if scenario.write_every > 0 && operations % scenario.write_every == 0 {
                writes += 1;
                write(
                    map,
                    &scenario.handles[own],
                    &scenario.factories[own],
                    writes,
                );
            } else {
                // Strides apart, so that threads don't walk the map in step.
                let index = (operations * 7 + thread * 31) % readable;
                black_box(map.by_handle(&scenario.handles[index]));
            }
        }
    }
    operations
}

fn write(map: &dyn Registry, handle: &str, factory: &Arc<Factory>, count: usize) {
    if count % 2 == 1 {
        map.publish(handle, factory);
    } else {
        map.unpublish(handle);
    }
}

fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut sorted: Vec<f64> = costs.iter().map(of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    Cost {
        wall: middle(|cost| cost.wall),
        cpu: middle(|cost| cost.cpu),
    }
}
