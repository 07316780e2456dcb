//! What a person writes under `rules:` and `groups:`.
//!
//! These types know shapes only: which keys there are, and where a list may stand. What the texts
//! in them mean (globs, comparisons, templates) is read when the rules are compiled, so that all
//! that is wrong can be said at once.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use super::shapes::{OneOrMany, given};
use crate::model::units::Span;

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

/// At most so many messages in a time.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThrottleConfig {
    /// How many go out.
    pub limit: NonZeroU32,
    /// In how long, from the first of them on.
    pub per: Span,
    /// What is counted by itself: `group` (the default), `rule` for all matches together, `source`,
    /// `status` or `labels.NAME`; one or a list.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<By>")]
    pub by: Option<OneOrMany<By>>,
}

/// What a throttle or a digest keeps apart: `group`, `rule`, `source`, `status` or `labels.NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Each group of each source.
    Group,
    /// Nothing: all of the rule together.
    Rule,
    /// Each source.
    Source,
    /// Each status.
    Status,
    /// Each value of a label; groups without it are together.
    Label(String),
}

/// When a rule is quiet.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteConfig {
    /// The windows, from `windows:`; one or a list.
    pub during: OneOrMany<String>,
    /// What becomes of matches meanwhile. Recoveries that are owed are deferred in either case.
    #[serde(default)]
    #[schemars(extend("default" = "defer"))]
    pub then: MuteThen,
}

/// What becomes of matches in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MuteThen {
    /// They are told when the window ends, as they stand then.
    #[default]
    Defer,
    /// They are not told.
    Drop,
}

/// One message for many matches: `cron` or `every`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestConfig {
    /// When it goes out, as crontab writes it: `"0 9 * * MON-FRI"`, in the configuration's zone.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub cron: Option<String>,
    /// It goes out so long after its first match.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Span")]
    pub every: Option<Span>,
    /// What gets a message of its own: `source`, `status`, `group` or `labels.NAME`; one or a list.
    /// One message for each destination if left out.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<By>")]
    pub by: Option<OneOrMany<By>>,
    /// How many groups the table shows, those that fail first; the others are counted.
    #[serde(default = "fifty")]
    #[schemars(extend("default" = 50))]
    pub max: NonZeroU32,
    /// Whether it goes out, with nothing in it, where nothing was collected.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    pub even_if_empty: bool,
}

fn fifty() -> NonZeroU32 {
    NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN)
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

/// Whether a group's runs belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HistoryMode {
    /// They do: there are transitions and incidents.
    Kept,
    /// They don't: each failure counts as a first one, and nothing recovers.
    None,
}

/// When a rule fires.
#[derive(Clone, Debug, PartialEq)]
pub enum WhenConfig {
    /// For every event.
    Always,
    /// When these conditions hold.
    Conditions(Box<Conditions>),
}

/// Conditions. All keys must hold; in a list one entry must. A text is compared whole, as a glob
/// (`prod-*`), as a regular expression (`/prod-\d+/`), or letter by letter (`{exact: "a*b"}`).
/// What the event doesn't have makes its condition false.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Conditions {
    /// The run's status, in any case: `FAILED`, or `[FAILED, ERROR]`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub status: Option<OneOrMany<String>>,
    /// The source that posted the event.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<TextConfig>")]
    pub source: Option<OneOrMany<TextConfig>>,
    /// The group's name; `__ungrouped__` where the event names none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<TextConfig>")]
    pub group: Option<OneOrMany<TextConfig>>,
    /// The kind of event, such as `execution.finished`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<TextConfig>")]
    pub event: Option<OneOrMany<TextConfig>>,
    /// Labels that `groups` gives to the event's group: `{team: payments}`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "BTreeMap<String, OneOrMany<TextConfig>>")]
    pub labels: Option<BTreeMap<String, OneOrMany<TextConfig>>>,
    /// How long the run took: `"> 10m"`, also `>=`, `<`, `<=` and `=`. Quote it.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub duration: Option<OneOrMany<String>>,
    /// The sender's one-line summary.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<TextConfig>")]
    pub summary: Option<OneOrMany<TextConfig>>,
    /// Anything in the body, by its path (`stats.failed`, `tags[0]`, `["a.b"].c`): a text as
    /// above, a number, a boolean, null, or a comparison such as `"> 3"`. Where the body has a
    /// list, one of its elements must match.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "BTreeMap<String, OneOrMany<FieldConfig>>")]
    pub fields: Option<BTreeMap<String, OneOrMany<FieldConfig>>>,
    /// What the run means given its group's history: `first_failure`, `still_failing`,
    /// `kind_changed`, `recovered`, `still_passing`; one or a list. Late runs and unknown statuses
    /// have none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub transition: Option<OneOrMany<String>>,
    /// Whether it is the first event of its group.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub new_group: Option<bool>,
    /// Whether it finished before the newest run known of its group. A rule with conditions that
    /// doesn't say `late` does not tell of late runs.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub late: Option<bool>,
    /// So many failing runs in a row, this one included: `">= 3"`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<FieldConfig>")]
    pub failures_in_a_row: Option<OneOrMany<FieldConfig>>,
    /// So many passing runs in a row, this one included: `">= 5"`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<FieldConfig>")]
    pub passes_in_a_row: Option<OneOrMany<FieldConfig>>,
    /// The status of the run before, in any case.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub previous_status: Option<OneOrMany<String>>,
    /// When the failing run began: `"< 2026-11-01"`, a date or a time.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub failing_since: Option<OneOrMany<String>>,
    /// For how long the group has been failing: `"> 2h"`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub failing_for: Option<OneOrMany<String>>,
    /// After how long it recovered: `"> 1d"`; only with the transition `recovered`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<String>")]
    pub recovered_after: Option<OneOrMany<String>>,
    /// `true`: no earlier rule with conditions matched. Rules with `when: always` don't count.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub unmatched: Option<bool>,
    /// Each of these must hold.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<Conditions>")]
    pub all: Option<Vec<Conditions>>,
    /// One of these must hold.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<Conditions>")]
    pub any: Option<Vec<Conditions>>,
    /// These must not all hold.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Conditions")]
    pub not: Option<Box<Conditions>>,
}

/// A text to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum TextConfig {
    /// A glob, or a regular expression between slashes.
    Pattern(String),
    /// Letter by letter.
    Exact(String),
}

/// Something to compare a part of the body with.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldConfig {
    /// A null that is there.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, or a comparison.
    Text(TextConfig),
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
