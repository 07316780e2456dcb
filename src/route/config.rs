//! What a person writes under `rules:` and `groups:`.
//!
//! These types know shapes only: which keys there are, and where a list may stand. What the texts
//! in them mean (globs, comparisons, templates) is read when the rules are compiled, so that all
//! that is wrong can be said at once.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use super::shapes::{OneOrMany, given};

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
}
