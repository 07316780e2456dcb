//! The durable record of events, decisions, deliveries and attempts.
//!
//! [`Journal`] says in the domain's words what the other rooms may ask. Whatever waits to be
//! written (new events first, then decisions, then settled attempts) shares one transaction and
//! one fsync; a call returns when its part is on disk. Only the implementations know SQL.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::model::{
    AttemptRecord, Brief, Decision, DeliverySeq, DeliveryState, Event, EventSeq, Reading,
    Settlement,
};

/// What a journal call answers, in time.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, JournalError>>;

/// The durable record.
pub trait Journal: Send + Sync + 'static {
    /// Keeps a verified body. Returns once it is on disk. The same bytes from the same source are
    /// a repeat: nothing is stored, and the first one's id comes back.
    fn accept(&self, arrival: Arrival) -> Answer<'_, Accepted>;

    /// The oldest events that are not decided yet, in order.
    fn undecided(&self, limit: usize) -> Answer<'_, Vec<Event>>;

    /// Commits decisions, which must be those of the oldest undecided events, in order.
    fn decide(&self, decisions: Vec<Decision>) -> Answer<'_, ()>;

    /// The waiting deliveries of a sink after a given one, in order: keys only.
    fn waiting(&self, sink: &str, after: DeliverySeq, limit: usize) -> Answer<'_, Vec<Waiting>>;

    /// The waiting deliveries of one lane from a given one on, in order: keys only.
    fn waiting_in_lane(
        &self,
        sink: &str,
        lane: Lane,
        from: DeliverySeq,
        limit: usize,
    ) -> Answer<'_, Vec<Waiting>>;

    /// How much waits for each sink.
    fn backlog(&self) -> Answer<'_, Vec<Backlog>>;

    /// A delivery with its event, whole; `None` if it is gone.
    fn work(&self, delivery: DeliverySeq) -> Answer<'_, Option<Work>>;

    /// Records attempts and what follows from them.
    fn settle(&self, settlements: Vec<Settlement>) -> Answer<'_, ()>;

    /// The states of all sinks that ever had trouble.
    fn sink_troubles(&self) -> Answer<'_, Vec<(String, Trouble)>>;

    /// Remembers a sink's trouble over a restart, or that it is over.
    fn set_sink_trouble(&self, sink: &str, trouble: Option<Trouble>) -> Answer<'_, ()>;

    /// Events, newest first.
    fn events(&self, filter: EventFilter) -> Answer<'_, Vec<Event>>;

    /// One event with its deliveries.
    fn event(&self, id: Uuid) -> Answer<'_, Option<(Event, Vec<Delivery>)>>;

    /// Deliveries, newest first.
    fn deliveries(&self, filter: DeliveryFilter) -> Answer<'_, Vec<Delivery>>;

    /// One delivery with its attempts, oldest first.
    fn delivery(&self, id: Uuid) -> Answer<'_, Option<(Delivery, Vec<AttemptRecord>)>>;

    /// Puts dead deliveries back to waiting, all that the filter selects; returns how many.
    fn retry(&self, filter: DeliveryFilter) -> Answer<'_, u64>;

    /// Marks dead deliveries as seen by a person, all that the filter selects; returns how many.
    /// Retention never takes an unseen one.
    fn acknowledge(&self, filter: DeliveryFilter) -> Answer<'_, u64>;

    /// Stores an event's bytes again as a new event with a new id, to be decided anew.
    fn replay(&self, id: Uuid, at: Timestamp) -> Answer<'_, Option<Uuid>>;

    /// Removes a small step of what is older than this, decided, and neither waiting nor dead and
    /// unseen. Returns how many events went; zero means that nothing is left to do.
    fn prune(&self, older_than: Timestamp) -> Answer<'_, u64>;

    /// Writes a consistent copy to a new file while the journal runs.
    fn backup(&self, to: PathBuf) -> Answer<'_, ()>;

    /// Reads everything and returns what is damaged; empty if nothing is.
    fn verify(&self) -> Answer<'_, Vec<String>>;

    /// Proves that a write reaches the disk: returns once an empty one has.
    fn beat(&self) -> Answer<'_, ()>;

    /// Figures for metrics and for people.
    fn figures(&self) -> Answer<'_, Figures>;

    /// Woken when there is something new to decide or to deliver.
    fn signals(&self) -> &Signals;

    /// Waits for what is queued, then closes; later calls fail with [`JournalError::Closed`].
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Woken by the journal after a commit.
#[derive(Debug, Default)]
pub struct Signals {
    /// New events are on disk.
    pub events: Notify,
    /// New deliveries are waiting, or dead ones were put back.
    pub deliveries: Notify,
}

/// A verified body on its way in.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The source.
    pub source: Arc<str>,
    /// When its last byte arrived.
    pub received_at: Timestamp,
    /// The bytes as they came.
    pub body: Arc<[u8]>,
    /// What could be read from them.
    pub reading: Reading,
}

/// An arrival that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The event's id; the first one's for a repeat.
    pub id: Uuid,
    /// Whether the same bytes were there already.
    pub duplicate: bool,
}

/// The deliveries of one group of one source to one sink keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane(pub u64);

/// A waiting delivery's key, small enough to hold many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// The delivery.
    pub seq: DeliverySeq,
    /// Its lane.
    pub lane: Lane,
    /// Not before this time.
    pub due: Option<Timestamp>,
}

/// How much waits for a sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backlog {
    /// The sink's name.
    pub sink: String,
    /// How many deliveries wait.
    pub waiting: u64,
    /// How many are dead, seen or not.
    pub dead: u64,
    /// When the oldest waiting one's event arrived.
    pub oldest: Option<Timestamp>,
}

/// A delivery with its event, whole.
#[derive(Clone, Debug)]
pub struct Work {
    /// The delivery.
    pub delivery: Delivery,
    /// The event it tells of.
    pub event: Event,
    /// What the sink left behind at an earlier try.
    pub progress: Option<String>,
}

/// A delivery as it stands.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its place in the journal's order.
    pub seq: DeliverySeq,
    /// Its id outside, a UUIDv7, the same over all attempts.
    pub id: Uuid,
    /// The event that it tells of.
    pub event: EventSeq,
    /// That event's id.
    pub event_id: Uuid,
    /// The sink's name.
    pub sink: String,
    /// What it remembers of its decision.
    pub brief: Brief,
    /// When it was decided.
    pub created_at: Timestamp,
    /// How far it has come.
    pub state: DeliveryState,
    /// Why it is dead or cancelled.
    pub reason: Option<String>,
    /// How many tries there were.
    pub attempts: u32,
    /// When the first try since it was last put back to waiting began: `give_up` counts from here.
    pub first_attempt_at: Option<Timestamp>,
    /// The latest try.
    pub last_attempt: Option<AttemptRecord>,
    /// Not before this time.
    pub due: Option<Timestamp>,
    /// Whether a person has seen that it is dead.
    pub seen: bool,
}

/// A sink's trouble, remembered over restarts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// Suspended until somebody acts; otherwise it is unavailable and backs off.
    pub suspended: bool,
    /// Since when.
    pub since: Timestamp,
    /// What happened, for a person.
    pub reason: String,
    /// How many tries failed in a row.
    pub failures: u32,
    /// When the next probe is due.
    pub next_probe: Timestamp,
}

/// Which events.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventFilter {
    /// Of this source.
    pub source: Option<String>,
    /// Of this group, exactly.
    pub group: Option<String>,
    /// With this status, whatever its case.
    pub status: Option<String>,
    /// Of this execution.
    pub execution: Option<String>,
    /// Only those that could not be read.
    pub unreadable: bool,
    /// Only those that could not be decided.
    pub parked: bool,
    /// Received at or after this time.
    pub since: Option<Timestamp>,
    /// Received before this time.
    pub until: Option<Timestamp>,
    /// Older than this event, for the next page.
    pub before: Option<Uuid>,
    /// At most so many; 50 where zero.
    pub limit: usize,
}

/// Which deliveries.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFilter {
    /// Just these.
    pub ids: Vec<Uuid>,
    /// To this sink.
    pub sink: Option<String>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// Of this event.
    pub event: Option<Uuid>,
    /// Decided at or after this time.
    pub since: Option<Timestamp>,
    /// Decided before this time.
    pub until: Option<Timestamp>,
    /// Older than this delivery, for the next page.
    pub before: Option<Uuid>,
    /// At most so many; 50 where zero. `retry` and `acknowledge` take all that match.
    pub limit: usize,
}

/// The journal's figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Events stored.
    pub events: u64,
    /// Events not decided yet.
    pub undecided: u64,
    /// Bytes on disk, write-ahead log included.
    pub bytes: u64,
    /// Bytes free on the disk.
    pub disk_free: u64,
    /// Commits since the start.
    pub commits: u64,
    /// Time spent in commits since the start, fsync included.
    pub commit_time: Duration,
    /// The slowest commit since the figures were last asked for.
    pub slowest_commit: Duration,
}

/// Why the journal could not do as asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk is full. Nothing of the call was stored; it may work later.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The file can't be trusted or reached any more; the process must start anew.
    #[error("the journal failed: {0}")]
    Failed(String),
    /// More waits than fits in memory; it may work later.
    #[error("the journal is overloaded")]
    Overloaded,
    /// The journal is closed or closing.
    #[error("the journal is closed")]
    Closed,
    /// Another process holds the file.
    #[error("{0}")]
    Locked(String),
    /// The file was written by a newer version.
    #[error("{0}")]
    Newer(String),
    /// The file is damaged.
    #[error("{0}")]
    Corrupt(String),
    /// Anything else, with what to do about it.
    #[error("{0}")]
    Other(String),
}
