//! What the journal takes and gives: arrivals, keys, filters, figures.
//!
//! Plain data in the domain's words; nothing here knows how it is stored.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::model::{
    Account, AttemptRecord, Brief, DeliverySeq, DeliveryState, Duty, Event, EventSeq, Reading,
};

/// Woken by the journal after a commit.
#[derive(Debug, Default)]
pub struct Signals {
    /// New events are on disk.
    pub events: Notify,
    /// New deliveries are waiting, or dead ones were put back, or held ones released.
    pub deliveries: Notify,
    /// How often dead deliveries were put back to waiting or held ones were released: whoever reads
    /// what waits in order starts over when it has changed, since they keep their old place.
    pub put_back: AtomicU64,
    /// How often silences were stored: whoever decides reads them again when it has changed, and is
    /// woken through `events`.
    pub silences: AtomicU64,
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

impl Lane {
    /// The lane of a group of a source. It is the same on every machine and in every version,
    /// since it is stored.
    pub fn of(source: &str, group: &str) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in source.bytes().chain([0]).chain(group.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Lane(hash)
    }
}

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
    /// Whether a recovery that answers it is there already and takes its place, so that it is to be
    /// settled as [`crate::model::Then::Superseded`] instead of being sent. Where it may have arrived
    /// it is told again, and the recovery after it; unless that has arrived already, since a lane
    /// passes what has trouble of its own: nobody hears of the failure after its end.
    pub superseded: bool,
    /// Whether it may have been under way when the process before this one died, so that nobody
    /// knows whether the far side took it.
    pub cut_off: bool,
    /// The deliveries that it answers, those that arrived or may have, oldest first, for threads; at
    /// most the first 100, and empty where it answers none.
    pub answers: Vec<Uuid>,
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
    /// Whether it may have arrived though no attempt was answered.
    pub maybe_arrived: bool,
    /// What it is known by where a recovery may answer it.
    pub duty: Option<Duty>,
    /// What it answers, if it is a recovery that is owed.
    pub answers: Option<Duty>,
}

/// What became of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fate {
    /// Whether it was decided (or parked).
    pub decided: bool,
    /// Whether no rule with conditions matched.
    pub unmatched: bool,
    /// Why it could not be decided and was put aside, if so.
    pub parked: Option<String>,
    /// The account of its decision; `None` where it is undecided, parked, or was decided by a
    /// version that kept none.
    pub account: Option<Account>,
}

/// Which incidents.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentFilter {
    /// Of this source.
    pub source: Option<String>,
    /// Of this group, exactly.
    pub group: Option<String>,
    /// Ended at or after this time.
    pub since: Option<Timestamp>,
    /// At most so many; 50 where zero.
    pub limit: usize,
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
#[serde(default, deny_unknown_fields)]
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

/// Which deliveries. An unknown key is refused: a filter that is misspelt would select everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
