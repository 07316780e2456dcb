//! One sink's worker: decides which delivery goes next, and when.
//!
//! It owns what belongs to one sink: the window on its backlog, its health, its pace, and the
//! attempts under way, each a task of its own. It reads the journal only between its reports, so
//! what it reads and what it knows to be in flight never contradict each other. It sends nothing
//! itself, so a sink that hangs holds up no decision, and no other sink's worker at all.

mod trouble;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::attempt::{Job, Passed, Report, attempt};
use super::clock::Clock;
use super::health::{Health, Setback};
use super::herald::Herald;
use super::holding::Claims;
use super::mailbox::{Mailbox, Orders};
use super::pace::Pace;
use super::plan::Outlet;
use super::state::Condition;
use super::window::{PER_LANE, Turn, Window};
use crate::journal::{Journal, JournalError, Lane, Waiting};
use crate::model::DeliverySeq;
use crate::telemetry::{Metrics, OutcomeLabel, SinkLabel};

/// So many keys are read at a time.
const SCAN: usize = 1_000;

/// So many attempts may wait for their record beyond those being sent.
const UNRECORDED: usize = 256;

/// After a read that found nothing, the next one waits this long: with many sinks, most of what
/// is new is for others.
const NOTHING_NEW: Duration = Duration::from_millis(10);

/// After a read that failed, the next one waits this long.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// One sink's worker.
pub(super) struct Worker {
    journal: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    herald: Arc<Herald>,
    mailbox: Arc<Mailbox>,
    name: String,
    orders: Orders,
    window: Window,
    /// How often deliveries had come back when the window was last started over.
    put_back: u64,
    health: Health,
    pace: Pace,
    passed: Arc<Passed>,
    claims: Arc<Claims>,
    attempts: JoinSet<()>,
    sending: usize,
    last_probe: Option<DeliverySeq>,
    read_again: Option<Instant>,
    reports: UnboundedReceiver<Report>,
    report_to: UnboundedSender<Report>,
}

impl Worker {
    pub(super) fn new(
        name: String,
        journal: Arc<dyn Journal>,
        metrics: Arc<Metrics>,
        herald: Arc<Herald>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let (report_to, reports) = unbounded_channel();
        let orders = mailbox.take(false);
        let put_back = journal.signals().put_back.load(Ordering::Acquire);
        let mut pace = Pace::default();
        pace.set(orders.outlet.as_ref().and_then(|outlet| outlet.tempo()));
        Worker {
            journal,
            metrics,
            herald,
            mailbox,
            name,
            orders,
            window: Window::default(),
            put_back,
            health: Health::default(),
            pace,
            passed: Arc::default(),
            claims: Arc::default(),
            attempts: JoinSet::new(),
            sending: 0,
            last_probe: None,
            read_again: None,
            reports,
            report_to,
        }
    }

    /// Works until it is stopped or its sink is gone, and what was in flight is recorded.
    pub(super) async fn run(mut self) {
        self.recall().await;
        self.show();
        // An alarm sees a counter grow, but not its first count if it began there.
        let dead = OutcomeLabel { sink: self.name.clone(), outcome: "dead".to_owned() };
        drop(self.metrics.deliveries.get_or_create(&dead));
        loop {
            self.collect().await;
            if self.obey() {
                break;
            }
            self.read().await;
            self.dispatch().await;
            self.mailbox.show(|view| view.in_flight = self.attempts.len());
            self.rest().await;
        }
        self.metrics.sink_state.remove(&SinkLabel { sink: self.name.clone() });
    }

    /// Takes the orders that have come. Returns whether the worker has ended with that.
    fn obey(&mut self) -> bool {
        let idle = self.attempts.is_empty() && self.reports.is_empty();
        let before = self.orders.outlet.take();
        self.orders = self.mailbox.take(idle);
        if self.orders.ended {
            return true;
        }
        self.note_what_came_back();
        if self.orders.news {
            self.window.news();
        }
        let other = !same(before.as_ref(), self.orders.outlet.as_ref());
        if other {
            self.pace.set(self.orders.outlet.as_ref().and_then(|outlet| outlet.tempo()));
        }
        if (other || self.orders.resume) && self.health.resume(Clock::now()) {
            tracing::info!(sink = self.name, "the sink is tried now");
            self.show();
        }
        false
    }

    /// Starts over where deliveries came back to an old place: dead ones that a person put back,
    /// recoveries that were released. Looked at before every start, since a recovery that an end
    /// released goes before whatever follows it in its lane.
    fn note_what_came_back(&mut self) {
        let put_back = self.journal.signals().put_back.load(Ordering::Acquire);
        if put_back != self.put_back {
            self.put_back = put_back;
            self.window.start_over();
        }
    }

    fn working(&self) -> Option<&Arc<Outlet>> {
        self.orders.outlet.as_ref().filter(|_| !self.orders.stop)
    }

    /// Reads on in the backlog, one step.
    async fn read(&mut self) {
        if self.read_again.is_some_and(|at| at > Instant::now()) || self.working().is_none() {
            return;
        }
        let Some(after) = self.window.scan() else { return };
        match self.journal.waiting(&self.name, after, SCAN).await {
            Ok(read) => {
                self.read_again = read.is_empty().then(|| Instant::now() + NOTHING_NEW);
                self.window.admit(read, SCAN, Clock::now());
            }
            Err(error) => self.unread(&error),
        }
    }

    fn unread(&mut self, error: &JournalError) {
        self.read_again = Some(Instant::now() + READ_AGAIN);
        if !matches!(error, JournalError::Closed) {
            tracing::warn!(sink = self.name, %error, "could not read what waits");
        }
    }

    /// Starts whatever may start now.
    async fn dispatch(&mut self) {
        self.window.wake(Clock::now());
        while let Some(outlet) = self.working().cloned() {
            let clock = Clock::now();
            if !self.has_room() || self.barred_until().is_some_and(|at| at > clock.now) {
                return;
            }
            // After long trouble, probes of a lone lane alternate between its first two: if the
            // second passes, the first was the trouble.
            let avoid = self.last_probe.filter(|_| self.health.is_long_unavailable());
            match self.window.take(avoid) {
                None => return,
                Some(Turn::Go(lane, seq)) => self.start(outlet, lane, seq, clock.now),
                Some(Turn::Refill(lane, from)) => {
                    if !self.refill(lane, from).await {
                        return;
                    }
                }
            }
        }
    }

    /// Whether one more may be under way: while the sink has trouble, one at a time.
    fn has_room(&self) -> bool {
        let most = self.working().map_or(0, |outlet| outlet.concurrency());
        let healthy = self.health.condition() == Condition::Healthy;
        let sending = if healthy { most } else { most.min(1) };
        self.sending < sending && self.attempts.len() < most + UNRECORDED
    }

    /// Until when nothing may start.
    fn barred_until(&self) -> Option<Instant> {
        let paced = self.pace.next(Instant::now());
        paced.into_iter().chain(self.health.next_probe()).max()
    }

    async fn refill(&mut self, lane: Lane, from: DeliverySeq) -> bool {
        match self.journal.waiting_in_lane(&self.name, lane, from, PER_LANE).await {
            Ok(read) => {
                self.window.refill(lane, read, PER_LANE, Clock::now());
                true
            }
            Err(error) => {
                self.unread(&error);
                self.window.again(lane, Clock::now());
                false
            }
        }
    }

    fn start(&mut self, outlet: Arc<Outlet>, lane: Lane, seq: DeliverySeq, now: Instant) {
        let probe = self.health.condition() != Condition::Healthy;
        self.last_probe = probe.then_some(seq);
        self.sending += 1;
        self.pace.note(now);
        self.attempts.spawn(attempt(Job {
            journal: self.journal.clone(),
            plan: self.orders.plan.clone(),
            outlet,
            metrics: self.metrics.clone(),
            herald: self.herald.clone(),
            passed: self.passed.clone(),
            claims: self.claims.clone(),
            reports: self.report_to.clone(),
            lane,
            seq,
            probe,
        }));
    }

    /// Waits until there may be something to do.
    async fn rest(&mut self) {
        let wake = self.wake();
        tokio::select! {
            () = self.mailbox.bell.notified() => {}
            Some(report) = self.reports.recv() => self.hear(report).await,
            Some(ended) = self.attempts.join_next() => self.bury(ended),
            () = until(wake) => {}
        }
    }

    /// Takes what the attempts have reported meanwhile.
    async fn collect(&mut self) {
        while let Ok(report) = self.reports.try_recv() {
            self.hear(report).await;
        }
        while let Some(ended) = self.attempts.try_join_next() {
            self.bury(ended);
        }
    }

    /// An attempt's task is over. One that broke keeps its lane until the next start: whether its
    /// message went out is unknown.
    fn bury(&self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended {
            tracing::error!(sink = self.name, %error, "an attempt broke; please report this");
        }
    }

    /// When there will be something to do without anybody saying so.
    fn wake(&self) -> Option<Instant> {
        self.working()?;
        let reading = self.window.scan().map(|_| self.read_again.unwrap_or_else(Instant::now));
        let starting = self.window.has_turns() && self.has_room();
        let free = self.barred_until().into_iter().chain(self.read_again).max();
        let free = free.filter(|_| starting);
        reading.into_iter().chain(self.window.next_wake()).chain(free).min()
    }

    async fn hear(&mut self, report: Report) {
        let clock = Clock::now();
        match report {
            Report::Answered { began, probe, sign, event, reason } => {
                self.sending -= 1;
                self.learn(Setback { began, probe, reason: &reason }, sign, event, clock).await;
            }
            Report::Void { lane } => {
                self.sending -= 1;
                self.window.done(lane, clock);
            }
            Report::Settled { seq, lane, again: Some(due) } => {
                self.window.give_back(Waiting { seq, lane, due }, clock);
            }
            Report::Settled { lane, again: None, .. } => self.window.done(lane, clock),
        }
    }
}

fn same(one: Option<&Arc<Outlet>>, other: Option<&Arc<Outlet>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => pending().await,
    }
}
