//! What any journal must do, whatever keeps it: each behaviour is a function over a [`Place`] in
//! which journals can be opened, and [`conforms!`] makes a test of each.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::model::{
    AttemptRecord, Brief, DeliveryState, Event, Outcome, Reading, Settlement, Then,
};

pub(crate) mod accepting;
pub(crate) mod against_model;
pub(crate) mod answering;
pub(crate) mod answering_model;
pub(crate) mod deciding;
pub(crate) mod holding;
pub(crate) mod keeping;
pub(crate) mod people;
pub(crate) mod remembering;
pub(crate) mod settling;

/// Where journals are opened; the same place opens the same journal again.
pub(crate) struct Place {
    folder: TempDir,
    open: fn(&Path) -> Arc<dyn Journal>,
}

impl Place {
    /// An empty place, with the way to open a journal in its folder.
    pub(crate) fn new(open: fn(&Path) -> Arc<dyn Journal>) -> Self {
        Place { folder: tempfile::tempdir().unwrap(), open }
    }

    pub(crate) fn open(&self) -> Arc<dyn Journal> {
        (self.open)(self.folder.path())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Makes a test of each behaviour, for the journal that the function opens in a folder.
macro_rules! conforms {
    ($open:expr => $($room:ident :: { $($behaviour:ident),+ $(,)? })+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let place = crate::journal::conformance::Place::new($open);
                crate::journal::conformance::$room::$behaviour(&place).await;
            }
        )+)+
    };
}
pub(crate) use conforms;

/// Plays random sequences of steps, each in an empty folder of its own.
pub(crate) async fn play_random<S: Strategy>(
    place: &Place,
    sequences: S,
    play: impl AsyncFn(&Path, S::Value),
) {
    let mut runner = TestRunner::new(Config::default());
    for case in 0..12 {
        let steps = sequences.new_tree(&mut runner).unwrap().current();
        let folder = place.path(&format!("case{case}"));
        std::fs::create_dir(&folder).unwrap();
        play(&folder, steps).await;
    }
}

/// A moment of the fixtures' day, in seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_773_500_000 + seconds).unwrap()
}

/// A body from `main`.
pub(crate) fn arrival(body: impl AsRef<[u8]>) -> Arrival {
    let body = body.as_ref();
    Arrival {
        source: "main".into(),
        received_at: at(0),
        body: body.into(),
        reading: Reading::of(body),
    }
}

/// A run of a group, as Agnox would post it; every number makes other bytes.
pub(crate) fn run(group: &str, number: usize) -> Arrival {
    arrival(format!(
        r#"{{"event":"execution.finished","executionId":"exec_{number}","status":"FAILED","groupName":"{group}","finishedAt":"2026-03-14T12:00:00.{:03}Z"}}"#,
        number % 1000
    ))
}

/// One delivery to a sink.
pub(crate) fn planned(sink: &str) -> Planned {
    let brief = Brief { rules: vec!["red".into()], ..Brief::default() };
    Planned::new(sink, brief)
}

/// A decision to tell these sinks.
pub(crate) fn decision(event: EventSeq, sinks: &[&str]) -> Decision {
    let planned = sinks.iter().map(|sink| planned(sink)).collect();
    Decision { event, planned, unmatched: false, parked: None, account: None }
}

/// Decides everything there is: each event goes to these sinks.
pub(crate) async fn decide_all(journal: &dyn Journal, sinks: &[&str]) -> Vec<Event> {
    let mut all = Vec::new();
    loop {
        let events = journal.undecided(100).await.unwrap();
        if events.is_empty() {
            return all;
        }
        let decisions = events.iter().map(|event| decision(event.seq, sinks)).collect();
        journal.decide(decisions, Patch::default()).await.unwrap();
        all.extend(events);
    }
}

/// A try that ended so.
pub(crate) fn tried(number: u32, outcome: Outcome) -> AttemptRecord {
    AttemptRecord {
        number,
        at: at(i64::from(number)),
        latency_ms: 12,
        outcome,
        status: Some(200),
        reason: Some(format!("try {number}")),
        excerpt: None,
        maybe_arrived: false,
    }
}

/// Records a try.
pub(crate) async fn settle(
    journal: &dyn Journal,
    delivery: DeliverySeq,
    attempt: AttemptRecord,
    then: Then,
) {
    let settlement = Settlement::new(delivery, Some(attempt), then);
    journal.settle(vec![settlement]).await.unwrap();
}

/// The sequences that wait for a sink.
pub(crate) async fn waiting(journal: &dyn Journal, sink: &str) -> Vec<DeliverySeq> {
    let found = journal.waiting(sink, DeliverySeq(0), 10_000).await.unwrap();
    found.into_iter().map(|waiting| waiting.seq).collect()
}

/// A delivery as it stands, by its sequence.
pub(crate) async fn standing(journal: &dyn Journal, delivery: DeliverySeq) -> Delivery {
    journal.work(delivery).await.unwrap().unwrap().delivery
}

/// An event with deliveries to these sinks, decided; their sequences.
pub(crate) async fn told(journal: &dyn Journal, number: usize, sinks: &[&str]) -> Vec<DeliverySeq> {
    let id = journal.accept(run("checkout", number)).await.unwrap().id;
    decide_all(journal, sinks).await;
    let (_, deliveries) = journal.event(id).await.unwrap().unwrap();
    deliveries.into_iter().map(|delivery| delivery.seq).collect()
}

/// An id that no journal gave out.
pub(crate) fn unknown() -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)
}

/// An hour after a moment.
pub(crate) fn later(moment: Timestamp) -> Timestamp {
    moment + SignedDuration::from_hours(1)
}
