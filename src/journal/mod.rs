//! The durable record of events, decisions, deliveries and attempts.
//!
//! [`Journal`] says in the domain's words what the other rooms may ask. Whatever waits to be
//! written (new events first, then decisions, then settled attempts) shares one transaction and
//! one fsync; a call returns when its part is on disk. Only the implementations know SQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::model::{
    AttemptRecord, Decision, DeliverySeq, Duty, Event, EventSeq, Incident, Memo, Patch, Planned,
    Settlement, Silence, Thing,
};

pub mod id;
pub mod sqlite;
mod types;

#[cfg(test)]
pub(crate) mod again;
#[cfg(test)]
mod conformance;

pub use types::{
    Accepted, Arrival, Backlog, Delivery, DeliveryFilter, EventFilter, Fate, Figures,
    IncidentFilter, Lane, Signals, Trouble, Waiting, Work,
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

    /// Commits decisions, which must be those of the oldest undecided events, in order, together
    /// with what they change in memory. Without decisions it commits what a timer changed. The
    /// patch's events are stored as undecided ones.
    fn decide(&self, decisions: Vec<Decision>, patch: Patch) -> Answer<'_, ()>;

    /// The rows of memory with these names; those that are not there are left out.
    fn recall(&self, names: Vec<String>) -> Answer<'_, Vec<Memo>>;

    /// All rows of memory whose names begin so, or, with `false`, do not; in the order of names.
    fn recall_all(&self, begin: &str, so: bool) -> Answer<'_, Vec<Memo>>;

    /// Incidents that ended, newest first.
    fn ended_incidents(&self, filter: IncidentFilter) -> Answer<'_, Vec<Incident>>;

    /// One incident that ended.
    fn ended_incident(&self, id: Uuid) -> Answer<'_, Option<Incident>>;

    /// The deliveries that carry one of these duties or answer one, oldest first.
    fn of_duties(&self, duties: Vec<Duty>) -> Answer<'_, Vec<Delivery>>;

    /// All silences, also those that are over and not forgotten yet, oldest first.
    fn silences(&self) -> Answer<'_, Vec<Silence>>;

    /// Stores a silence, in the place of the one with its id if there is one.
    fn silence(&self, silence: Silence) -> Answer<'_, ()>;

    /// Adds deliveries to an event outside of its decision: those that tell of dead ones.
    fn add(&self, event: EventSeq, planned: Vec<Planned>) -> Answer<'_, ()>;

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

    /// The thing that is open for a duty; `None` where nothing is.
    fn held(&self, duty: Duty) -> Answer<'_, Option<Thing>>;

    /// All things that were opened for an incident, also those that aren't open any more, the oldest
    /// first.
    fn held_for(&self, incident: Uuid) -> Answer<'_, Vec<Thing>>;

    /// Records attempts and what follows from them, also for the recoveries that are held for what
    /// settles here (see [`ruling`](crate::model::ruling)), and what became of the things that sinks
    /// hold open. Where one is opened or ends, what other deliveries of its duty had begun is
    /// forgotten ([`Work::progress`]): they begin anew with what is there now.
    fn settle(&self, settlements: Vec<Settlement>) -> Answer<'_, ()>;

    /// The states of all sinks that ever had trouble.
    fn sink_troubles(&self) -> Answer<'_, Vec<(String, Trouble)>>;

    /// Remembers a sink's trouble over a restart, or that it is over.
    fn set_sink_trouble(&self, sink: &str, trouble: Option<Trouble>) -> Answer<'_, ()>;

    /// Events, newest first.
    fn events(&self, filter: EventFilter) -> Answer<'_, Vec<Event>>;

    /// One event with its deliveries.
    fn event(&self, id: Uuid) -> Answer<'_, Option<(Event, Vec<Delivery>)>>;

    /// What became of an event; `None` if it is gone.
    fn fate(&self, id: Uuid) -> Answer<'_, Option<Fate>>;

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

    /// Removes a small step of what is older than this, decided, and neither waiting nor held nor
    /// dead and unseen. Returns how many events went; zero means that nothing is left to do. What
    /// deciding remembers outlives it; silences that ended a month ago, incidents that ended two years
    /// ago and the things that were held for them go too. A recovery of which nothing was told stays
    /// as long as the failure can still be put back.
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

/// Opens the journal that a configured address names: `sqlite:` and a path, relative to `base`.
///
/// # Errors
/// [`JournalError`] says why it can't be opened and what to do.
pub fn open(url: &str, base: &Path) -> Result<Arc<dyn Journal>, JournalError> {
    let journal = sqlite::SqliteJournal::open(&file(url, base)?, sqlite::Settings::default())?;
    Ok(Arc::new(journal))
}

/// Looks whether [`open`] would succeed, and changes nothing. That another process holds the
/// journal is not looked at.
///
/// # Errors
/// As [`open`].
pub fn probe(url: &str, base: &Path) -> Result<(), JournalError> {
    sqlite::probe(&file(url, base)?)
}

fn file(url: &str, base: &Path) -> Result<PathBuf, JournalError> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        return Err(JournalError::Other(format!(
            "`{url}` names no journal that is known here; write sqlite: and the path of a file"
        )));
    };
    Ok(base.join(path.strip_prefix("//").unwrap_or(path)))
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
