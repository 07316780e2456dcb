//! The status of a run: the four that Agnox sends, and whatever else may come.

use std::fmt;

/// A run's status in upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// All tests passed.
    Passed,
    /// Tests failed.
    Failed,
    /// The platform or the container failed.
    Error,
    /// The run was flaky.
    Unstable,
    /// The bridge's own: a run that should have reported and didn't. It always counts as failing.
    Missing,
    /// A word that the bridge doesn't know: neither passing nor failing.
    Unknown(Box<str>),
}

impl Status {
    /// The statuses that Agnox documents.
    pub const KNOWN: [Status; 4] =
        [Status::Passed, Status::Failed, Status::Error, Status::Unstable];

    /// Reads a word, whatever its case.
    pub fn parse(word: &str) -> Self {
        Status::of_upper(&word.trim().to_uppercase())
    }

    /// The status of a word that is in upper case already.
    pub fn of_upper(word: &str) -> Self {
        let all = Status::KNOWN.into_iter().chain([Status::Missing]);
        let known = all.into_iter().find(|status| status.as_str() == word);
        known.unwrap_or_else(|| Status::Unknown(word.into()))
    }

    /// The word in upper case.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Passed => "PASSED",
            Status::Failed => "FAILED",
            Status::Error => "ERROR",
            Status::Unstable => "UNSTABLE",
            Status::Missing => "MISSING",
            Status::Unknown(word) => word,
        }
    }

    /// Whether Agnox documents it, or it is the bridge's own.
    pub fn is_known(&self) -> bool {
        !matches!(self, Status::Unknown(_))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
