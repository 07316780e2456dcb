//! How a sink stands, as a person, a metric or a program sees it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::Backlog;

/// A sink's condition in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Messages go out.
    #[default]
    Healthy,
    /// The endpoint has trouble: one delivery at a time probes it, the others wait.
    BackingOff,
    /// Nothing will be taken until somebody acts: one probe an hour, or when resumed.
    Suspended,
    /// Deliveries wait for it, but the configuration has no such sink.
    Gone,
}

/// How one sink stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SinkState {
    /// Its name.
    pub name: String,
    /// The word of its kind; null where the sink is gone.
    pub kind: Option<String>,
    /// Its condition.
    pub state: Condition,
    /// Since when it has had trouble; null while healthy or gone.
    pub since: Option<Timestamp>,
    /// What happened, for a person; null while healthy or gone.
    pub reason: Option<String>,
    /// When the next probe is due; null while healthy or gone.
    pub next_probe: Option<Timestamp>,
    /// How many deliveries wait (those in flight among them), as of a moment ago.
    pub waiting: u64,
    /// How many deliveries are dead, seen or not, as of a moment ago.
    pub dead: u64,
    /// When the oldest waiting delivery's event arrived.
    pub oldest_waiting: Option<Timestamp>,
    /// How many deliveries are being sent or recorded right now.
    pub in_flight: usize,
}

impl SinkState {
    /// A sink of which only the name is known: nothing waits, nothing is wrong.
    pub fn idle(name: String) -> Self {
        SinkState {
            name,
            kind: None,
            state: Condition::Healthy,
            since: None,
            reason: None,
            next_probe: None,
            waiting: 0,
            dead: 0,
            oldest_waiting: None,
            in_flight: 0,
        }
    }

    /// A sink that is gone from the configuration, of which only the journal knows.
    pub(super) fn gone(of: &Backlog) -> Self {
        SinkState {
            name: of.sink.clone(),
            kind: None,
            state: Condition::Gone,
            since: None,
            reason: None,
            next_probe: None,
            waiting: of.waiting,
            dead: of.dead,
            oldest_waiting: of.oldest,
            in_flight: 0,
        }
    }

    /// Adds what the journal counted.
    pub(super) fn count(&mut self, of: &Backlog) {
        (self.waiting, self.dead, self.oldest_waiting) = (of.waiting, of.dead, of.oldest);
    }
}

impl Condition {
    /// The number that stands for it in the metric `sink_state`.
    pub fn number(self) -> i64 {
        match self {
            Condition::Healthy => 0,
            Condition::BackingOff => 1,
            Condition::Suspended => 2,
            Condition::Gone => 3,
        }
    }
}
