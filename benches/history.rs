//! The promise about history: with it an event costs at most twice of what it does without, and
//! costs the same however old the journal is.
//!
//! ```sh
//! cargo bench --bench history                          # the table, about three minutes
//! AGNOX_BENCH_PAST=50000 cargo bench --bench history   # a younger journal, to see that it works
//! ```
//! 10,000 groups, each with twenty runs, failures and recoveries behind it. The
//! rows are, in a new journal and in one with a million past events:
//!
//! - the rules alone: they are asked, and what is to be remembered is made ready to be written;
//! - decided: what becomes of an event that is acknowledged, until its decision is on disk, 64 events
//!   at a time;
//! - kept and decided: the same from the event's arrival at the journal on.
//!
//! "Without" means that no group is known, and that nothing but deliveries is written, as if there
//! were no history; half of the events tell somebody, and with history recoveries go out too. Both
//! take turns, each ratio is the median of the turns' ratios, and
//! machines differ, so the ratios are what counts. Processor time is that of all threads, and says
//! most where the machine has other things to do.

#![allow(clippy::print_stdout)]

#[path = "common/rules.rs"]
mod rules;

use std::path::Path;
use std::time::Instant;

use agnox_bridge::journal::sqlite::{Settings, SqliteJournal};
use agnox_bridge::journal::{Arrival, Journal};
use agnox_bridge::model::memory::OWN_SOURCE;
use agnox_bridge::model::{
    AttemptRecord, Decision, DeliverySeq, Event, Outcome, Patch, Reading, Settlement, Then,
};
use agnox_bridge::route::{Router, State};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use uuid::Uuid;

/// So many events are decided together, as under load.
const BATCH: usize = 64;

/// So many events a turn.
const TURN: usize = 8 * PART;

/// So many of these are there to be decided at a time.
const PART: usize = 16 * BATCH;

const TURNS: usize = 11;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let past = std::env::var("AGNOX_BENCH_PAST")
        .map_or(1_000_000, |text| text.parse().expect("AGNOX_BENCH_PAST is a number of events"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    println!("{} groups; microseconds an event, medians of {TURNS} turns\n", rules::GROUPS);
    println!("{:<30}{:>30}{:>30}", "", "processor time", "elapsed");
    println!("{:<30}{}{}", "", heads(), heads());
    print_row("the rules alone, in memory", &rules_alone());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (new, old) = runtime.block_on(with_journal(folder.path(), past));
    for (name, turns) in [("new".to_owned(), &new), (format!("after {past}"), &old)] {
        print_row(&format!("decided, {name}"), &turns.decided);
        print_row(&format!("kept and decided, {name}"), &turns.whole);
    }
    let aged = |pick: fn(&Cost) -> f64| {
        let pairs = new.decided.iter().zip(&old.decided);
        median(pairs.map(|(new, old)| pick(&old.1) / pick(&new.1)).collect())
    };
    println!(
        "\ndecided with history, old against new: {:.2} in processor time, {:.2} elapsed",
        aged(|cost| cost.processor),
        aged(|cost| cost.elapsed)
    );
}

/// What an event took, in microseconds.
#[derive(Default)]
struct Cost {
    /// Of all threads.
    processor: f64,
    elapsed: f64,
}

/// Without history and with it.
type Turn = (Cost, Cost);

/// The turns of one journal.
#[derive(Default)]
struct Turns {
    decided: Vec<Turn>,
    whole: Vec<Turn>,
}

fn heads() -> String {
    format!("{:>10}{:>10}{:>10}", "without", "with", "ratio")
}

fn print_row(name: &str, turns: &[Turn]) {
    let columns = [(|cost| cost.processor) as fn(&Cost) -> f64, |cost| cost.elapsed].map(|pick| {
        let of = |value: &dyn Fn(&Turn) -> f64| median(turns.iter().map(value).collect());
        let (without, with) = (of(&|turn| pick(&turn.0)), of(&|turn| pick(&turn.1)));
        let ratio = of(&|turn| pick(&turn.1) / pick(&turn.0));
        format!("{without:>10.2}{with:>10.2}{ratio:>10.2}")
    });
    println!("{name:<30}{}", columns.concat());
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A watch over both kinds of time.
struct Watch {
    began: Instant,
    processor: u64,
}

impl Watch {
    fn start() -> Self {
        Watch { began: Instant::now(), processor: processor_nanos() }
    }

    /// What each of so many events took, on top of what was taken before.
    fn add_to(&self, cost: &mut Cost, events: usize) {
        let elapsed = self.began.elapsed().as_nanos() as f64;
        let processor = processor_nanos() - self.processor;
        cost.elapsed += elapsed / 1e3 / events as f64;
        cost.processor += processor as f64 / 1e3 / events as f64;
    }
}

/// What all threads of the process have used, as Linux counts it; 0 elsewhere.
fn processor_nanos() -> u64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let used = threads.flatten().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    used.sum()
}

fn rules_alone() -> Vec<Turn> {
    let router = rules::router_with_history();
    let (mut without, mut runs) = (rules::Runs::new(OWN_SOURCE), rules::Runs::new("main"));
    let mut state = State::default();
    for _ in 0..20 * rules::GROUPS {
        router.decide(runs.next(), &mut state);
    }
    state.take_patch();
    let mut time = |runs: &mut rules::Runs| {
        let (watch, mut cost) = (Watch::start(), Cost::default());
        for _ in 0..TURN / BATCH {
            for _ in 0..BATCH {
                std::hint::black_box(router.decide(runs.next(), &mut state));
            }
            std::hint::black_box(state.take_patch());
        }
        watch.add_to(&mut cost, TURN);
        cost
    };
    (0..TURNS).map(|_| (time(&mut without), time(&mut runs))).collect()
}

async fn with_journal(folder: &Path, past: usize) -> (Turns, Turns) {
    let mut bench = Bench::new(folder).await;
    let new = bench.turns().await;
    bench.grow(past).await;
    (new, bench.turns().await)
}

/// A journal with the rules that decide its events, and what they remember.
struct Bench {
    journal: SqliteJournal,
    router: Router,
    state: State,
    /// How many runs there were.
    runs: usize,
}

impl Bench {
    /// A new journal that remembers all groups, with twenty runs each.
    async fn new(folder: &Path) -> Self {
        let journal = SqliteJournal::open(&folder.join("bench.db"), Settings::default());
        let journal = journal.expect("a new journal opens");
        let (router, mut state) = (rules::router_with_history(), State::default());
        let runs = 20 * rules::GROUPS;
        for number in 0..runs {
            let (at, body) = rules::run(number);
            let id = Uuid::from_u128(number as u128);
            router.decide(&Event { id, ..rules::event_of(at, body) }, &mut state);
        }
        journal.decide(Vec::new(), state.take_patch()).await.expect("committed");
        Bench { journal, router, state, runs }
    }

    async fn turns(&mut self) -> Turns {
        let mut turns = Turns::default();
        for _ in 0..TURNS {
            let (without, with) = (self.turn(false).await, self.turn(true).await);
            turns.decided.push((without.0, with.0));
            turns.whole.push((without.1, with.1));
        }
        turns
    }

    /// What deciding cost, and what it did from arrival on.
    async fn turn(&mut self, history: bool) -> (Cost, Cost) {
        let (mut decided, mut whole) = (Cost::default(), Cost::default());
        for _ in 0..TURN / PART {
            let arrived = Watch::start();
            self.accept(PART).await;
            let kept = Watch::start();
            self.decide(history, BATCH).await;
            kept.add_to(&mut decided, TURN);
            arrived.add_to(&mut whole, TURN);
            self.settle().await;
        }
        (decided, whole)
    }

    /// Lets so many further events pass.
    async fn grow(&mut self, events: usize) {
        for _ in 0..events.div_ceil(PART) {
            self.accept(PART).await;
            self.decide(true, PART).await;
            self.settle().await;
        }
    }

    async fn accept(&mut self, events: usize) {
        let end = self.runs + events;
        while self.runs < end {
            let numbers = self.runs..end.min(self.runs + BATCH);
            self.runs = numbers.end;
            let accepted = numbers.map(|number| self.journal.accept(arrival(number)));
            try_join_all(accepted).await.expect("accepted");
        }
    }

    /// Decides all that is undecided, so many at once.
    async fn decide(&mut self, history: bool, batch: usize) {
        loop {
            let events = self.journal.undecided(batch).await.expect("undecided");
            if events.is_empty() {
                return;
            }
            let decisions = match history {
                true => events.iter().map(|e| self.router.decide(e, &mut self.state)).collect(),
                false => events.into_iter().map(|e| self.without_history(e)).collect(),
            };
            let patch = if history { self.state.take_patch() } else { Patch::default() };
            self.journal.decide(decisions, patch).await.expect("decided");
        }
    }

    /// The bridge's own source has no history.
    fn without_history(&mut self, event: Event) -> Decision {
        let event = Event { source: OWN_SOURCE.into(), ..event };
        let mut decision = self.router.decide(&event, &mut self.state);
        decision.account = None;
        decision.planned.iter_mut().for_each(|planned| planned.brief.standing = None);
        decision
    }

    async fn settle(&self) {
        loop {
            let waiting = self.journal.waiting("chat", DeliverySeq(0), 1_000).await;
            let waiting = waiting.expect("waiting");
            if waiting.is_empty() {
                return;
            }
            let settlements = waiting.iter().map(|key| delivered(key.seq)).collect();
            self.journal.settle(settlements).await.expect("settled");
        }
    }
}

fn arrival(number: usize) -> Arrival {
    let (at, body) = rules::run(number);
    let reading = Reading::of(&body);
    Arrival { source: "main".into(), received_at: at, body: body.into(), reading }
}

fn delivered(delivery: DeliverySeq) -> Settlement {
    let attempt = AttemptRecord {
        number: 1,
        at: Timestamp::now(),
        latency_ms: 12,
        outcome: Outcome::Delivered,
        status: Some(200),
        reason: None,
        excerpt: None,
        maybe_arrived: false,
    };
    Settlement::new(delivery, Some(attempt), Then::Delivered)
}
