//! What a person writes under `tests:`.
//!
//! Shapes only: what the names and times in them mean is looked at in `check`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::shapes::Texts;
use crate::model::units::Span;
use crate::route::OneOrMany;

/// One named case: an `event` with what to `expect`, or `steps` with times. `agnox-bridge test`
/// runs it with nothing sent; it begins with no history.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseConfig {
    /// The case's name. No two cases share one.
    pub name: String,
    /// When it begins: `"2026-03-02 09:00"` on the clock of the configuration's zone, or a time with
    /// its offset. If left out: at the first step, where that says a time, and else on that Monday.
    #[serde(default)]
    pub start: Option<String>,
    /// The one event of the case.
    #[serde(default)]
    pub event: Option<EventConfig>,
    /// What comes one after another, instead of `event`.
    #[serde(default)]
    pub steps: Vec<StepConfig>,
    /// What must and must not be sent; with `steps`, in all of them together.
    #[serde(default)]
    pub expect: Option<ExpectConfig>,
}

/// One step: time passes, sinks go down or come up, an event arrives, each if it is given and in
/// this order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepConfig {
    /// When: `+10m` after the step before, or `"2026-03-03 07:00"`. At the time of the step before
    /// if left out. On the way there, windows end and digests go out.
    #[serde(default)]
    pub at: Option<String>,
    /// Sinks that can't be reached from here on: what is for them waits.
    #[serde(default)]
    pub down: Texts,
    /// Sinks that can be reached again: what waited goes out.
    #[serde(default)]
    pub up: Texts,
    /// The event that arrives.
    #[serde(default)]
    pub event: Option<EventConfig>,
    /// What must and must not be sent since the step before.
    #[serde(default)]
    pub expect: Option<ExpectConfig>,
}

/// An event, made up: what is left out is as it usually is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventConfig {
    /// The run's status: `FAILED`, which is also the default.
    #[serde(default)]
    pub status: Option<String>,
    /// The group's name; `__ungrouped__` if left out.
    #[serde(default)]
    pub group: Option<String>,
    /// The source that it comes from; the first one if left out.
    #[serde(default)]
    pub source: Option<String>,
    /// The sender's one-line summary; none if left out.
    #[serde(default)]
    pub summary: Option<String>,
    /// How long the run took, `4m` if left out.
    #[serde(default)]
    pub duration: Option<Span>,
    /// When the run finished, if not as it arrives: `-2h` before that, or a time. A run that
    /// finished before one that has arrived is late.
    #[serde(default)]
    pub finished: Option<String>,
    /// Any other field of the body, by Agnox's name: `{triggeredBy: deploy}`.
    #[serde(default)]
    pub body: BTreeMap<String, Value>,
}

/// What must be sent, and what must not.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectConfig {
    /// Each of these is sent: a sink's name, or an entry that says more. `[]`: nothing at all is
    /// sent.
    #[serde(default)]
    pub send: Option<OneOrMany<SentConfig>>,
    /// Nothing is sent to these: a sink's name, or an entry that says more of the message.
    #[serde(default)]
    pub not_send: Option<OneOrMany<SentConfig>>,
    /// Whether `send` names all that is sent: anything else is a failure too.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    pub only: bool,
}

/// A message that is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentConfig {
    /// The sink's name.
    pub sink: String,
    /// What its text holds: each of these.
    pub text: Texts,
    /// What its text doesn't hold: none of these.
    pub not_text: Texts,
    /// A rule that asked for it.
    pub rule: Option<String>,
    /// The parameters that it has, as they came out; others may be there too.
    pub with: BTreeMap<String, String>,
    /// How many such messages are sent, exactly; at least one if left out.
    pub times: Option<u32>,
    /// Whether it was written as a name alone.
    pub bare: bool,
}
