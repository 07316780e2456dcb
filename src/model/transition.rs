//! What an event means given its group's history.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a run stands to the run before it. Late runs and runs of unknown status have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// It fails, and the one before did not; also a new group's first run, if it fails.
    FirstFailure,
    /// It fails as the one before did.
    StillFailing,
    /// It fails otherwise than the one before: another status.
    KindChanged,
    /// It passes, and the one before failed.
    Recovered,
    /// It passes, and so did the one before; also a new group's first run, if it passes.
    StillPassing,
}

impl Transition {
    /// All of them, in the order of the documentation.
    pub const ALL: [Transition; 5] = [
        Transition::FirstFailure,
        Transition::StillFailing,
        Transition::KindChanged,
        Transition::Recovered,
        Transition::StillPassing,
    ];

    /// The word in rules, templates and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Transition::FirstFailure => "first_failure",
            Transition::StillFailing => "still_failing",
            Transition::KindChanged => "kind_changed",
            Transition::Recovered => "recovered",
            Transition::StillPassing => "still_passing",
        }
    }

    /// Reads the word; `None` if it is none.
    pub fn parse(word: &str) -> Option<Self> {
        Transition::ALL.into_iter().find(|transition| transition.as_str() == word)
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
