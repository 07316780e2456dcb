//! The loop: reads, decides in memory, commits, and rests until something is due.
//!
//! Whatever fails between two commits drops the mind, and the next round reads it anew: so nothing
//! is remembered that is not on disk, and the same events are decided again with the same result.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::caution::{Broken, Caution};
use super::clock::Clock;
use super::mind::{Mind, commit_alone};
use super::tally::Tally;
use crate::journal::{Journal, JournalError};
use crate::model::Event;
use crate::route::Router;
use crate::telemetry::Metrics;

/// So many events are decided together at most.
const BATCH: usize = 1_000;

/// The first and the longest wait after an error of the journal.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What the loop works with.
pub(super) struct Rounds {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) router: Arc<ArcSwap<Router>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shadow: bool,
    pub(super) metrics: Arc<Metrics>,
    pub(super) stop: CancellationToken,
    pub(super) stuck: Arc<AtomicBool>,
    pub(super) wake: Arc<Notify>,
    pub(super) caution: Caution,
}

/// How a round ended.
enum Round {
    /// There may be more to do.
    Busy(Mind),
    /// Nothing is to be done.
    Idle(Mind),
    /// The rules broke: the mind is gone.
    Broken,
}

impl Rounds {
    /// Goes on until it is stopped, or the journal fails for good.
    pub(super) async fn run(mut self) -> Result<(), JournalError> {
        let (mut mind, mut wait) = (None, WAITS.0);
        while !self.stop.is_cancelled() {
            match self.round(mind.take()).await {
                Ok(round) => {
                    wait = WAITS.0;
                    self.stuck.store(false, Ordering::Relaxed);
                    mind = self.after(round).await;
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

    async fn after(&self, round: Round) -> Option<Mind> {
        match round {
            Round::Busy(mind) => Some(mind),
            Round::Idle(mind) => {
                self.rest(mind.next_due()).await;
                Some(mind)
            }
            Round::Broken => None,
        }
    }

    /// Decides one batch, or fires what is due. The mind is lost where that fails.
    async fn round(&mut self, mind: Option<Mind>) -> Result<Round, JournalError> {
        let journal = self.journal.clone();
        let (router, now) = (self.router.load_full(), self.clock.now());
        let mut mind = match mind {
            Some(mind) => mind,
            None => Mind::read(&*journal).await?,
        };
        mind.refresh(&*journal).await?;
        mind.look_at_the_clock(now);
        if !mind.follow(&router, &*journal, now).await? {
            mind = Mind::read(&*journal).await?;
            mind.follow_unfitted(&router);
        }
        mind.note_alive(&router, now);
        let events = journal.undecided(BATCH).await?;
        mind.learn(&events, &*journal).await?;
        self.advance(&router, mind, &events, now).await
    }

    /// Decides and fires, and commits that.
    async fn advance(
        &mut self,
        router: &Router,
        mut mind: Mind,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Round, JournalError> {
        let mut batch = Batch::new(router, &mut mind.state, &self.caution, self.shadow);
        let done = match events.is_empty() {
            true => batch.fire(now).map(drop),
            false => batch.decide(events, now).await,
        };
        let (decisions, fired) = (batch.decisions, batch.fired);
        events[..decisions.len()].iter().for_each(|event| mind.saw(event.received_at));
        if let Err(broken) = done {
            self.beware(broken);
            return Ok(Round::Broken);
        }
        let patch = mind.state.take_patch();
        let tally = Tally::of(router, events, &decisions, fired, &patch);
        let idle = events.is_empty() && fired == 0;
        match decisions.is_empty() {
            true => commit_alone(&*self.journal, patch).await?,
            false => self.journal.decide(decisions, patch).await?,
        }
        tally.count(&self.metrics);
        mind.tidy();
        if idle {
            return Ok(Round::Idle(mind));
        }
        self.caution.relax();
        Ok(Round::Busy(mind))
    }

    fn beware(&mut self, broken: Broken) {
        let Broken { what, words } = &broken;
        tracing::error!(?what, words, "the rules broke; what they had changed is dropped");
        self.caution.note(broken);
    }

    /// Waits until there may be something to do.
    async fn rest(&self, due: Option<Timestamp>) {
        let due = async {
            match due {
                Some(at) => self.clock.until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.journal.signals().events.notified() => {}
            () = self.wake.notified() => {}
            () = due => {}
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

fn is_lasting(error: &JournalError) -> bool {
    matches!(error, JournalError::Failed(_) | JournalError::Closed | JournalError::Corrupt(_))
}
