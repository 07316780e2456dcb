//! The speed that we promise, end to end: drives the release binary over real sockets with distinct
//! signed events, beside a bare handler that only verifies and parses, and prints a table.
//!
//! ```sh
//! cargo bench --bench load              # the table, about three minutes
//! cargo bench --bench load -- --quick   # smaller numbers, to see that it works
//! ```
//! Machines differ, so what is promised are ratios to the bare handler, measured in the same run.
//! The rows take turns; each figure is the median of the rounds, each ratio that of the ratios
//! within a round. The driver, and the sink in (c), share the machine with what they measure.

// A table on standard output is what this program is for.
#![allow(clippy::print_stdout)]

mod bare;
mod drive;
mod gateway;
mod sink;

use std::io::Write;
use std::time::{Duration, Instant};

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
        "{CONNECTIONS} connections, {} rounds, medians; `x` is the ratio to (a); an fsync here takes \
         {:.2} ms\n",
        sizes.rounds,
        fsync_millis()
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
    for (name, row) in names.iter().zip(&rows) {
        print_row(name, &rows[0], row);
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

fn print_row(name: &str, base: &[Measured], row: &[Measured]) {
    let of = |pick: fn(&Measured) -> f64| median(row.iter().map(pick).collect());
    let ratios = row.iter().zip(base).map(|(measured, bare)| measured.rate / bare.rate);
    println!(
        "{name:<46}{:>9.0}{:>7.2}{:>9.2}{:>9.2}{:>9.2}",
        of(|m| m.rate),
        median(ratios.collect()),
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

/// What the journal's disk takes for a page that is appended and made durable.
fn fsync_millis() -> f64 {
    let mut file = tempfile::tempfile().expect("a temporary file");
    let times = (0..100).map(|_| {
        let began = Instant::now();
        file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("the disk takes a page");
        began.elapsed().as_secs_f64() * 1e3
    });
    median(times.collect())
}

fn start(sizes: &Sizes) {
    for rules in [0, 1_000] {
        let mut times = Vec::new();
        let mut memory = Vec::new();
        for _ in 0..sizes.rounds {
            let gateway = Gateway::start(Purpose::Nothing, rules);
            times.push(gateway.ready_after.as_secs_f64() * 1e3);
            std::thread::sleep(Duration::from_millis(500));
            memory.push(gateway.memory_mib());
        }
        let (ready, idle) = (median(times), median(memory));
        println!("with {:>5} rules: ready after {ready:.0} ms, idle in {idle:.1} MiB", rules + 1);
    }
}

fn backlog(sizes: &Sizes) {
    let gateway = Gateway::start(Purpose::Waits, 0);
    for _ in 0..sizes.backlog.div_ceil(100_000) {
        Load::new(sizes.backlog.min(100_000)).drive(gateway.address, CONNECTIONS);
    }
    println!("with {} undelivered: {:.1} MiB", sizes.backlog, gateway.memory_mib());
    let again = gateway.restart();
    println!("ready again with these after {:.0} ms", again.ready_after.as_secs_f64() * 1e3);
    let new = drive_at(again.address, sizes.warm_up, sizes.delivered);
    println!(
        "new events then: {:.0} a second, p99 {:.2} ms, in {:.1} MiB",
        new.rate,
        new.p99,
        again.memory_mib()
    );
}
