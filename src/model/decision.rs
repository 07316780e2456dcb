//! A decision: what the rules answered for one event.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::event::EventSeq;
use super::history::{Duty, Standing};

/// What is to be done about one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The event.
    pub event: EventSeq,
    /// The deliveries, one per destination.
    pub planned: Vec<Planned>,
    /// Whether no rule with conditions matched.
    pub unmatched: bool,
    /// Why the event could not be decided and was put aside, if so.
    pub parked: Option<String>,
    /// The account that is kept of it; `None` where it was parked.
    pub account: Option<Account>,
}

/// A delivery to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The sink's name.
    pub sink: String,
    /// What the delivery must remember.
    pub brief: Brief,
    /// Decided and recorded, but not to be sent (`--shadow`).
    pub shadow: bool,
    /// What it is known by where a recovery may answer it.
    pub duty: Option<Duty>,
    /// What it answers, if it is a recovery that is owed.
    pub answers: Option<Answers>,
}

impl Planned {
    /// A delivery that is to be made, and neither answers anything nor is answered.
    pub fn new(sink: impl Into<String>, brief: Brief) -> Self {
        Planned { sink: sink.into(), brief, shadow: false, duty: None, answers: None }
    }
}

/// What a recovery answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The deliveries of this duty.
    pub duty: Duty,
    /// Whether it is sent only if one of those was, or may have been, delivered. It is held until
    /// they settle. Not set where a rule of its own asks for the recovery too.
    pub conditional: bool,
    /// Whether it takes the place of those that still wait: they are cancelled, and it says both.
    /// Not set where they tell of more than this (a digest).
    pub supersedes: bool,
}

/// What a delivery remembers of its decision; the rest of its notice comes from the event itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// The names of the rules that asked for it, in order.
    pub rules: Vec<String>,
    /// Whose words it says, if not the sink's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// The group's labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The `with:` parameters, resolved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// Whether the status counted as failing; `None` when it was unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<bool>,
    /// What became dead, where this delivery tells a person of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<DeadNote>,
    /// What the event meant against its group's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Set where it is a recovery that is owed to whoever was told of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryNote>,
}

impl Brief {
    /// Makes it the brief of a recovery that says the failure too, which never arrived.
    pub fn say_both(&mut self) {
        self.recovery.get_or_insert_default().untold = true;
    }
}

/// What a recovery knows of the failure that it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryNote {
    /// The failure never arrived there: this one message tells of both. Set by the journal when it
    /// releases the recovery.
    #[serde(default)]
    pub untold: bool,
}

/// Deliveries that became dead, as a delivery to `on_dead` tells of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadNote {
    /// The sink that could not be told.
    pub sink: String,
    /// Why, for a person; secrets covered.
    pub reason: String,
    /// How many this tells of.
    pub count: u64,
}

/// Where a delivery's own template stands: the entry of a rule's `send`. The template that is
/// current at the attempt is used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Words {
    /// The rule's name.
    pub rule: String,
    /// The entry's index in its `send`.
    pub entry: usize,
}
