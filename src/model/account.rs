//! The account of a decision: which rules matched, and for each whom it told or why it didn't.
//!
//! Every event keeps its account, with the history that it was decided against and the version of
//! the configuration, so that "why did nobody hear of it" has an answer later on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::history::Standing;

/// The account of a decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The configuration that decided.
    #[serde(rename = "v", default)]
    pub version: String,
    /// What the event meant against the history of then.
    #[serde(rename = "s", default)]
    pub standing: Standing,
    /// The rules that matched, in order.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<Match>,
}

/// A rule that matched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Its name. For a recovery that is owed to an earlier duty, the rule that told.
    #[serde(rename = "r")]
    pub rule: String,
    /// Whom it told: sinks with a delivery that carries this rule's name.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Whom it did not tell, and why.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
}

/// A destination that was not told at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The sink's name.
    #[serde(rename = "k")]
    pub sink: String,
    /// Why.
    #[serde(rename = "w")]
    pub why: Absence,
}

/// Why a destination was not told at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Absence {
    /// An earlier rule tells the same destination.
    SameDestination {
        /// That rule.
        rule: String,
    },
    /// The run is late, and the rule doesn't ask for late ones.
    Late,
    /// The rule told of this incident already (`once_per: incident`).
    Repeat,
    /// The throttle is used up; it is counted, and the count is told later.
    Throttled,
    /// A window mutes the rule (`then: drop`).
    Muted {
        /// The window.
        window: String,
    },
    /// A window defers the rule: it is told when the window ends.
    Deferred {
        /// The window.
        window: String,
    },
    /// A silence holds it back.
    Silenced {
        /// The silence's id.
        silence: uuid::Uuid,
    },
    /// It is collected into the rule's digest.
    Collected,
    /// It is a recovery that goes into a collection which tells of the failure too.
    Superseded,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absence::SameDestination { rule } => {
                write!(f, "`{rule}` tells the same destination, in its words")
            }
            Absence::Late => f.write_str("the run is late, and the rule doesn't ask for late ones"),
            Absence::Repeat => f.write_str("the rule told of this incident already"),
            Absence::Throttled => {
                f.write_str("the throttle is used up: it is counted, and the count is told later")
            }
            Absence::Muted { window } => write!(f, "muted by the window `{window}`"),
            Absence::Deferred { window } => {
                write!(f, "put off by the window `{window}`, and told of when that ends")
            }
            Absence::Silenced { silence } => write!(f, "held back by the silence {silence}"),
            Absence::Collected => f.write_str("it is collected for the rule's digest"),
            Absence::Superseded => {
                f.write_str("what is told later of the failure tells of this too")
            }
        }
    }
}
