//! From undecided events and due timers to committed decisions: exactly once each, in order.
//!
//! The loop ([`rounds`]) reads the oldest undecided events, brings what they need to memory
//! ([`mind`]), fires the timers that are due before each event and asks the router about it
//! ([`batch`]), and commits all answers together with what is to be remembered. The more comes in
//! while one batch is being committed, the larger is the next, so one fsync carries as many
//! decisions as the load needs. Deciding is pure: after a crash the same events are read and decided
//! again, with the same result. Where nothing is undecided, timers fire by the clock ([`clock`]).
//! What breaks the rules is found and put aside ([`caution`]). It knows no sink.

mod batch;
mod caution;
mod clock;
mod mind;
mod rounds;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::journal::{Journal, JournalError};
use crate::route::Router;
use crate::telemetry::Metrics;
use caution::Caution;
use rounds::Rounds;

pub use clock::{Clock, SystemClock};

/// How events are decided.
#[derive(Clone)]
pub struct ConductOptions {
    /// What would be sent is recorded and told, and nothing is sent.
    pub shadow: bool,
    /// The clock that timers go by.
    pub clock: Arc<dyn Clock>,
}

impl Default for ConductOptions {
    fn default() -> Self {
        ConductOptions { shadow: false, clock: Arc::new(SystemClock) }
    }
}

/// Decides events until it is shut down. Dropping it stops it at once, which loses nothing.
pub struct Conductor {
    router: Arc<ArcSwap<Router>>,
    wake: Arc<Notify>,
    stop: CancellationToken,
    stuck: Arc<AtomicBool>,
    ended: watch::Receiver<Option<JournalError>>,
    task: AbortOnDropHandle<()>,
}

impl Conductor {
    /// Starts to decide what is undecided, and what will come.
    pub fn start(
        journal: Arc<dyn Journal>,
        router: Arc<Router>,
        options: ConductOptions,
        metrics: Arc<Metrics>,
    ) -> Conductor {
        let router = Arc::new(ArcSwap::new(router));
        let (wake, stop) = (Arc::<Notify>::default(), CancellationToken::new());
        let stuck = Arc::<AtomicBool>::default();
        let rounds = Rounds {
            journal,
            router: router.clone(),
            clock: options.clock,
            shadow: options.shadow,
            metrics,
            stop: stop.clone(),
            stuck: stuck.clone(),
            wake: wake.clone(),
            caution: Caution::default(),
        };
        let (told, ended) = watch::channel(None);
        let task = tokio::spawn(async move {
            if let Err(error) = rounds.run().await {
                tracing::error!(%error, "no event can be decided any more");
                told.send_replace(Some(error));
            }
        });
        Conductor { router, wake, stop, stuck, ended, task: AbortOnDropHandle::new(task) }
    }

    /// Decides by other rules from the next batch on: what removed rules have collected is told of,
    /// and their timers end.
    pub fn replace(&self, router: Arc<Router>) {
        self.router.store(router);
        self.wake.notify_one();
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

#[cfg(test)]
mod tests;
