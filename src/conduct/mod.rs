//! From undecided events to committed decisions: exactly once each, in order.
//!
//! The loop reads the oldest undecided events, asks the router about each, and commits all the
//! answers together. The more comes in while one batch is being committed, the larger is the next,
//! so one fsync carries as many decisions as the load needs. Deciding is pure: after a crash the
//! same events are read and decided again, with the same result. It knows no sink and no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::caught::catch;
use crate::journal::{Journal, JournalError};
use crate::model::{Decision, Event, EventSeq, Patch, Planned};
use crate::route::{Router, State};
use crate::telemetry::Metrics;

/// So many events are decided together at most.
const BATCH: usize = 1_000;

/// An event that the router breaks on is put aside after so many tries.
const TRIES: u32 = 3;

/// After so many decisions in a row others get a turn.
const BREATH: usize = 64;

/// The first and the longest wait after an error of the journal.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Decides events until it is shut down. Dropping it stops it at once, which loses nothing.
pub struct Conductor {
    stop: CancellationToken,
    stuck: Arc<AtomicBool>,
    ended: watch::Receiver<Option<JournalError>>,
    task: AbortOnDropHandle<()>,
}

struct Loop {
    journal: Arc<dyn Journal>,
    router: Arc<ArcSwap<Router>>,
    shadow: bool,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
    stuck: Arc<AtomicBool>,
}

impl Conductor {
    /// Starts to decide what is undecided, and what will come. In `shadow`, what would be sent is
    /// recorded and told, and nothing is sent.
    pub fn start(
        journal: Arc<dyn Journal>,
        router: Arc<ArcSwap<Router>>,
        shadow: bool,
        metrics: Arc<Metrics>,
    ) -> Conductor {
        let (stop, stuck) = (CancellationToken::new(), Arc::<AtomicBool>::default());
        let own =
            Loop { journal, router, shadow, metrics, stop: stop.clone(), stuck: stuck.clone() };
        let (told, ended) = watch::channel(None);
        let task = tokio::spawn(async move {
            if let Err(error) = own.run().await {
                tracing::error!(%error, "no event can be decided any more");
                told.send_replace(Some(error));
            }
        });
        Conductor { stop, stuck, ended, task: AbortOnDropHandle::new(task) }
    }

    /// Whether events are being decided: false while the journal takes no decisions, and once the
    /// loop has ended.
    pub fn alive(&self) -> bool {
        !self.task.is_finished() && !self.stuck.load(Ordering::Relaxed)
    }

    /// Returns once the journal can't be trusted or reached any more, with the reason: the process
    /// must start anew. Doesn't return otherwise.
    pub async fn failed(&self) -> JournalError {
        let mut ended = self.ended.clone();
        let reason = ended.wait_for(Option::is_some).await.ok().and_then(|error| error.clone());
        match reason {
            Some(error) => error,
            None => std::future::pending().await,
        }
    }

    /// Ends after the batch in hand. What is undecided by then stays so.
    pub async fn shutdown(self) {
        self.stop.cancel();
        // A loop that broke has said so itself.
        let _ = self.task.await;
    }
}

impl Loop {
    async fn run(self) -> Result<(), JournalError> {
        let mut wait = WAITS.0;
        while !self.stop.is_cancelled() {
            match self.turn().await {
                Ok(0) => self.rest().await,
                Ok(_) => {
                    wait = WAITS.0;
                    self.stuck.store(false, Ordering::Relaxed);
                }
                Err(error) if is_lasting(&error) => return Err(error),
                Err(error) => {
                    self.stuck.store(true, Ordering::Relaxed);
                    tracing::warn!(%error, retry_ms = wait.as_millis() as u64,
                        "events can't be decided for now; they are kept");
                    self.pause(wait).await;
                    wait = (wait * 2).min(WAITS.1);
                }
            }
        }
        Ok(())
    }

    /// Decides one batch. Returns how many events it held.
    async fn turn(&self) -> Result<usize, JournalError> {
        let events = self.journal.undecided(BATCH).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let router = self.router.load_full();
        let mut decisions = Vec::with_capacity(events.len());
        for (index, event) in events.iter().enumerate() {
            if index % BREATH == BREATH - 1 {
                tokio::task::yield_now().await;
            }
            decisions.push(self.decide(&router, event));
        }
        let count = decisions.len();
        let tally = Tally::of(&router, &events, &decisions);
        self.journal.decide(decisions, Patch::default()).await?;
        tally.count(&self.metrics);
        Ok(count)
    }

    fn decide(&self, router: &Router, event: &Event) -> Decision {
        let mut decision = decide(router, event);
        for planned in &mut decision.planned {
            planned.shadow = self.shadow;
            if self.shadow {
                tell(event, planned);
            }
        }
        decision
    }

    async fn rest(&self) {
        self.stuck.store(false, Ordering::Relaxed);
        tokio::select! {
            () = self.journal.signals().events.notified() => {}
            () = self.stop.cancelled() => {}
        }
    }

    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.stop.cancelled() => {}
        }
    }
}

/// What is counted once a batch is on disk.
struct Tally {
    decided: u64,
    unmatched: u64,
    parked: u64,
}

impl Tally {
    fn of(router: &Router, events: &[Event], decisions: &[Decision]) -> Self {
        let fell_through = |(event, decision): &(&Event, &Decision)| {
            decision.unmatched
                && decision.parked.is_none()
                && catch(|| router.is_failing(event)) == Ok(Some(true))
        };
        Tally {
            decided: decisions.len() as u64,
            unmatched: events.iter().zip(decisions).filter(fell_through).count() as u64,
            parked: decisions.iter().filter(|decision| decision.parked.is_some()).count() as u64,
        }
    }

    fn count(&self, metrics: &Metrics) {
        metrics.decided.inc_by(self.decided);
        metrics.unmatched.inc_by(self.unmatched);
        metrics.parked.inc_by(self.parked);
    }
}

/// Asks the router; an event that it breaks on is put aside, so that the rest goes on.
fn decide(router: &Router, event: &Event) -> Decision {
    let decision = decide_with(event.seq, || router.decide(event, &mut State::default()));
    if let Some(reason) = &decision.parked {
        tracing::error!(event.id = %event.id, reason, "an event is put aside");
    }
    decision
}

fn decide_with(event: EventSeq, decide: impl Fn() -> Decision) -> Decision {
    let mut reason = String::new();
    for _ in 0..TRIES {
        match catch(&decide) {
            Ok(decision) => return decision,
            Err(words) => reason = words,
        }
    }
    let reason = format!("the rules could not be applied: {reason}");
    Decision { event, planned: Vec::new(), unmatched: false, parked: Some(reason), account: None }
}

fn tell(event: &Event, planned: &Planned) {
    tracing::info!(
        event.id = %event.id, sink = planned.sink, group = %event.reading.group,
        status = event.reading.status.as_ref().map(tracing::field::display),
        rules = planned.brief.rules.join(", "), "shadow: this would be sent"
    );
}

fn is_lasting(error: &JournalError) -> bool {
    matches!(error, JournalError::Failed(_) | JournalError::Closed | JournalError::Corrupt(_))
}

#[cfg(test)]
mod tests;
