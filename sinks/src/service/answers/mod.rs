//! What an answer means to a service: its file's `answers`, and where none of them fits, what is
//! usual for all services.
//!
//! The first entry that fits counts, a step's own before the service's. What is said of an answer
//! quotes it on one line, with the request's secrets covered. Knows no single service.

mod entry;
mod wait;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

use self::entry::Entry;
use super::form::{self, Meaning};
use super::path::JsonPath;
use crate::client::Seen;
use crate::contract::{Failure, Fault, Holding, Receipt};
use crate::kind::BuildError;
use crate::template::{Filling, ServiceTemplates};

/// The most that is quoted of an answer, in bytes.
const QUOTE: usize = 300;

/// How deep a reason may be nested: a list of texts by field.
const DEPTH: usize = 3;

/// What answers mean to a service, or to one of its steps.
#[derive(Clone, Default)]
pub struct Answers {
    entries: Vec<Arc<Entry>>,
    reason: Vec<JsonPath>,
}

/// An answer that is no success.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What it is.
    pub failure: Failure,
    /// Whether what was opened isn't there any more. [`Failure::holding`] says so then.
    pub gone: bool,
}

impl Answers {
    /// Reads a list of entries. The places of errors begin with `answers[…]` or `reason[…]`.
    ///
    /// # Errors
    /// For the first entry or path that can't be used.
    pub fn compile(
        own: &[form::Answer],
        reason: &[String],
        templates: &ServiceTemplates,
    ) -> Result<Answers, BuildError> {
        let mut answers = Answers::default();
        for (index, entry) in own.iter().enumerate() {
            let entry = Entry::compile(&format!("answers[{index}]"), entry, templates)?;
            answers.entries.push(Arc::new(entry));
        }
        for (index, path) in reason.iter().enumerate() {
            answers.reason.push(JsonPath::read(&format!("reason[{index}]"), path)?);
        }
        Ok(answers)
    }

    /// The same with a step's own entries before these.
    #[must_use]
    pub fn after(&self, step: &Answers) -> Answers {
        Answers {
            entries: step.entries.iter().chain(&self.entries).cloned().collect(),
            reason: self.reason.clone(),
        }
    }

    /// What an answer means. `filling` is the message's, for the entries' `when`.
    ///
    /// # Errors
    /// If it doesn't mean that the message was taken.
    pub fn judge(&self, seen: &Seen, filling: &Filling<'_>) -> Result<Receipt, Judged> {
        match self.entries.iter().find(|entry| entry.fits(seen, filling)) {
            Some(entry) => self.by_entry(entry, seen),
            None => seen.usual().map_err(|usual| {
                let failure = seen.failure(usual.fault, &self.why(None, &seen.meaning(), seen));
                Judged { failure, gone: false }
            }),
        }
    }

    fn by_entry(&self, entry: &Entry, seen: &Seen) -> Result<Receipt, Judged> {
        let fault = match entry.means {
            Meaning::Delivered => return Ok(seen.receipt()),
            Meaning::Unavailable => Fault::Unavailable { retry_after: entry.wait(seen) },
            Meaning::Deferred | Meaning::Gone => Fault::Deferred,
            Meaning::Refused => Fault::Refused,
            Meaning::Suspended => Fault::Suspended,
        };
        let gone = entry.means == Meaning::Gone;
        let meaning = entry.say.clone().unwrap_or_else(|| meaning(entry.means, fault, seen));
        let failure = Failure {
            holding: gone.then_some(Holding::Gone),
            ..seen.failure(fault, &self.why(entry.word(seen), &meaning, seen))
        };
        Err(Judged { failure, gone })
    }

    /// What the answer says, if it says something, and what that means.
    fn why(&self, word: Option<&str>, meaning: &str, seen: &Seen) -> String {
        let said = self.reason(seen).or(word.map(str::to_owned));
        let said = said.map(|said| seen.quoted(&said, QUOTE)).filter(|said| !said.is_empty());
        match said {
            Some(said) => format!("it says “{said}”: {meaning}"),
            None => meaning.to_owned(),
        }
    }

    fn reason(&self, seen: &Seen) -> Option<String> {
        let json = seen.json()?;
        let said = |path: &JsonPath| said(path.find(json)?, DEPTH);
        self.reason.iter().find_map(said)
    }
}

/// What stands at a reason's path: a text, or several in a list or by field.
fn said(value: &Value, depth: usize) -> Option<String> {
    let parts: Vec<String> = match value {
        Value::Null => return None,
        Value::String(text) => return Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Bool(_) | Value::Number(_) => return Some(value.to_string()),
        _ if depth == 0 => return None,
        Value::Array(items) => items.iter().filter_map(|item| said(item, depth - 1)).collect(),
        Value::Object(fields) => {
            let field = |(name, value)| Some(format!("{name}: {}", said(value, depth - 1)?));
            fields.iter().filter_map(field).collect()
        }
    };
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What is told of an entry that says nothing itself: the usual, where it means the usual.
fn meaning(means: Meaning, fault: Fault, seen: &Seen) -> String {
    if let Err(usual) = seen.usual()
        && usual.fault.name() == fault.name()
        && means != Meaning::Gone
    {
        return seen.meaning();
    }
    let text = match means {
        Meaning::Delivered => "it took the message",
        Meaning::Unavailable => "it can't take messages now",
        Meaning::Deferred => "it can't take this message now",
        Meaning::Refused => "it will not take this message",
        Meaning::Suspended => "it takes nothing until somebody acts",
        Meaning::Gone => "what was opened there isn't there any more",
    };
    text.to_owned()
}
