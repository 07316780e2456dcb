//! From waiting deliveries to messages sent, each attempt recorded.
//!
//! Every sink has a worker of its own ([`worker`]): it knows the next deliveries of each lane
//! ([`window`]), whether the endpoint is well ([`health`]), how fast it may go ([`pace`]), and
//! starts attempts ([`attempt`]) as tasks; what an attempt's end means is decided in one place
//! ([`verdict`]). A sink that holds a thing open for an incident is given what is known of it
//! ([`holding`]). The [`Deliverer`] starts and stops the workers as the configuration says, passes
//! the journal's signals on to them, and tells what waits. It looks at no status code: whose
//! trouble a failure is, the sink says.

mod attempt;
mod backoff;
mod clock;
mod health;
mod herald;
mod holding;
mod mailbox;
mod options;
mod pace;
mod plan;
mod record;
mod state;
mod verdict;
mod window;
mod worker;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::task::AbortOnDropHandle;

use crate::journal::{Backlog, Journal};
use crate::telemetry::{Metrics, SinkLabel};
use herald::Herald;
use mailbox::Mailbox;
use worker::Worker;

pub use holding::thing_of;
pub use options::{DEFAULT_GIVE_UP, DEFAULT_TIMEOUT, SinkOptions};
pub use plan::{Outlet, Plan};
pub use state::{Condition, SinkState};

/// How often what waits is counted for metrics and screens.
const COUNT_EVERY: Duration = Duration::from_secs(2);

/// Delivers until it is shut down. Dropping it stops everything at once.
pub struct Deliverer {
    shared: Arc<Shared>,
    clerk: AbortOnDropHandle<()>,
}

struct Shared {
    journal: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    herald: Arc<Herald>,
    posts: Mutex<BTreeMap<String, Post>>,
    backlog: Mutex<Vec<Backlog>>,
}

/// A worker at its post.
struct Post {
    kind: Option<String>,
    mailbox: Arc<Mailbox>,
    worker: AbortOnDropHandle<()>,
}

impl Deliverer {
    /// Starts to deliver what waits, and what will.
    pub fn start(journal: Arc<dyn Journal>, plan: Arc<Plan>, metrics: Arc<Metrics>) -> Deliverer {
        let herald = Arc::new(Herald::new(journal.clone(), plan.on_dead.clone()));
        let shared = Arc::new(Shared {
            journal,
            metrics,
            herald,
            posts: Mutex::default(),
            backlog: Mutex::default(),
        });
        shared.replace(plan);
        let clerk = AbortOnDropHandle::new(tokio::spawn(clerk(shared.clone())));
        Deliverer { shared, clerk }
    }

    /// Works by another configuration from the next attempt on; attempts under way end by the old
    /// one. A sink in trouble whose outlet is another one is tried at once.
    pub fn replace(&self, plan: Arc<Plan>) {
        self.shared.herald.redirect(plan.on_dead.clone());
        self.shared.replace(plan);
    }

    /// Tries a sink in trouble now, since somebody acted. Returns whether there is such a sink.
    pub fn resume(&self, sink: &str) -> bool {
        let posts = lock(&self.shared.posts);
        posts.get(sink).is_some_and(|post| {
            post.kind.is_some() && post.mailbox.order(|orders| orders.resume = true)
        })
    }

    /// How every sink stands: those of the configuration, and those that are gone from it but
    /// have deliveries that wait or are dead.
    pub fn states(&self) -> Vec<SinkState> {
        let backlog = lock(&self.shared.backlog).clone();
        let posts = lock(&self.shared.posts);
        let here = posts.iter().filter(|(_, post)| post.kind.is_some());
        let mut states: Vec<SinkState> = here.map(|(name, post)| post.state(name)).collect();
        for of in backlog {
            match states.iter_mut().find(|state| state.name == of.sink) {
                Some(state) => state.count(&of),
                None if of.waiting + of.dead > 0 => states.push(SinkState::gone(&of)),
                None => {}
            }
        }
        states
    }

    /// Whether deliveries are being made: false once its own tasks have broken or ended.
    pub fn alive(&self) -> bool {
        let posts = lock(&self.shared.posts);
        let broken = posts.values().any(|p| p.kind.is_some() && p.worker.is_finished());
        !broken && !self.clerk.is_finished()
    }

    /// Starts nothing any more, waits for what is in flight until it is recorded or the grace is
    /// over, and ends. What is not delivered by then stays waiting.
    pub async fn shutdown(&self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.clerk.abort();
        let posts = std::mem::take(&mut *lock(&self.shared.posts));
        for post in posts.values() {
            post.mailbox.order(|orders| orders.stop = true);
        }
        for (sink, post) in posts {
            if tokio::time::timeout_at(deadline, post.worker).await.is_err() {
                tracing::warn!(sink, "attempts were still under way when the grace was over");
            }
        }
    }
}

impl Shared {
    fn replace(&self, plan: Arc<Plan>) {
        let mut posts = lock(&self.posts);
        posts.retain(|_, post| !post.mailbox.ended());
        for (name, post) in posts.iter_mut().filter(|(name, _)| !plan.outlets.contains_key(*name)) {
            tracing::info!(sink = name, "the sink is gone from the configuration");
            post.kind = None;
            post.mailbox.order(|orders| orders.outlet = None);
        }
        for (name, outlet) in &plan.outlets {
            let given = posts.get_mut(name).is_some_and(|post| {
                post.kind = Some(outlet.kind.clone());
                post.mailbox.order(|orders| {
                    orders.outlet = Some(outlet.clone());
                    orders.plan = plan.clone();
                    orders.news = true;
                })
            });
            if !given {
                posts.insert(name.clone(), self.post(outlet, &plan));
            }
        }
    }

    fn post(&self, outlet: &Arc<Outlet>, plan: &Arc<Plan>) -> Post {
        let mailbox = Arc::new(Mailbox::new(outlet.clone(), plan.clone()));
        let worker = Worker::new(
            outlet.name.clone(),
            self.journal.clone(),
            self.metrics.clone(),
            self.herald.clone(),
            mailbox.clone(),
        );
        let worker = AbortOnDropHandle::new(tokio::spawn(worker.run()));
        Post { kind: Some(outlet.kind.clone()), mailbox, worker }
    }

    fn bring_news(&self) {
        for post in lock(&self.posts).values() {
            post.mailbox.order(|orders| orders.news = true);
        }
    }

    /// Counts what waits, for metrics and screens.
    async fn count(&self) {
        match self.journal.backlog().await {
            Ok(backlog) => {
                let before = std::mem::replace(&mut *lock(&self.backlog), backlog.clone());
                self.gauge(&before, &backlog);
            }
            Err(error) => tracing::debug!(%error, "could not count what waits"),
        }
    }

    fn gauge(&self, before: &[Backlog], backlog: &[Backlog]) {
        let now: HashSet<&str> = backlog.iter().map(|of| of.sink.as_str()).collect();
        for of in before.iter().filter(|of| !now.contains(of.sink.as_str())) {
            let label = SinkLabel { sink: of.sink.clone() };
            self.metrics.waiting.remove(&label);
            self.metrics.oldest_waiting.remove(&label);
        }
        for of in backlog {
            let label = SinkLabel { sink: of.sink.clone() };
            let waiting = i64::try_from(of.waiting).unwrap_or(i64::MAX);
            self.metrics.waiting.get_or_create(&label).set(waiting);
            let age = of.oldest.map_or(0.0, |at| Timestamp::now().duration_since(at).as_secs_f64());
            self.metrics.oldest_waiting.get_or_create(&label).set(age.max(0.0));
        }
    }
}

impl Post {
    fn state(&self, name: &str) -> SinkState {
        let view = self.mailbox.view();
        let trouble = view.trouble;
        SinkState {
            name: name.to_owned(),
            kind: self.kind.clone(),
            state: view.condition,
            since: trouble.as_ref().map(|trouble| trouble.since),
            next_probe: trouble.as_ref().map(|trouble| trouble.next_probe),
            reason: trouble.map(|trouble| trouble.reason),
            waiting: 0,
            dead: 0,
            oldest_waiting: None,
            in_flight: view.in_flight,
        }
    }
}

/// Passes the journal's signals on to the workers, counts, and lets the herald catch up.
async fn clerk(shared: Arc<Shared>) {
    let signals = shared.journal.signals();
    let mut tick = tokio::time::interval(COUNT_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = signals.deliveries.notified() => shared.bring_news(),
            _ = tick.tick() => {
                shared.count().await;
                shared.herald.catch_up().await;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests;
