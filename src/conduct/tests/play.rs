//! Plays a scenario on the real parts with a clock in hand, with or without restarts, and gives
//! back what was told: a line for each delivery.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::PATIENCE;
use super::lines::line;
use super::rules::router;
use crate::conduct::{Clock, ConductOptions, Conductor};
use crate::journal::again::again;
use crate::journal::{Arrival, Delivery, DeliveryFilter, Journal, open};
use crate::model::{AttemptRecord, DeliverySeq, Memo, Outcome, Reading, Settlement, Silence, Then};
use crate::route::Router;

/// So the time passes while nothing comes in; timers of scenarios are due on such moments.
const TICK: SignedDuration = SignedDuration::from_mins(15);

/// What happens in a scenario. Times are of November 2026, in UTC: `02T22:30`, or of another month:
/// `2036-11-02T22:30`. The second is a Monday.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A run of a group reports with a status.
    Run(&'static str, &'static str, &'static str),
    /// Time passes.
    Until(&'static str),
    /// The bridge is off until then.
    Off(&'static str),
    /// The clock is set.
    Set(&'static str),
    /// What waits for a sink meets this end.
    Sink(&'static str, End),
    /// Another configuration.
    Reload(&'static str),
    /// A silence of a group, until it recovers.
    Silence(&'static str),
}

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Delivered,
    Dead,
    /// No answer after it was written.
    TimeOut,
}

/// When the bridge is started anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Restarts {
    Never,
    /// After each step, once all is decided.
    AfterEach,
    /// In the middle of each step, with all that it was about.
    Amid,
}

/// A clock in hand.
struct Hand {
    now: watch::Sender<Timestamp>,
    /// Whether somebody has rested by it since the bridge was started: it has taken over by then.
    rested: AtomicBool,
}

impl Hand {
    fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        self.rested.store(true, Ordering::Relaxed);
        let mut now = self.now.subscribe();
        async move {
            if *now.borrow_and_update() < at {
                // Whoever sleeps looks at the clock again from time to time.
                tokio::time::timeout(Duration::from_millis(50), now.changed()).await.ok();
            }
        }
        .boxed()
    }
}

/// What was told in the end, in order.
pub(super) async fn told(config: &str, steps: &[Step], restarts: Restarts) -> Vec<String> {
    let mut play = Play::begin(config, restarts);
    for step in steps {
        play.step(*step).await;
    }
    play.end().await
}

/// Checks that restarts change nothing, and gives back what was told.
pub(super) async fn told_with_any_restarts(config: &str, steps: &[Step]) -> String {
    let told_without = told(config, steps, Restarts::Never).await;
    for restarts in [Restarts::AfterEach, Restarts::Amid] {
        assert_eq!(told(config, steps, restarts).await, told_without, "{restarts:?}");
    }
    told_without.join("\n")
}

struct Play {
    folder: tempfile::TempDir,
    journal: Arc<dyn Journal>,
    router: Arc<Router>,
    conductor: Option<Conductor>,
    clock: Arc<Hand>,
    restarts: Restarts,
    runs: usize,
}

impl Play {
    fn begin(config: &str, restarts: Restarts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = open("sqlite:journal.db", folder.path()).unwrap();
        let (now, rested) = (watch::channel(moment("02T00:00")).0, AtomicBool::default());
        let clock = Arc::new(Hand { now, rested });
        let router = Arc::new(router(config));
        let mut play = Play { folder, journal, router, conductor: None, clock, restarts, runs: 0 };
        play.start();
        play
    }

    async fn end(mut self) -> Vec<String> {
        self.stop().await;
        let filter = DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() };
        let mut deliveries = self.journal.deliveries(filter).await.unwrap();
        deliveries.reverse();
        let mut lines = Vec::new();
        for delivery in deliveries {
            let (event, _) = self.journal.event(delivery.event_id).await.unwrap().unwrap();
            lines.push(line(&event, &delivery));
        }
        lines
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Run(at, group, status) => {
                self.pass_until(moment(at)).await;
                self.run(group, status).await;
            }
            Step::Until(at) => self.pass_until(moment(at)).await,
            Step::Off(at) => {
                self.stop().await;
                self.clock.set(moment(at));
                self.start();
            }
            Step::Set(at) => self.clock.set(moment(at)),
            Step::Sink(sink, end) => self.send(sink, end).await,
            Step::Reload(config) => self.reload(config).await,
            Step::Silence(group) => self.silence(group).await,
        }
        if self.restarts == Restarts::Amid {
            self.restart().await;
        }
        self.settled().await;
        if self.restarts == Restarts::AfterEach {
            self.restart().await;
            self.settled().await;
        }
    }

    async fn run(&mut self, group: &str, status: &str) {
        self.runs += 1;
        let now = self.clock.now();
        let body = serde_json::json!({
            "event": "execution.finished", "executionId": format!("exec_{}", self.runs),
            "groupName": group, "status": status,
            "startedAt": now - SignedDuration::from_mins(5), "finishedAt": now,
        });
        let body: Arc<[u8]> = body.to_string().into_bytes().into();
        let reading = Reading::of(&body);
        let arrival = Arrival { source: "main".into(), received_at: now, body, reading };
        self.journal.accept(arrival).await.unwrap();
    }

    async fn pass_until(&mut self, at: Timestamp) {
        while self.clock.now() < at {
            let next = (self.clock.now() + TICK).min(at);
            // The bridge is known to run until a minute before.
            self.clock.set(self.clock.now().max(next - SignedDuration::from_mins(1)));
            self.settled().await;
            self.clock.set(next);
            if self.restarts == Restarts::Amid && next.as_second() % 3_600 == 0 {
                self.restart().await;
            }
            self.settled().await;
        }
    }

    /// Does what the deliver room would do with what waits for a sink.
    async fn send(&self, sink: &str, end: End) {
        let mut after = DeliverySeq(0);
        while let Some(next) = self.journal.waiting(sink, after, 1).await.unwrap().first() {
            let work = self.journal.work(next.seq).await.unwrap().unwrap();
            let settlement = match work.superseded {
                true => Settlement::new(next.seq, None, Then::Superseded),
                false => settlement(&work.delivery, end, self.clock.now()),
            };
            self.journal.settle(vec![settlement]).await.unwrap();
            // What is tried again waits on; what an end released has an older place.
            after = if end == End::TimeOut { next.seq } else { DeliverySeq(0) };
        }
    }

    async fn reload(&mut self, config: &str) {
        let old = Arc::downgrade(&self.router);
        self.router = Arc::new(router(config));
        self.conductor.as_ref().unwrap().replace(self.router.clone());
        // The conductor lets the old rules go once it has taken over.
        until("the old rules are let go", || old.upgrade().is_none()).await;
    }

    async fn silence(&self, group: &str) {
        let silence = Silence {
            id: uuid::Uuid::from_u128(7),
            group: Some(group.to_owned()),
            start: self.clock.now(),
            until_recovery: true,
            ..Silence::default()
        };
        self.journal.silence(silence).await.unwrap();
    }

    fn start(&mut self) {
        let options = ConductOptions { shadow: false, clock: self.clock.clone() };
        let (journal, router) = (self.journal.clone(), self.router.clone());
        self.clock.rested.store(false, Ordering::Relaxed);
        self.conductor = Some(Conductor::start(journal, router, options, Arc::default()));
    }

    async fn stop(&mut self) {
        if let Some(conductor) = self.conductor.take() {
            conductor.shutdown().await;
        }
    }

    /// A kill, and a new start.
    async fn restart(&mut self) {
        drop(self.conductor.take());
        self.journal = again(self.journal.as_ref(), self.folder.path()).await;
        self.start();
    }

    /// Waits until the bridge has taken over, is known to run, and nothing is due or undecided.
    async fn settled(&self) {
        let begun = Instant::now();
        loop {
            let memos = self.journal.recall_all("", true).await.unwrap();
            let now = self.clock.now();
            let due = memos.iter().filter(|memo| memo.due.is_some_and(|due| due <= now)).count();
            let undecided = self.journal.undecided(10).await.unwrap().len();
            let alive = memos.iter().any(|memo| knows_alive(memo, now));
            let taken_over = self.clock.rested.load(Ordering::Relaxed);
            if taken_over && alive && due == 0 && undecided == 0 {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{due} due, {undecided} undecided: {memos:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn knows_alive(memo: &Memo, now: Timestamp) -> bool {
    memo.name == "alive" && memo.value.contains(&now.to_string())
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn settlement(delivery: &Delivery, end: End, at: Timestamp) -> Settlement {
    let (outcome, then) = match end {
        End::Delivered => (Outcome::Delivered, Then::Delivered),
        End::Dead => (Outcome::Refused, Then::dead("refused")),
        End::TimeOut => (Outcome::Unavailable, Then::Again { due: None, progress: None }),
    };
    let attempt = AttemptRecord {
        number: delivery.attempts + 1,
        at,
        latency_ms: 1,
        outcome,
        status: None,
        reason: None,
        excerpt: None,
        maybe_arrived: end == End::TimeOut,
    };
    Settlement::new(delivery.seq, Some(attempt), then)
}

fn moment(at: &str) -> Timestamp {
    let month = if at.contains('-') { "" } else { "2026-11-" };
    format!("{month}{at}:00Z").parse().unwrap()
}
