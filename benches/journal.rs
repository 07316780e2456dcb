//! How many events a second the journal takes, durably, on one machine: `cargo bench --bench
//! journal`. A table for people, not a timed test; machines differ.

#![allow(clippy::print_stdout, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agnox_bridge::journal::sqlite::{Settings, SqliteJournal};
use agnox_bridge::journal::{Arrival, Journal, Waiting};
use agnox_bridge::model::{
    AttemptRecord, Brief, Decision, DeliverySeq, EventSeq, Outcome, Patch, Planned, Reading,
    Settlement, Then,
};
use jiff::Timestamp;

const PRODUCERS: u64 = 64;
const EVENTS: u64 = 200_000;

/// How far the events go.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Accept,
    Decide,
    Settle,
    Work,
}

fn main() {
    println!(
        "{:<42} {:>10} {:>9} {:>9} {:>9} {:>12}",
        "", "events/s", "p50 ms", "p99 ms", "a commit", "in commits"
    );
    for (way, name) in [
        (Way::Accept, "accept"),
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
    let started = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|_| tokio::spawn(produce(Arc::clone(&journal), Arc::clone(&next))))
        .collect();
    let decided = (way != Way::Accept).then(|| tokio::spawn(decide(Arc::clone(&journal))));
    let settled = matches!(way, Way::Settle | Way::Work)
        .then(|| tokio::spawn(settle(Arc::clone(&journal), way)));
    let mut times = Vec::new();
    for producer in producers {
        times.extend(producer.await.expect("a producer ends"));
    }
    for task in [decided, settled].into_iter().flatten() {
        task.await.expect("a consumer ends");
    }
    let took = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: f64| times[(times.len() as f64 * part) as usize].as_secs_f64() * 1e3;
    let figures = journal.figures().await.expect("figures");
    println!(
        "{name:<42} {:>10.0} {:>9.2} {:>9.2} {:>9.1} {:>11.0}%",
        EVENTS as f64 / took,
        at(0.5),
        at(0.99),
        EVENTS as f64 / figures.commits as f64,
        figures.commit_time.as_secs_f64() / took * 100.0,
    );
    journal.close().await;
}

async fn produce(journal: Arc<dyn Journal>, next: Arc<AtomicU64>) -> Vec<Duration> {
    let mut times = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= EVENTS {
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
        number % 50
    );
    let body: Arc<[u8]> = body.into_bytes().into();
    let reading = Reading::of(&body);
    Arrival { source: "main".into(), received_at: at, body, reading }
}

async fn decide(journal: Arc<dyn Journal>) {
    let mut done = 0;
    while done < EVENTS {
        let events = journal.undecided(512).await.expect("undecided");
        if events.is_empty() {
            journal.signals().events.notified().await;
            continue;
        }
        done += events.len() as u64;
        let decisions = events.iter().map(|event| decision(event.seq)).collect();
        journal.decide(decisions, Patch::default()).await.expect("decided");
    }
}

fn decision(event: EventSeq) -> Decision {
    let brief = Brief { rules: vec!["production is red".into()], ..Brief::default() };
    let planned = vec![Planned::new("team-chat", brief)];
    Decision { event, planned, unmatched: false, parked: None, account: None }
}

async fn settle(journal: Arc<dyn Journal>, way: Way) {
    let (mut done, mut after) = (0, DeliverySeq(0));
    while done < EVENTS {
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
    Settlement { delivery: key.seq, attempt: Some(attempt), then: Then::Delivered }
}
