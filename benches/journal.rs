//! How many events a second the journal takes, durably, on one machine: `cargo bench --bench
//! journal`. A table for people, not a timed test; machines differ. `AGNOX_BENCH_EVENTS` says how
//! many are sent, `AGNOX_BENCH_PAST` how many past ones are laid in before.

#![allow(clippy::print_stdout, missing_docs)]

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agnox_bridge::journal::sqlite::{Settings, SqliteJournal};
use agnox_bridge::journal::{Arrival, Journal, Waiting};
use agnox_bridge::model::{
    Account, AttemptRecord, Brief, Decision, DeliverySeq, Event, EventSeq, GroupKey, GroupMemory,
    Match, Memo, Outcome, Patch, Planned, Reading, Run, Settlement, Status, Then, memory,
};
use jiff::Timestamp;

const PRODUCERS: u64 = 64;
const GROUPS: u64 = 10_000;

/// How far the events go.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Accept,
    Nothing,
    Remember,
    Recall,
    Decide,
    Settle,
    Work,
}

impl Way {
    /// Whether a decision has an account and changes its group's memory.
    fn remembers(self) -> bool {
        matches!(self, Way::Remember | Way::Recall)
    }
}

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    println!(
        "{:<42} {:>10} {:>9} {:>9} {:>9} {:>12}",
        "", "events/s", "p50 ms", "p99 ms", "a commit", "in commits"
    );
    for (way, name) in [
        (Way::Accept, "accept"),
        (Way::Nothing, "accept, decide without a delivery"),
        (Way::Remember, "the same with account and memory"),
        (Way::Recall, "the same, its memory read each time"),
        (Way::Decide, "accept, decide with one delivery"),
        (Way::Settle, "accept, decide, settle"),
        (Way::Work, "accept, decide, load whole, settle"),
    ] {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime needs threads, which the benchmark can't do without");
        runtime.block_on(run(way, name));
    }
}

async fn run(way: Way, name: &str) {
    let folder = tempfile::tempdir().expect("the benchmark needs a folder");
    let path = folder.path().join("bench.db");
    let journal = SqliteJournal::open(&path, Settings::default()).expect("a new journal opens");
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let (past, events) = (count("AGNOX_BENCH_PAST", 0), count("AGNOX_BENCH_EVENTS", 200_000));
    send(&journal, 0..past, Way::Remember).await;
    let before = journal.figures().await.expect("figures");
    let started = Instant::now();
    let mut times = send(&journal, past..past + events, way).await;
    let took = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: f64| times[(times.len() as f64 * part) as usize].as_secs_f64() * 1e3;
    let after = journal.figures().await.expect("figures");
    println!(
        "{name:<42} {:>10.0} {:>9.2} {:>9.2} {:>9.1} {:>11.0}%",
        events as f64 / took,
        at(0.5),
        at(0.99),
        events as f64 / (after.commits - before.commits) as f64,
        (after.commit_time - before.commit_time).as_secs_f64() / took * 100.0,
    );
    journal.close().await;
}

fn count(variable: &str, otherwise: u64) -> u64 {
    let read = |text: String| text.parse().expect("the variable is a number of events");
    std::env::var(variable).map_or(otherwise, read)
}

/// Sends the events with these numbers so far; how long each took to be accepted.
async fn send(journal: &Arc<dyn Journal>, numbers: Range<u64>, way: Way) -> Vec<Duration> {
    let count = numbers.end - numbers.start;
    let next = Arc::new(AtomicU64::new(numbers.start));
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|_| tokio::spawn(produce(Arc::clone(journal), Arc::clone(&next), numbers.end)))
        .collect();
    let decided =
        (way != Way::Accept).then(|| tokio::spawn(decide(Arc::clone(journal), count, way)));
    let settled = matches!(way, Way::Settle | Way::Work)
        .then(|| tokio::spawn(settle(Arc::clone(journal), count, way)));
    let mut times = Vec::new();
    for producer in producers {
        times.extend(producer.await.expect("a producer ends"));
    }
    for task in [decided, settled].into_iter().flatten() {
        task.await.expect("a consumer ends");
    }
    times
}

async fn produce(journal: Arc<dyn Journal>, next: Arc<AtomicU64>, end: u64) -> Vec<Duration> {
    let mut times = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            return times;
        }
        let arrival = arrival(number);
        let started = Instant::now();
        journal.accept(arrival).await.expect("accepted");
        times.push(started.elapsed());
    }
}

fn arrival(number: u64) -> Arrival {
    let at = Timestamp::from_millisecond(1_773_500_000_000 + number as i64).expect("in range");
    let body = format!(
        r#"{{"event":"execution.finished","executionId":"exec_{number}","taskId":"task_{number}","status":"FAILED","summary":"3 tests failed in My Test Suite","groupName":"group-{}","startedAt":"2026-03-14T11:56:00.000Z","finishedAt":"{at:.3}"}}"#,
        number % GROUPS
    );
    let body: Arc<[u8]> = body.into_bytes().into();
    let reading = Reading::of(&body);
    Arrival { source: "main".into(), received_at: at, body, reading }
}

async fn decide(journal: Arc<dyn Journal>, count: u64, way: Way) {
    let remembered = serde_json::to_string(&group_memory()).expect("it is data");
    let mut done = 0;
    while done < count {
        let events = journal.undecided(512).await.expect("undecided");
        if events.is_empty() {
            journal.signals().events.notified().await;
            continue;
        }
        done += events.len() as u64;
        if way == Way::Recall {
            journal.recall(events.iter().map(name).collect()).await.expect("recalled");
        }
        let put = |event| Memo { name: name(event), due: None, value: remembered.clone() };
        let mut patch = Patch::default();
        if way.remembers() {
            patch.put = events.iter().map(put).collect();
        }
        let decisions = events.iter().map(|event| decision(event.seq, way)).collect();
        journal.decide(decisions, patch).await.expect("decided");
    }
}

fn name(event: &Event) -> String {
    let (source, group) = (Arc::clone(&event.source), Arc::clone(&event.reading.group));
    memory::group_name(&GroupKey { source, group })
}

fn group_memory() -> GroupMemory {
    let run = Run {
        finished_at: Timestamp::UNIX_EPOCH,
        status: Status::Failed,
        failing: true,
        seconds: Some(240),
    };
    let runs: VecDeque<Run> = std::iter::repeat_n(run, 20).collect();
    GroupMemory { status: Some("FAILED".into()), runs, ..GroupMemory::default() }
}

fn decision(event: EventSeq, way: Way) -> Decision {
    let rule = "production is red".to_owned();
    let account = way.remembers().then(|| Account {
        version: "3f2a91c0".into(),
        matched: vec![Match { rule: rule.clone(), ..Match::default() }],
        ..Account::default()
    });
    let planned = match way {
        Way::Accept | Way::Nothing | Way::Remember | Way::Recall => Vec::new(),
        Way::Decide | Way::Settle | Way::Work => {
            let brief = Brief { rules: vec![rule], ..Brief::default() };
            vec![Planned::new("team-chat", brief)]
        }
    };
    Decision { event, planned, unmatched: false, parked: None, account }
}

async fn settle(journal: Arc<dyn Journal>, count: u64, way: Way) {
    let (mut done, mut after) = (0, DeliverySeq(0));
    while done < count {
        let waiting = journal.waiting("team-chat", after, 512).await.expect("waiting");
        let Some(last) = waiting.last() else {
            journal.signals().deliveries.notified().await;
            continue;
        };
        after = last.seq;
        done += waiting.len() as u64;
        if way == Way::Work {
            load(&journal, &waiting).await;
        }
        let settlements = waiting.iter().map(settlement).collect();
        journal.settle(settlements).await.expect("settled");
    }
}

async fn load(journal: &Arc<dyn Journal>, waiting: &[Waiting]) {
    for part in waiting.chunks(16) {
        let loads: Vec<_> = part.iter().map(|key| journal.work(key.seq)).collect();
        for load in loads {
            load.await.expect("loaded").expect("still there");
        }
    }
}

fn settlement(key: &Waiting) -> Settlement {
    let attempt = AttemptRecord {
        number: 1,
        at: Timestamp::now(),
        latency_ms: 12,
        outcome: Outcome::Delivered,
        status: Some(200),
        reason: None,
        excerpt: Some("ok".into()),
        maybe_arrived: false,
    };
    Settlement::new(key.seq, Some(attempt), Then::Delivered)
}
