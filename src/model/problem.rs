//! Something wrong with the configuration, said by the room that reads that part of it.

/// What is wrong, where, and what to do. The configuration turns the path into file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The item, as a path from the top: `rules[3].when.duration`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it, such as the nearest known name.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Problem { path: path.into(), message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
