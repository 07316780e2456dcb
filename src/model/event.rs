//! An event: one verified request, kept byte for byte, with what could be read from it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::status::Status;

/// The group of runs that name none, as Agnox shows it.
pub const UNGROUPED: &str = "__ungrouped__";

/// An event's place in the journal's order. Clocks jump; this doesn't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventSeq(pub i64);

/// One verified request.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place in the journal's order.
    pub seq: EventSeq,
    /// Its id outside, a UUIDv7.
    pub id: Uuid,
    /// The source that posted it.
    pub source: Arc<str>,
    /// When its last byte arrived.
    pub received_at: Timestamp,
    /// The bytes as they came.
    pub body: Arc<[u8]>,
    /// What could be read from them.
    pub reading: Reading,
    /// The event that this one replays, if it does.
    pub replay_of: Option<EventSeq>,
}

/// What could be read from a body. What is missing, null or of another shape is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Why nothing could be read, if so.
    pub unreadable: Option<String>,
    /// The kind of event, such as `execution.finished`.
    pub event: Option<String>,
    /// Agnox's id of the execution.
    pub execution_id: Option<String>,
    /// Agnox's id of the task.
    pub task_id: Option<String>,
    /// The run's status.
    pub status: Option<Status>,
    /// The sender's one-line summary.
    pub summary: Option<String>,
    /// The group; [`UNGROUPED`] where none is named. A name beyond a kilobyte is cut, and ends with a
    /// digest of the whole.
    pub group: Arc<str>,
    /// When the run started.
    pub started_at: Option<Timestamp>,
    /// When the run finished.
    pub finished_at: Option<Timestamp>,
    /// The address of the run, where the body names one (an older shape did).
    pub link: Option<String>,
    /// The whole body; null where it is unreadable.
    pub body: Arc<Value>,
}
