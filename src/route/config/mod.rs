//! What a person writes under `rules:`, `groups:` and `missed_runs:`.
//!
//! These types know shapes only: which keys there are, and where a list may stand. What the texts
//! in them mean (globs, comparisons, templates) is read when the rules are compiled, so that all
//! that is wrong can be said at once.

mod conditions;
mod hold;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shapes::{OneOrMany, given};
use crate::model::units::Span;

pub use conditions::{Conditions, FieldConfig, TextConfig, WhenConfig};
pub(super) use hold::MOST_ROWS;
pub use hold::{By, DigestConfig, MuteConfig, MuteThen, ThrottleConfig};

/// One rule: when it fires, and who is told then.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// The rule's name, for messages, `explain` and the log. No two rules share one.
    pub name: String,
    /// When the rule fires: conditions, all of which must hold, or the word `always`.
    pub when: WhenConfig,
    /// Who is told: a sink's name, a list of names, or entries with `sink`, `template` and `with`.
    /// A rule without it tells nobody, which makes sense with `stop: true`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<SendConfig>")]
    pub send: Option<OneOrMany<SendConfig>>,
    /// Whether the rules below are not looked at once this rule's `when` held.
    #[serde(default)]
    pub stop: bool,
    /// `incident`: the rule tells once in each unbroken failing run of a group, at its first match,
    /// whatever the transition is called by then. Runs that don't fail are told each time.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OncePer")]
    pub once_per: Option<OncePer>,
    /// Whether those whom this rule told of an incident hear of its recovery, in the same thread
    /// where the service has threads. Who was not told, does not.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    pub send_recovery: bool,
    /// At most so many messages in a time. What is held back is counted, and the count is told when
    /// the time is over. Recoveries and a worse status pass.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "ThrottleConfig")]
    pub throttle: Option<ThrottleConfig>,
    /// Keeps the rule quiet during windows.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "MuteConfig")]
    pub mute: Option<MuteConfig>,
    /// Collects the matches into one message with a table of groups.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "DigestConfig")]
    pub digest: Option<DigestConfig>,
}

/// What a rule tells once in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OncePer {
    /// One unbroken failing run of a group.
    Incident,
}

/// One who is told.
#[derive(Clone, Debug, PartialEq)]
pub struct SendConfig {
    /// The sink's name.
    pub sink: String,
    /// The words for the message's text, if not the sink's own: a template, or the name of a
    /// loaded one (`name.hbs`).
    pub template: Option<String>,
    /// Parameters for the sink, such as Slack's `channel`. Each may be a template; one that comes
    /// out empty is left out.
    pub with: BTreeMap<String, String>,
    /// Whether it was written as a name alone.
    pub bare: bool,
}

/// What is known of the groups whose name matches. All entries that match add up; later ones win.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    /// The group's name: a glob, `/regex/` or `{exact: …}`, or a list of them.
    #[serde(rename = "match")]
    pub matches: OneOrMany<TextConfig>,
    /// Labels, for conditions and templates: `{team: payments, channel: "#payments"}`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The statuses that count as failing for these groups, instead of `agnox.failing`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<String>")]
    pub failing: Option<Vec<String>>,
    /// `none` for groups whose runs are unrelated: each failure counts as a first one, and nothing
    /// recovers. The default is `kept`, and `none` for `__ungrouped__` and `Smart-PR-Run`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "HistoryMode")]
    pub history: Option<HistoryMode>,
}

/// Whether a group's runs belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HistoryMode {
    /// They do: there are transitions and incidents.
    Kept,
    /// They don't: each failure counts as a first one, and nothing recovers.
    None,
}

/// Groups that should report: `cron` or `every`. One that doesn't makes an event
/// `execution.missing` with the status `MISSING`, which goes through the rules like others.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissedConfig {
    /// The groups: a name, or a pattern, which stands for the groups that have reported before; one
    /// or a list.
    pub group: OneOrMany<TextConfig>,
    /// The source of the groups; needed for a name where there are several sources.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub source: Option<String>,
    /// When a run should start, as Agnox's schedule has it: `"0 2 * * *"`, in the configuration's
    /// zone unless `timezone` says otherwise.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub cron: Option<String>,
    /// How long after a run the next one should have reported.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Span")]
    pub every: Option<Span>,
    /// How long to wait beyond that; a run takes its time.
    #[serde(default = "a_quarter")]
    #[schemars(extend("default" = "15m"))]
    pub grace: Span,
    /// The zone of the cron, by its IANA name.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub timezone: Option<String>,
}

fn a_quarter() -> Span {
    Span(std::time::Duration::from_secs(15 * 60))
}
