//! Something in an example that isn't as it says, for a person.

use std::fmt;

use crate::kind::BuildError;

/// One thing that differs, with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mismatch {
    /// Where in the file: `examples[1].requests[0].json.text`.
    pub path: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What the example says, where it says something.
    pub expected: Option<String>,
    /// What came out, where something did.
    pub actual: Option<String>,
}

impl Mismatch {
    /// One without anything to compare.
    pub(super) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Mismatch { path: path.into(), message: message.into(), expected: None, actual: None }
    }

    /// One between what should be and what is.
    pub(super) fn between(
        path: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Mismatch {
            expected: Some(expected.into()),
            actual: Some(actual.into()),
            ..Mismatch::new(path, "this is not what comes out")
        }
    }

    /// What a sink says of its options, at the example's.
    pub(super) fn of(error: BuildError, place: &str) -> Self {
        let hint = error.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        Mismatch::new(error.path, format!("{}{hint}", error.message)).within(place)
    }

    /// The same, seen from what it stands in.
    pub(super) fn within(mut self, place: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{place}{dot}{}", self.path);
        self
    }

    /// The same, seen from the list that it stands in.
    pub(super) fn within_item(self, list: &str, index: usize) -> Self {
        self.within(&format!("{list}[{index}]"))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)?;
        let (Some(expected), Some(actual)) = (&self.expected, &self.actual) else {
            for (word, text) in [("expected", &self.expected), ("but it is", &self.actual)] {
                if let Some(text) = text {
                    write!(f, "\n  {word}: {}", text.replace('\n', "\n    "))?;
                }
            }
            return Ok(());
        };
        if !expected.contains('\n') && !actual.contains('\n') {
            let at = expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b).count();
            write!(f, "\n  expected:  {expected}\n  but it is: {actual}")?;
            let long = expected.chars().count().max(actual.chars().count()) > 40;
            return if long { write!(f, "\n  {:>1$}", "^", at + 12) } else { Ok(()) };
        }
        lines(f, expected, actual)
    }
}

/// Two texts line by line: those that are alike at both ends stand once.
fn lines(f: &mut fmt::Formatter<'_>, expected: &str, actual: &str) -> fmt::Result {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let begin = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let ends = old[begin..].iter().rev().zip(new[begin..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let mut put = |mark: char, lines: &[&str]| {
        lines.iter().try_for_each(|line| write!(f, "\n  {mark} {line}"))
    };
    put(' ', &old[..begin])?;
    put('-', &old[begin..old.len() - end])?;
    put('+', &new[begin..new.len() - end])?;
    put(' ', &old[old.len() - end..])
}
