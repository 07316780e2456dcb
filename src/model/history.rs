//! What is remembered of a group: its newest runs, how long it has been failing or passing, and the
//! incident that is open.
//!
//! A group's memory outlives its events. It is one row in the journal, written with the decision of
//! the event that changed it. What an event means against it is its [`Standing`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
// A group's memory is written with each of its events, and numbers are written faster than dates.
use jiff::fmt::serde::timestamp::nanosecond::{optional as maybe_nanos, required as nanos};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::decision::Words;
use super::event::Event;
use super::status::Status;
use super::transition::Transition;

/// A group of a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupKey {
    /// The source's name.
    pub source: Arc<str>,
    /// The group's name.
    pub group: Arc<str>,
}

impl GroupKey {
    /// The group that an event names.
    pub fn of(event: &Event) -> Self {
        GroupKey { source: event.source.clone(), group: event.reading.group.clone() }
    }
}

/// So many of a group's newest runs are remembered.
pub const RUNS: usize = 20;

/// What is remembered of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupMemory {
    /// When its newest run finished. A run that finished before is late.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_nanos")]
    pub newest: Option<Timestamp>,
    /// The newest run's status, in upper case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether that counted as failing; `None` before the first run of a known status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<bool>,
    /// So many runs in a row did as the newest did.
    #[serde(default)]
    pub in_a_row: u32,
    /// When the first of those finished.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_nanos")]
    pub since: Option<Timestamp>,
    /// When the run that recovered it last arrived.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_nanos")]
    pub recovered_at: Option<Timestamp>,
    /// When its newest event arrived.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_nanos")]
    pub last_seen: Option<Timestamp>,
    /// Its newest runs, oldest first; at most [`RUNS`].
    #[serde(default, with = "super::strip")]
    pub runs: VecDeque<Run>,
    /// The incident that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
}

/// A run, as a group's memory keeps it: small.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// When it finished, to the second.
    pub finished_at: Timestamp,
    /// Its status.
    pub status: Status,
    /// Whether that counted as failing.
    pub failing: bool,
    /// How long it took, in seconds.
    pub seconds: Option<u32>,
}

/// One unbroken failing run of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id: that of its first event.
    pub id: Uuid,
    /// The group.
    #[serde(flatten)]
    pub key: GroupKey,
    /// When its first failing run finished.
    #[serde(with = "nanos")]
    pub opened_at: Timestamp,
    /// Its newest event.
    pub last_event: Uuid,
    /// When the newest failing run finished.
    #[serde(with = "nanos")]
    pub last_at: Timestamp,
    /// The newest failing run's status.
    pub status: String,
    /// How many failing runs.
    pub count: u32,
    /// Who was told, or is to be: the duties that it carries.
    #[serde(default)]
    pub told: Vec<Told>,
    /// Its end, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// How an incident ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// When the run that recovered it finished.
    #[serde(with = "nanos")]
    pub at: Timestamp,
    /// That event.
    pub event: Uuid,
}

/// One rule that told one destination of an incident. It belongs to the incident: whatever becomes
/// of the rule and the sink, it stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The rule's name.
    pub rule: String,
    /// The sink's name.
    pub sink: String,
    /// The resolved `with:` parameters: with the sink they are the destination.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// Whose words it says, if not the sink's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// Whether the recovery is owed to it (`send_recovery`).
    #[serde(default)]
    pub recovery: bool,
    /// What the deliveries of this duty are known by in the journal.
    pub duty: Duty,
    /// Where it was put into a collection (deferred by a window) instead of being sent at once: the
    /// collection's key in the journal's memory, and when it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected: Option<(String, Timestamp)>,
    /// Whether that collection is what a throttle held back: the recovery is owed to whoever reads
    /// its count, but `once_per: incident` is not spent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
    /// The event that told it first.
    pub event: Uuid,
    /// When that was.
    #[serde(with = "nanos")]
    pub at: Timestamp,
}

/// What ties deliveries together: those that tell one destination of one incident, and the recovery
/// that answers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duty(pub i64);

impl Duty {
    /// The duty to tell a destination of something with an id (an incident, a collection). It is
    /// the same on every machine and in every version, since it is stored.
    pub fn of(of: &str, sink: &str, with: &BTreeMap<String, String>) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut add = |text: &str| {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        add(of);
        add(sink);
        for (name, value) in with {
            add(name);
            add(value);
        }
        Duty(hash as i64)
    }

    /// The duty to tell a destination of an incident at once.
    pub fn of_incident(incident: Uuid, sink: &str, with: &BTreeMap<String, String>) -> Self {
        let mut buffer = Uuid::encode_buffer();
        Duty::of(incident.as_hyphenated().encode_lower(&mut buffer), sink, with)
    }
}

/// What an event means against the history that it was decided against. Kept with the decision and
/// with each delivery, so that a message says what was so then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The transition, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition: Option<Transition>,
    /// Whether it is the first event of its group.
    #[serde(skip_serializing_if = "is_false")]
    pub new_group: bool,
    /// Whether it finished before the newest run known of its group.
    #[serde(skip_serializing_if = "is_false")]
    pub late: bool,
    /// So many failing runs in a row, this one included; 0 where it passes.
    #[serde(skip_serializing_if = "is_zero")]
    pub failures_in_a_row: u32,
    /// So many passing runs in a row, this one included; 0 where it fails.
    #[serde(skip_serializing_if = "is_zero")]
    pub passes_in_a_row: u32,
    /// The status of the run before, in upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_status: Option<String>,
    /// When the failing run that this belongs to, or that it ends, began: its first finish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// For how long it has been failing, in seconds; only where it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_for: Option<u64>,
    /// After how long it recovered, in seconds; only with the transition `recovered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered_after: Option<u64>,
    /// After how many failing runs in a row it recovered; 0 without the transition `recovered`.
    #[serde(skip_serializing_if = "is_zero")]
    pub recovered_from: u32,
    /// The incident that it belongs to, or that it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<Uuid>,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}
