//! A digest as a notice holds it: matches that were collected and are told of in one message.
//!
//! Plain data like the rest of the notice, for templates and for the built-in messages alike. The
//! same shape serves a rule's digest, what a window deferred and what a throttle held back. How it
//! is said is in [`crate::story`].

use serde::{Deserialize, Serialize};

use crate::units::whole_where_it_is;

/// What was collected.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Digest {
    /// `digest`, `deferred` or `throttled`.
    pub kind: String,
    /// The rule that collected it.
    pub rule: String,
    /// The window that deferred it, if one did.
    pub window: Option<String>,
    /// What it is split by, as it came out: `payments`.
    pub by: Option<String>,
    /// When collecting began (RFC 3339, in the configured time zone).
    pub since: String,
    /// When it ended (RFC 3339, in the configured time zone).
    pub until: String,
    /// How many runs, over all groups.
    pub runs: u32,
    /// How many groups.
    pub groups: u32,
    /// How many of the groups in `rows` fail.
    pub failing: u32,
    /// How many groups are left out of the rows.
    pub more: u32,
    /// The groups, those that fail first.
    pub rows: Vec<Row>,
}

/// One group of a digest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    /// The group's name.
    pub group: String,
    /// The source that posted its runs.
    pub source: String,
    /// How it stands at the end: `failing`, `recovered`, `unknown` or `passing`.
    pub net: String,
    /// The newest run's status; the worst one's where it failed and recovered.
    pub status: Option<String>,
    /// The emoji of how it stands.
    pub emoji: String,
    /// The colour of how it stands, as `#rrggbb`.
    pub color: String,
    /// How many of its runs were collected.
    pub runs: u32,
    /// How many of them passed.
    pub passed: u32,
    /// How many of a hundred passed, in words: `83 %`.
    pub pass_rate: Option<String>,
    /// How many of a hundred passed.
    pub pass_rate_percent: Option<u32>,
    /// How many of the newest failed in a row.
    pub failures_in_a_row: u32,
    /// Since when it has been failing, or had been (RFC 3339, in the configured time zone).
    pub failing_since: Option<String>,
    /// When it recovered (RFC 3339, in the configured time zone).
    pub recovered_at: Option<String>,
    /// How long the slowest run took, in words.
    pub slowest: Option<String>,
    /// How long the slowest run took, in seconds.
    #[serde(serialize_with = "whole_where_it_is")]
    pub slowest_seconds: Option<f64>,
    /// The newest failing run's summary, or the newest run's.
    pub summary: Option<String>,
    /// That run in Agnox's dashboard.
    pub link: Option<String>,
    /// The row in one sentence, as [`crate::story::line`] says it.
    pub line: String,
}
