//! What the journal's threads and its callers share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::identity::Identity;
use super::queue::Queue;
use super::recent::{self, NewEvent, News, Recent};
use super::state::Counts;
use crate::journal::id::Mint;
use crate::journal::{JournalError, Signals, Work};
use crate::model::DeliverySeq;

/// Shared by the writer, the readers, the checkpointer and the callers.
pub(super) struct Shared {
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    pub(super) mint: Mint,
    /// Deliveries up to this one may have been under way when the process before this one died.
    pub(super) cut_off: DeliverySeq,
    pub(super) queue: Queue,
    pub(super) signals: Signals,
    pub(super) commits: Commits,
    /// Where retention's next look begins.
    pub(super) prune_from: AtomicI64,
    published: Mutex<Published>,
    end: OnceLock<JournalError>,
}

/// What callers see of the last commit without reading the file.
struct Published {
    counts: Counts,
    recent: Recent,
}

/// How long commits took.
#[derive(Debug, Default)]
pub(super) struct Commits {
    count: AtomicU64,
    nanos: AtomicU64,
    slowest: AtomicU64,
}

impl Shared {
    /// What is shared of the journal at this path.
    pub(super) fn new(
        path: PathBuf,
        identity: Identity,
        mint: Mint,
        cut_off: DeliverySeq,
        queue: Queue,
        counts: Counts,
    ) -> Self {
        Shared {
            path,
            identity,
            mint,
            cut_off,
            queue,
            signals: Signals::default(),
            commits: Commits::default(),
            prune_from: AtomicI64::new(0),
            published: Mutex::new(Published { counts, recent: Recent::default() }),
            end: OnceLock::new(),
        }
    }

    /// Nothing can be trusted any more: every further call gets this error.
    pub(super) fn fail(&self, error: &JournalError) {
        if self.end.set(error.clone()).is_ok() {
            self.signals.events.notify_one();
            self.signals.deliveries.notify_one();
        }
    }

    /// Whether the journal can still be trusted.
    ///
    /// # Errors
    /// The error that ended it.
    pub(super) fn alive(&self) -> Result<(), JournalError> {
        self.end.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// The counts of the last commit.
    pub(super) fn counts(&self) -> Counts {
        self.published().counts.clone()
    }

    /// Makes a commit visible.
    pub(super) fn publish(&self, counts: &Counts, news: &mut News) {
        let mut published = self.published();
        if published.counts != *counts {
            published.counts.clone_from(counts);
        }
        published.recent.add(news, counts.watermark);
    }

    /// The oldest undecided events, unless one of them is only in the file.
    pub(super) fn undecided(&self, limit: usize) -> Option<Vec<NewEvent>> {
        let published = self.published();
        let Counts { watermark, last_event, .. } = published.counts;
        published.recent.undecided(watermark, last_event, limit)
    }

    /// A delivery that nothing has happened to yet, unless it is only in the file.
    pub(super) fn work(&self, delivery: DeliverySeq) -> Option<Work> {
        let found = self.published().recent.work(delivery);
        found.map(|(delivery, event)| recent::work(&delivery, &event))
    }

    fn published(&self) -> MutexGuard<'_, Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Commits {
    /// Counts one.
    pub(super) fn add(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.slowest.fetch_max(nanos, Ordering::Relaxed);
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How many, how long together, and the slowest since this was last asked.
    pub(super) fn read(&self) -> (u64, Duration, Duration) {
        (
            self.count.load(Ordering::Relaxed),
            Duration::from_nanos(self.nanos.load(Ordering::Relaxed)),
            Duration::from_nanos(self.slowest.swap(0, Ordering::Relaxed)),
        )
    }
}
