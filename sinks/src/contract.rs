//! What a sink is: the words that the bridge and every sink share.
//!
//! The bridge turns a delivery into a [`Notice`] (plain data), asks the sink to [`Sink::render`] a
//! [`Message`] from it (pure: the same notice gives the same message, and nothing is sent), and
//! hands the message back for one try with [`Sink::send`]. The answer is a [`Receipt`] or a
//! [`Failure`], which says whose trouble it is. Nothing outside this crate looks at a status code.
//!
//! This file knows no service, no journal and no rule.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::message::Message;
use crate::template::{RenderError, Template};
use crate::units::whole_where_it_is;

/// What a message is about: plain data, every name always there, null where unknown.
///
/// Templates see exactly these names; `variables::VARIABLES` documents each of them and a
/// test holds the two together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Notice {
    /// The event's id in the bridge (a UUIDv7).
    pub event_id: String,
    /// The kind of event as the sender named it, such as `execution.finished`.
    pub event: Option<String>,
    /// Agnox's id of the execution.
    pub execution_id: Option<String>,
    /// Agnox's id of the task.
    pub task_id: Option<String>,
    /// The status in upper case, such as `FAILED`.
    pub status: Option<String>,
    /// Whether the status counts as failing; null when it is unknown.
    pub failing: Option<bool>,
    /// The group's name, `__ungrouped__` where there is none.
    pub group: String,
    /// The source that posted the event.
    pub source: String,
    /// What the configuration knows of the group; every label named anywhere is there, null where
    /// this group has none.
    pub labels: BTreeMap<String, Option<String>>,
    /// The sender's one-line summary.
    pub summary: Option<String>,
    /// When the run started (RFC 3339, in the configured time zone).
    pub started_at: Option<String>,
    /// When the run finished (RFC 3339, in the configured time zone).
    pub finished_at: Option<String>,
    /// When the bridge received the event (RFC 3339, in the configured time zone).
    pub received_at: String,
    /// How long the run took, in words: `4m`, `1h 5m`.
    pub duration: Option<String>,
    /// How long the run took, in seconds.
    #[serde(serialize_with = "whole_where_it_is")]
    pub duration_seconds: Option<f64>,
    /// The address of the run in Agnox's dashboard.
    pub link: Option<String>,
    /// The status's colour as `#rrggbb`.
    pub color: String,
    /// The status's emoji.
    pub emoji: String,
    /// The first rule that asked for this message.
    pub rule: Option<String>,
    /// All rules that asked for this message.
    pub rules: Vec<String>,
    /// The sink that sends it.
    pub sink: String,
    /// The delivery's id (a UUIDv7), the same over all its attempts.
    pub delivery_id: String,
    /// How much later the message goes out than it could have, in words; null while it is fresh.
    pub delayed: Option<String>,
    /// The same in seconds; null while it is fresh.
    pub delayed_seconds: Option<i64>,
    /// How the run stands to the one before it, such as `first_failure`.
    pub transition: Option<String>,
    /// Whether it is the first run known of its group.
    pub new_group: bool,
    /// Whether it finished before the newest run known of its group.
    pub late: bool,
    /// So many failing runs in a row, this one included; 0 where it passes.
    pub failures_in_a_row: Option<u32>,
    /// So many passing runs in a row, this one included; 0 where it fails.
    pub passes_in_a_row: Option<u32>,
    /// The status of the run before, in upper case.
    pub previous_status: Option<String>,
    /// Since when the group has been failing, or had been until this run (RFC 3339).
    pub failing_since: Option<String>,
    /// For how long it has been failing, in words.
    pub failing_for: Option<String>,
    /// For how long it has been failing, in seconds.
    pub failing_for_seconds: Option<u64>,
    /// After how long it recovered, in words; only where it did with this run.
    pub recovered_after: Option<String>,
    /// After how long it recovered, in seconds.
    pub recovered_after_seconds: Option<u64>,
    /// After how many failing runs in a row it recovered.
    pub recovered_from: Option<u32>,
    /// The id of the incident that the run belongs to, or ends.
    pub incident: Option<String>,
    /// Whether this is a recovery that is owed, since the failure was told.
    pub recovery: bool,
    /// Whether the failure that it answers never arrived, so that this one message says both.
    pub untold: bool,
    /// What was collected, in a message about several runs; null in all others.
    pub digest: Option<Box<Digest>>,
    /// What could not be delivered, in a message of `on_dead`; null in all others.
    pub dead: Option<Dead>,
    /// The rule's `with:` parameters, resolved.
    pub with: BTreeMap<String, String>,
    /// The whole body as it came, null where it could not be read.
    pub body: Value,
    /// The bytes as they came, for sinks that pass them on. No template sees them.
    #[serde(skip)]
    pub raw: Vec<u8>,
    /// The ids of the deliveries that this one answers, oldest first, for services with threads;
    /// empty where it answers none. No template sees them.
    #[serde(skip)]
    pub answers: Vec<String>,
    /// What was captured when the thing that the sink holds open for this incident was opened;
    /// `None` where nothing is open. No template sees it by this name.
    #[serde(skip)]
    pub held: Option<Captured>,
    /// What an earlier try left with [`Failure::progress`]; the same as [`Attempt::progress`], for
    /// sinks whose next step depends on it. No template sees it.
    #[serde(skip)]
    pub progress: Option<String>,
    /// Whether a person sends it by hand, to try the sink. Built-in messages say so first.
    #[serde(skip)]
    pub test: bool,
}

/// What answers left behind, by the names that the service's file gives them: a thread's id, an
/// issue's number.
pub type Captured = BTreeMap<String, Value>;

/// What a step did to the thing that a sink holds open for an incident.
#[derive(Clone, Debug, PartialEq)]
pub enum Holding {
    /// It is open, and this is what later steps need. Also after a failure, where a first step has
    /// opened it and a later one did not work.
    Open(Captured),
    /// It was closed.
    Closed,
    /// It isn't there any more: whoever is told next opens a new one.
    Gone,
}

/// What could not be delivered, as `on_dead` tells it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dead {
    /// The sink that it was for.
    pub sink: String,
    /// Why it could not be delivered.
    pub reason: String,
    /// How many messages could not be delivered since the last time this was told.
    pub count: u64,
}

/// A place that a message can go to, with its configuration.
pub trait Sink: Send + Sync + 'static {
    /// Builds the message. `words` is the rule's own template for the text, if it has one.
    ///
    /// # Errors
    /// If a template fails. The caller then sends [`Sink::minimal`].
    fn render(&self, notice: &Notice, words: Option<&Template>) -> Result<Message, RenderError>;

    /// The built-in message that no template can break, marked with why it stands in.
    fn minimal(&self, notice: &Notice, why: &str) -> Message;

    /// Tries once to send the message, under [`Attempt::deadline`].
    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>>;

    /// Whether it holds a thing open for each incident, so that [`Notice::held`] is asked for and
    /// [`Receipt::holding`] is kept.
    fn holds(&self) -> bool {
        false
    }

    /// Tries to reach the sink's address without sending anything, and says what it reached.
    fn reach<'a>(&'a self, deadline: Duration) -> BoxFuture<'a, Result<String, Failure>>;
}

/// One try at a delivery.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The delivery's id: goes out as `Idempotency-Key`, `webhook-id` or in the `Message-ID`.
    pub delivery_id: String,
    /// 1 for the first try.
    pub number: u32,
    /// When this try began.
    pub at: Timestamp,
    /// The whole time that this try may take, from the connect to the answer's last byte.
    pub deadline: Duration,
    /// What an earlier try left with [`Failure::progress`].
    pub progress: Option<String>,
}

/// The far side took the message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// The protocol's status code, where it has one.
    pub status: Option<u16>,
    /// The beginning of what was answered.
    pub excerpt: Option<String>,
    /// What became of the thing that the sink holds open for the incident, where it holds one.
    pub holding: Option<Holding>,
}

/// The far side did not take the message, or we don't know.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Whose trouble it is, and so what happens next.
    pub fault: Fault,
    /// What happened, for a person; names the sink's address, never a secret.
    pub reason: String,
    /// The protocol's status code, where there was one.
    pub status: Option<u16>,
    /// The beginning of what was answered.
    pub excerpt: Option<String>,
    /// Whether the message may have arrived all the same (a time-out after it was written).
    pub maybe_arrived: bool,
    /// What the next try must know, such as the recipients that have the mail already. Given back
    /// as [`Attempt::progress`], also after a restart.
    pub progress: Option<String>,
    /// What became of the thing that the sink holds open for the incident, all the same.
    pub holding: Option<Holding>,
}

/// Whose trouble a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The endpoint's: it cannot be reached, is overloaded, or asks to wait. The sink backs off.
    Unavailable {
        /// How long the endpoint asked to wait, as it said it; the caller clamps it.
        retry_after: Option<Duration>,
    },
    /// This message's, for now: others may pass (a greylisted recipient). The delivery backs off.
    Deferred,
    /// This message's, for ever: it will never be taken. The delivery is dead.
    Refused,
    /// The configuration's: nothing will be taken until somebody acts. The sink is suspended.
    Suspended,
}

impl Fault {
    /// The outcome's name in the journal, in metrics and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Unavailable { .. } => "unavailable",
            Fault::Deferred => "deferred",
            Fault::Refused => "refused",
            Fault::Suspended => "suspended",
        }
    }
}

impl Failure {
    /// A failure with its reason and nothing else known.
    pub fn new(fault: Fault, reason: impl Into<String>) -> Self {
        Failure {
            fault,
            reason: reason.into(),
            status: None,
            excerpt: None,
            maybe_arrived: false,
            progress: None,
            holding: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fault.name(), self.reason)
    }
}

impl std::error::Error for Failure {}
