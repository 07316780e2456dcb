//! What an answer means, where a service differs from the usual.

use serde::Deserialize;
use serde_json::Value;

use super::named::Named;
use crate::units::Span;

/// One entry: the conditions that an answer must meet, and what it means then.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// A code, a list of codes, or `2xx`.
    pub status: Option<Value>,
    /// Paths, and what stands there.
    #[serde(default)]
    pub json: Named<Value>,
    /// What the body contains: a text, or one of several.
    pub text: Option<Value>,
    /// Headers, and their values.
    #[serde(default)]
    pub header: Named<String>,
    /// An expression over the message.
    pub when: Option<String>,
    /// What it means.
    pub means: Meaning,
    /// Where the waiting time stands.
    pub wait: Option<Wait>,
    /// What a person should know or do.
    pub say: Option<String>,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The message was taken.
    Delivered,
    /// The service has trouble or asks to wait.
    Unavailable,
    /// This message waits, others pass.
    Deferred,
    /// This message will never be taken.
    Refused,
    /// Nothing will be taken until somebody acts.
    Suspended,
    /// What was opened isn't there any more.
    Gone,
}

/// Where an answer says how long to wait.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// A path in its JSON.
    pub json: Option<String>,
    /// One of its headers.
    pub header: Option<String>,
    /// In what it counts.
    #[serde(default)]
    pub unit: Unit,
    /// What it is where neither says anything.
    pub default: Option<Span>,
}

/// In what a waiting time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    #[default]
    S,
    /// Milliseconds.
    Ms,
    /// The moment itself, in seconds since 1970.
    Epoch,
    /// The moment itself, in milliseconds since 1970.
    EpochMs,
}

impl Meaning {
    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Meaning::Delivered => "delivered",
            Meaning::Unavailable => "unavailable",
            Meaning::Deferred => "deferred",
            Meaning::Refused => "refused",
            Meaning::Suspended => "suspended",
            Meaning::Gone => "gone",
        }
    }
}
