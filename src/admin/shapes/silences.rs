//! Silences, as the admin API takes and shows them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::EventView;
use crate::model::Silence;

/// The body of `POST /api/v1/silences` and `POST /api/v1/silences/preview`. An unknown key is
/// refused: a matcher that is misspelt would silence too much.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewSilence {
    /// The groups: a glob, or `/regex/`.
    pub group: Option<String>,
    /// The sources: a glob, or `/regex/`.
    pub source: Option<String>,
    /// The statuses.
    pub status: Vec<String>,
    /// The rules: a glob, or `/regex/`.
    pub rule: Option<String>,
    /// The sinks: a glob, or `/regex/`.
    pub sink: Option<String>,
    /// The group's labels: globs, or `/regex/`es.
    pub labels: BTreeMap<String, String>,
    /// That everything is meant, where no matcher is given.
    pub everything: bool,
    /// From when; at once where left out.
    pub start: Option<Timestamp>,
    /// Until when.
    pub end: Option<Timestamp>,
    /// Whether it ends for each group once that has recovered.
    pub until_recovery: bool,
    /// Who makes it.
    pub author: String,
    /// Why.
    pub comment: String,
}

/// A silence and how it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SilenceView {
    /// How it stands now.
    pub state: SilenceState,
    /// The silence.
    pub silence: Silence,
}

/// How a silence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilenceState {
    /// It is in force.
    Active,
    /// Its start is still to come.
    Coming,
    /// It is over.
    Ended,
}

/// The answer of `POST /api/v1/silences/preview`: what it would have held back in the last day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SilencePreview {
    /// From when on events were looked at.
    pub since: Timestamp,
    /// How many events were looked at.
    pub looked_at: u64,
    /// Whether those were all; the newest were looked at first.
    pub complete: bool,
    /// Of how many events something would have been held back.
    pub events: u64,
    /// How many messages.
    pub messages: u64,
    /// How often an event would not have been collected for a message that is sent later: a
    /// digest, what a window puts off, a throttle's count.
    pub collected: u64,
    /// The newest few of those events.
    pub newest: Vec<WouldHold>,
}

/// An event of which a silence would have held something back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WouldHold {
    /// The event.
    #[serde(flatten)]
    pub event: EventView,
    /// The sinks that would not have been told.
    pub sinks: Vec<String>,
    /// The sinks for which it would not have been collected.
    pub collected: Vec<String>,
}

impl SilenceView {
    /// A silence as it stands at a time.
    pub fn at(silence: Silence, now: Timestamp) -> Self {
        let state = match silence.end {
            Some(end) if end <= now => SilenceState::Ended,
            _ if now < silence.start => SilenceState::Coming,
            _ => SilenceState::Active,
        };
        SilenceView { state, silence }
    }
}
