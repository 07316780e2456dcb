//! The speed that we promise, end to end: drives the release binary over real sockets with distinct
//! signed events, beside a bare handler that only verifies and parses, and prints a table.
//!
//! ```sh
//! cargo bench --bench load              # the table, about three minutes
//! cargo bench --bench load -- --quick   # smaller numbers, to see that it works
//! ```
//! Machines differ, so what is promised are ratios to the bare handler, measured in the same run.
//! Each figure is the median of several rounds, taken in turns.

// A table on standard output is what this program is for.
#![allow(clippy::print_stdout)]

mod bare;
mod drive;
mod gateway;
mod sink;

use std::time::Duration;

use drive::Load;
use gateway::{Gateway, Purpose};

/// How many connections Agnox's stand-in holds open.
const CONNECTIONS: usize = 64;

struct Sizes {
    rounds: usize,
    warm_up: usize,
    events: usize,
    delivered: usize,
    backlog: usize,
}

const FULL: Sizes =
    Sizes { rounds: 3, warm_up: 10_000, events: 150_000, delivered: 60_000, backlog: 1_000_000 };
const QUICK: Sizes =
    Sizes { rounds: 1, warm_up: 500, events: 5_000, delivered: 3_000, backlog: 20_000 };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--bare", ..] => bare::serve(),
        ["--sink", ..] => sink::serve(),
        _ => measure(if arguments.iter().any(|a| a == "--quick") { QUICK } else { FULL }),
    }
}

fn measure(sizes: Sizes) {
    println!(
        "{CONNECTIONS} connections, {} rounds, medians; `x` is the ratio to (a)\n",
        sizes.rounds
    );
    let mut rows: [Vec<Measured>; 4] = Default::default();
    for _ in 0..sizes.rounds {
        rows[0].push(bare_handler(&sizes));
        rows[1].push(acknowledged(Purpose::Nothing, &sizes));
        rows[2].push(acknowledged(Purpose::Waits, &sizes));
        rows[3].push(delivered(&sizes));
    }
    let names = [
        "(a) bare handler: verify and parse",
        "(b) acknowledged durably, no message",
        "(b) acknowledged durably, one delivery waits",
        "(c) delivered to a local HTTP sink",
    ];
    println!("{:<46}{:>9}{:>7}{:>9}{:>9}{:>9}", "", "events/s", "x", "p50 ms", "p99 ms", "p99.9");
    let base = median(rows[0].iter().map(|m| m.rate).collect());
    for (name, row) in names.iter().zip(&rows) {
        print_row(name, base, row);
    }
    println!();
    start(&sizes);
    backlog(&sizes);
}

/// One round's figures.
struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
    p999: f64,
}

fn print_row(name: &str, base: f64, row: &[Measured]) {
    let of = |pick: fn(&Measured) -> f64| median(row.iter().map(pick).collect());
    let rate = of(|m| m.rate);
    println!(
        "{name:<46}{rate:>9.0}{:>7.2}{:>9.2}{:>9.2}{:>9.2}",
        rate / base,
        of(|m| m.p50),
        of(|m| m.p99),
        of(|m| m.p999),
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn bare_handler(sizes: &Sizes) -> Measured {
    let bare = bare::start();
    drive_at(bare.address, sizes.warm_up, sizes.events)
}

fn acknowledged(purpose: Purpose, sizes: &Sizes) -> Measured {
    let gateway = Gateway::start(purpose, 0);
    drive_at(gateway.address, sizes.warm_up, sizes.events)
}

fn drive_at(address: std::net::SocketAddr, warm_up: usize, events: usize) -> Measured {
    Load::new(warm_up).drive(address, CONNECTIONS);
    let driven = Load::new(events).drive(address, CONNECTIONS);
    Measured {
        rate: events as f64 / driven.took.as_secs_f64(),
        p50: driven.percentile(50.0),
        p99: driven.percentile(99.0),
        p999: driven.percentile(99.9),
    }
}

/// From the first request to the last message at the sink, the time to drain included.
fn delivered(sizes: &Sizes) -> Measured {
    let sink = sink::start();
    let gateway = Gateway::start(Purpose::Http(sink.address), 0);
    let driven = Load::new(sizes.delivered).drive(gateway.address, CONNECTIONS);
    let drained = sink.wait_for(sizes.delivered, driven.began, Duration::from_secs(120));
    let (messages, distinct) = sink.counts();
    assert_eq!((messages, distinct), (sizes.delivered, sizes.delivered), "each message once");
    Measured {
        rate: sizes.delivered as f64 / drained.as_secs_f64(),
        p50: driven.percentile(50.0),
        p99: driven.percentile(99.0),
        p999: driven.percentile(99.9),
    }
}

fn start(sizes: &Sizes) {
    let mut times = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..sizes.rounds {
        let gateway = Gateway::start(Purpose::Nothing, 1_000);
        times.push(gateway.ready_after.as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_millis(500));
        memory.push(gateway.memory_mib());
    }
    println!("ready with 1,000 rules after {:.0} ms", median(times));
    println!("memory when idle            {:.1} MiB", median(memory));
}

fn backlog(sizes: &Sizes) {
    let gateway = Gateway::start(Purpose::Waits, 0);
    for _ in 0..sizes.backlog.div_ceil(100_000) {
        Load::new(sizes.backlog.min(100_000)).drive(gateway.address, CONNECTIONS);
    }
    println!("memory with {} undelivered {:.1} MiB", sizes.backlog, gateway.memory_mib());
    let again = gateway.restart();
    println!("ready again with these after {:.0} ms", again.ready_after.as_secs_f64() * 1e3);
    std::thread::sleep(Duration::from_secs(2));
    println!("memory then {:.1} MiB", again.memory_mib());
}
