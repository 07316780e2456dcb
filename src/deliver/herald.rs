//! Tells the `on_dead` sink of deliveries that died and of sinks that were suspended.
//!
//! At most one message an hour tells of one sink; what happens meanwhile is counted and told with
//! the next, or once the hour is over. Messages of the `on_dead` sink itself are never told of,
//! since that would go to the same place. What was told before a restart is read back from the
//! deliveries themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::clock::{Clock, between};
use crate::journal::{DeliveryFilter, Journal, JournalError};
use crate::model::{Brief, DeadNote, EventSeq, Planned};

/// Between two messages about one sink.
const QUIET: Duration = Duration::from_secs(3600);

/// How many of the `on_dead` sink's latest deliveries are looked at after a restart.
const LOOK_BACK: usize = 200;

/// Tells of deaths.
pub(super) struct Herald {
    journal: Arc<dyn Journal>,
    to: Mutex<Option<String>>,
    tales: Mutex<HashMap<String, Tale>>,
    recalled: OnceCell<()>,
}

/// What is known of one sink's deaths.
#[derive(Debug, Default)]
struct Tale {
    told: Option<Instant>,
    untold: u64,
    latest: Option<News>,
}

/// Something to tell of.
#[derive(Clone, Debug)]
pub(super) struct News {
    /// The event whose delivery it concerns.
    pub event: EventSeq,
    /// What happened; secrets covered.
    pub reason: String,
}

impl Herald {
    pub(super) fn new(journal: Arc<dyn Journal>, to: Option<String>) -> Self {
        Herald { journal, to: Mutex::new(to), tales: Mutex::default(), recalled: OnceCell::new() }
    }

    /// Tells another sink from now on.
    pub(super) fn redirect(&self, to: Option<String>) {
        *lock(&self.to) = to;
    }

    /// Something happened to a sink's delivery, or to the sink.
    pub(super) async fn hear(&self, sink: &str, news: News) {
        let Some(to) = self.to().filter(|to| to != sink) else { return };
        self.recall(&to).await;
        {
            let mut tales = lock(&self.tales);
            let tale = tales.entry(sink.to_owned()).or_default();
            tale.untold += 1;
            tale.latest = Some(news);
        }
        self.tell_what_is_due(&to).await;
    }

    /// Tells what was kept back for an hour.
    pub(super) async fn catch_up(&self) {
        let Some(to) = self.to() else { return };
        self.tell_what_is_due(&to).await;
    }

    async fn tell_what_is_due(&self, to: &str) {
        for (sink, news, count) in self.take_due(to) {
            let dead = DeadNote { sink: sink.clone(), reason: news.reason.clone(), count };
            let brief = Brief { dead: Some(dead), ..Brief::default() };
            let planned = Planned::new(to, brief);
            if let Err(error) = self.journal.add(news.event, vec![planned]).await {
                tracing::warn!(sink, on_dead = to, %error, "could not tell of a dead delivery yet");
                self.put_back(sink, news, count);
            }
        }
    }

    /// What may be told now, marked as told; forgets what is old and told.
    fn take_due(&self, to: &str) -> Vec<(String, News, u64)> {
        let now = Instant::now();
        let quiet = |tale: &Tale| tale.told.is_some_and(|told| now < told + QUIET);
        let mut tales = lock(&self.tales);
        tales.retain(|sink, tale| sink != to && (tale.untold > 0 || quiet(tale)));
        let due = tales.iter_mut().filter(|(_, tale)| tale.untold > 0 && !quiet(tale));
        due.filter_map(|(sink, tale)| {
            let news = tale.latest.take()?;
            tale.told = Some(now);
            Some((sink.clone(), news, std::mem::take(&mut tale.untold)))
        })
        .collect()
    }

    fn put_back(&self, sink: String, news: News, count: u64) {
        let mut tales = lock(&self.tales);
        let tale = tales.entry(sink).or_default();
        tale.told = None;
        tale.untold += count;
        tale.latest.get_or_insert(news);
    }

    /// Learns once what was told before the start.
    async fn recall(&self, to: &str) {
        let read = self.recalled.get_or_try_init(|| self.read_back(to)).await;
        if let Err(error) = read {
            tracing::warn!(on_dead = to, %error, "could not look up what was told before");
        }
    }

    async fn read_back(&self, to: &str) -> Result<(), JournalError> {
        let clock = Clock::now();
        let since = clock.wall.checked_sub(QUIET).unwrap_or(Timestamp::MIN);
        let filter = DeliveryFilter {
            sink: Some(to.to_owned()),
            since: Some(since),
            limit: LOOK_BACK,
            ..DeliveryFilter::default()
        };
        let told = self.journal.deliveries(filter).await?;
        let mut tales = lock(&self.tales);
        for delivery in told {
            let Some(dead) = delivery.brief.dead else { continue };
            let ago = between(delivery.created_at, clock.wall);
            let tale = tales.entry(dead.sink).or_default();
            tale.told = tale.told.max(clock.now.checked_sub(ago));
        }
        Ok(())
    }

    fn to(&self) -> Option<String> {
        lock(&self.to).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
