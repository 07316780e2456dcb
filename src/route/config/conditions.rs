//! What a person writes under `when:`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use crate::route::shapes::{OneOrMany, given};

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
