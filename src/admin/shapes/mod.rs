//! What the admin API asks and answers: the same over HTTP and on a stopped gateway's file.
//!
//! Plain data. Names of fields are part of the documented API. `history` has groups and incidents,
//! `silences` silences, `account` the account of a decision.

mod account;
mod history;
mod silences;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::journal::{Delivery, Figures};
use crate::model::{AttemptRecord, DeliveryState, Event, OwnMessage, Silence};
use crate::route::Verdict;

pub use account::{AccountView, HeldView, MatchView};
pub use history::{
    DestinationView, GroupDetail, GroupQuery, GroupView, IncidentDetail, IncidentQuery,
    IncidentView, OneGroup, RunView, ThingView, ToldView,
};
pub use silences::{NewSilence, SilencePreview, SilenceState, SilenceView, WouldHold};

/// `GET /api/v1/status`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The running part; null where the gateway is stopped and only its file was read.
    pub running: Option<RunningStatus>,
    /// The journal's figures.
    pub journal: Figures,
}

/// What only a running gateway knows of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunningStatus {
    /// When it started.
    pub started_at: Timestamp,
    /// For how long it has been running, in seconds.
    pub uptime_seconds: u64,
    /// Which configuration it works by.
    pub config_version: String,
    /// Whether it decides and records, and sends nothing.
    pub shadow: bool,
    /// Whether it can accept events.
    pub ready: bool,
    /// Why it can't, or what will soon be wrong.
    pub why: Option<String>,
    /// When a configuration was last taken up.
    pub last_reload: Timestamp,
    /// Why the latest one was not; null if it was.
    pub last_reload_error: Option<String>,
}

/// An event in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventView {
    /// Its id.
    pub id: Uuid,
    /// The source that posted it.
    pub source: String,
    /// When its last byte arrived.
    pub received_at: Timestamp,
    /// The kind of event.
    pub event: Option<String>,
    /// The run's status.
    pub status: Option<String>,
    /// The group.
    pub group: String,
    /// The sender's summary.
    pub summary: Option<String>,
    /// Agnox's id of the execution.
    pub execution_id: Option<String>,
    /// Agnox's id of the task.
    pub task_id: Option<String>,
    /// When the run started.
    pub started_at: Option<Timestamp>,
    /// When the run finished.
    pub finished_at: Option<Timestamp>,
    /// Why nothing could be read, if so.
    pub unreadable: Option<String>,
    /// Whether it replays an earlier event.
    pub replay: bool,
    /// The body's length in bytes.
    pub bytes: usize,
}

/// `GET /api/v1/events/{id}`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventDetail {
    /// The event.
    #[serde(flatten)]
    pub event: EventView,
    /// The body as text; what is no UTF-8 shows as `\u{fffd}`.
    pub body: String,
    /// The exact bytes in hexadecimal, where they are no UTF-8.
    pub body_hex: Option<String>,
    /// The deliveries that came of it.
    pub deliveries: Vec<DeliveryView>,
    /// What each rule in force says of it, standing as it stood when it was decided; null where no
    /// rules could be loaded, and for messages of the bridge's own, which no rule is asked about.
    pub verdicts: Option<Vec<Verdict>>,
    /// Whether it was decided, or put aside.
    pub decided: bool,
    /// Whether no rule with conditions matched.
    pub unmatched: bool,
    /// Why it could not be decided and was put aside, if so.
    pub parked: Option<String>,
    /// The account of its decision; null where it is undecided, put aside, or was decided by a
    /// version that kept none.
    pub account: Option<AccountView>,
    /// The incident that it belongs to or ended.
    pub incident: Option<IncidentView>,
    /// The silences that the account names and that are not forgotten.
    pub silences: Vec<Silence>,
    /// What it tells, if it is a message of the bridge's own.
    pub own: Option<OwnMessage>,
    /// The configuration in force; null where the gateway is stopped.
    pub config_version: Option<String>,
}

/// A delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryView {
    /// Its id, the same over all attempts.
    pub id: Uuid,
    /// The event that it tells of.
    pub event_id: Uuid,
    /// The sink's name.
    pub sink: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// Why it is dead or cancelled.
    pub reason: Option<String>,
    /// The rules that asked for it.
    pub rules: Vec<String>,
    /// The group's labels.
    pub labels: BTreeMap<String, String>,
    /// The resolved `with:` parameters.
    pub with: BTreeMap<String, String>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// How many tries there were.
    pub attempts: u32,
    /// When the first try began.
    pub first_attempt_at: Option<Timestamp>,
    /// The latest try.
    pub last_attempt: Option<AttemptRecord>,
    /// Not before this time.
    pub due: Option<Timestamp>,
    /// Whether a person has seen that it is dead.
    pub seen: bool,
    /// Whether it may have arrived though no attempt was answered.
    pub maybe_arrived: bool,
    /// Whether it is a recovery that answers what was told of the failure.
    pub answers: bool,
}

/// `GET /api/v1/deliveries/{id}`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// Its attempts, oldest first.
    pub history: Vec<AttemptRecord>,
    /// The deliveries that it answers, if it is a recovery, oldest first.
    pub answered: Vec<Uuid>,
}

/// How many deliveries a request changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// How many.
    pub changed: u64,
}

/// `POST /api/v1/events/{id}/replay`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// The new event's id.
    pub id: Uuid,
}

/// `POST /api/v1/reload`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloaded {
    /// Which configuration is in force now.
    pub config_version: String,
    /// What changed and needs a restart.
    pub needs_restart: Vec<String>,
    /// What `check` would warn of.
    pub warnings: Vec<String>,
}

/// `POST /api/v1/journal/backup`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// Where the copy goes: an absolute path on the gateway's machine that doesn't exist yet.
    pub file: std::path::PathBuf,
}

/// `POST /api/v1/journal/check`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What is damaged; empty if nothing is.
    pub damage: Vec<String>,
}

/// A request that was done and has nothing to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Always true.
    pub done: bool,
}

/// Any request that was not done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// What went wrong and what to do.
    pub error: String,
}

impl From<&Event> for EventView {
    fn from(event: &Event) -> Self {
        let reading = &event.reading;
        EventView {
            id: event.id,
            source: event.source.to_string(),
            received_at: event.received_at,
            event: reading.event.clone(),
            status: reading.status.as_ref().map(ToString::to_string),
            group: reading.group.to_string(),
            summary: reading.summary.clone(),
            execution_id: reading.execution_id.clone(),
            task_id: reading.task_id.clone(),
            started_at: reading.started_at,
            finished_at: reading.finished_at,
            unreadable: reading.unreadable.clone(),
            replay: event.replay_of.is_some(),
            bytes: event.body.len(),
        }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        DeliveryView {
            id: delivery.id,
            event_id: delivery.event_id,
            sink: delivery.sink,
            state: delivery.state,
            reason: delivery.reason,
            rules: delivery.brief.rules,
            labels: delivery.brief.labels,
            with: delivery.brief.with,
            created_at: delivery.created_at,
            attempts: delivery.attempts,
            first_attempt_at: delivery.first_attempt_at,
            last_attempt: delivery.last_attempt,
            due: delivery.due,
            seen: delivery.seen,
            maybe_arrived: delivery.maybe_arrived,
            answers: delivery.answers.is_some(),
        }
    }
}
