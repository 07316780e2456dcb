//! A delivery: the duty to tell one destination of one event, and the attempts at it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::thing::Handling;

/// A delivery's place in the journal's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliverySeq(pub i64);

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent.
    Waiting,
    /// The far side took it.
    Delivered,
    /// It will not be tried again unless a person asks.
    Dead,
    /// It is not to be sent any more (or, in shadow, never was).
    Cancelled,
    /// A recovery that waits for what it answers to settle: then it waits, or is cancelled.
    Held,
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The far side took the message.
    Delivered,
    /// The endpoint's trouble.
    Unavailable,
    /// This message's trouble, for now.
    Deferred,
    /// This message's trouble, for ever.
    Refused,
    /// The configuration's trouble.
    Suspended,
}

/// One try, as it is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub latency_ms: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The protocol's status code, where there was one.
    pub status: Option<u16>,
    /// What happened, for a person; secrets covered.
    pub reason: Option<String>,
    /// The beginning of what was answered; secrets covered.
    pub excerpt: Option<String>,
    /// Whether the message may have arrived all the same (a time-out after it was written).
    #[serde(default)]
    pub maybe_arrived: bool,
}

/// What an attempt means for its delivery; both are recorded together.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The delivery.
    pub delivery: DeliverySeq,
    /// The try, or `None` where the delivery ends without one (a person cancelled it).
    pub attempt: Option<AttemptRecord>,
    /// What follows.
    pub then: Then,
    /// What became of the thing that the sink holds open for the incident, if anything did.
    pub handling: Option<Handling>,
}

impl Settlement {
    /// A settlement that says nothing of a thing that is held open.
    pub fn new(delivery: DeliverySeq, attempt: Option<AttemptRecord>, then: Then) -> Self {
        Settlement { delivery, attempt, then, handling: None }
    }
}

/// What follows an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// It is done.
    Delivered,
    /// It is dead.
    Dead {
        /// Why.
        reason: String,
        /// What the next try must know, should a person put it back.
        progress: Option<String>,
    },
    /// It is not to be sent any more, with the reason.
    Cancelled(String),
    /// It is not sent, since a recovery that answers it takes its place and says both.
    Superseded,
    /// It is tried again, not before `due` (at once where `None`).
    Again {
        /// Not before this time.
        due: Option<Timestamp>,
        /// What the next try must know, as the sink left it.
        progress: Option<String>,
    },
}

impl Then {
    /// It is dead for this reason, and nothing of it was done.
    pub fn dead(reason: impl Into<String>) -> Self {
        Then::Dead { reason: reason.into(), progress: None }
    }
}
