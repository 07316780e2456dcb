//! A digest: matches that were collected, as one message tells of them.
//!
//! The same shape serves the three ways of telling later: a rule's digest, what a window deferred,
//! and what a throttle held back. It stands in the body of an event of the bridge's own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::decision::Words;
use super::history::{Duty, GroupKey};

/// What was collected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// Why it was collected.
    pub kind: DigestKind,
    /// The rule that collected it.
    pub rule: String,
    /// The window that deferred it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// What it is split by, as it came out: `payments`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When collecting began.
    pub since: Timestamp,
    /// When it ended.
    pub until: Timestamp,
    /// How many runs, over all groups.
    pub runs: u32,
    /// How many groups.
    pub groups: u32,
    /// The groups, those that fail first; at most the rule's `max`.
    pub rows: Vec<DigestRow>,
    /// How many groups are left out of the rows.
    pub more: u32,
}

/// Why a digest was collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestKind {
    /// The rule's `digest`.
    Digest,
    /// The rule's `mute`, with `then: defer`.
    Deferred,
    /// The rule's `throttle`.
    Throttled,
}

/// One group of a digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DigestRow {
    /// The group.
    #[serde(flatten)]
    pub key: GroupKey,
    /// How it stands at the end.
    pub net: Net,
    /// The newest run's status; the worst one's where it failed and recovered.
    pub status: Option<String>,
    /// How many runs were collected.
    pub runs: u32,
    /// How many of them passed.
    pub passed: u32,
    /// How many of the newest failed in a row, before and during the time.
    pub failures_in_a_row: u32,
    /// Since when it has been failing, or had been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// When it recovered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_at: Option<Timestamp>,
    /// How long the slowest run took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowest: Option<f64>,
    /// The newest failing run's summary, or the newest run's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// That run's task, for the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// That run's execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
    /// When that run started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When that run finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// How a group stands at the end of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Net {
    /// It fails.
    Failing,
    /// It failed before or meanwhile, and passes now.
    Recovered,
    /// Its newest status is neither failing nor passing.
    Unknown,
    /// It passes, and did all the time.
    Passing,
}

/// What an event of the source [`super::memory::OWN_SOURCE`] holds under `bridge` in its body: whom
/// to tell of which digest. Its decision is exactly this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnMessage {
    /// The sink.
    pub sink: String,
    /// The resolved `with:` parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// Whose words it says, if not the sink's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// The labels that all groups of the digest share.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What recoveries of its groups answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Duty>,
    /// What to tell.
    pub digest: Digest,
}
