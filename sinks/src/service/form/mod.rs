//! The form of a service: its file as it is written, read but not compiled.
//!
//! Every key is documented in `docs/services.md`. What a file says is checked as far as the types
//! can here; what its templates mean is found when it is compiled.

mod answer;
mod example;
mod limit;
mod named;
mod parameter;
mod step;

use std::num::{NonZeroU16, NonZeroU32};

use serde::Deserialize;
use serde_json::Value;

pub use self::answer::{Answer, Meaning, Unit, Wait};
pub use self::example::{Answered, Example, Exchange, Reply};
pub use self::named::{Named, OneOrMore};
pub use self::parameter::{Parameter, Pattern, Type, Unlikely};
pub use self::step::{Basic, Sign, Step};

use crate::kind::{BuildError, Pace};
use crate::template::Escape;
pub use crate::template::{Amount, Limit};
use crate::units::Rate;

/// A service's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The word in the configuration.
    pub name: String,
    /// The service's name as people write it.
    pub title: String,
    /// One line.
    pub about: String,
    /// The address of the service's own documentation.
    pub docs: String,
    /// By what its facts were checked.
    #[serde(deserialize_with = "checked")]
    pub checked: String,
    /// What a person configures.
    #[serde(default)]
    pub parameters: Named<Parameter>,
    /// What is done to values in its texts.
    #[serde(default)]
    pub escape: Markup,
    /// How long fields may be, by path.
    #[serde(default)]
    pub limits: Named<Limit>,
    /// The most rows that a report shows.
    #[serde(default = "rows")]
    pub rows: usize,
    /// Whether it can say a report of several groups; it can where there is a `send`, if left out.
    pub reports: Option<bool>,
    /// How fast it takes messages.
    #[serde(default)]
    pub pace: PaceForm,
    /// Templates that several places include.
    #[serde(default)]
    pub texts: Named<String>,
    /// The steps of a message that belongs to no incident.
    #[serde(default)]
    pub send: OneOrMore<Step>,
    /// The steps that open a thing for an incident.
    #[serde(default)]
    pub open: OneOrMore<Step>,
    /// The steps that add to it.
    #[serde(default)]
    pub update: OneOrMore<Step>,
    /// The steps that close it.
    #[serde(default)]
    pub resolve: OneOrMore<Step>,
    /// Where its answers differ from the usual.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// Where an answer says what is wrong.
    #[serde(default)]
    pub reason: Vec<String>,
    /// Its tests.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// What a service does with the texts that it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Markup {
    /// Nothing.
    #[default]
    Plain,
    /// Slack's markup.
    Slack,
    /// HTML.
    Html,
    /// Markdown.
    Markdown,
    /// A markup that knows no way to escape.
    Defused,
    /// Jira's wiki markup.
    Wiki,
}

/// How fast a service takes messages, as its file says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaceForm {
    /// So many in that time.
    pub rate: Option<Rate>,
    /// So many at once after a rest.
    pub burst: Option<NonZeroU32>,
    /// So many under way at once.
    pub concurrency: Option<NonZeroU16>,
}

/// Reads `checked`: some readers of YAML take a bare `no` for a false.
fn checked<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Bool(false) => Ok("no".to_owned()),
        other => Err(serde::de::Error::custom(format!("{other} is no text"))),
    }
}

/// Where a service's file doesn't say how many rows a report shows.
fn rows() -> usize {
    30
}

impl Form {
    /// Reads a service's file, as far as its shape goes.
    ///
    /// # Errors
    /// For the first key that is unknown, missing or of the wrong shape.
    pub fn read(file: Value) -> Result<Form, BuildError> {
        crate::options::read(file)
    }

    /// Whether it holds a thing open for each incident.
    pub fn holds(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether what it holds open is closed by the end of an incident, as an issue is. Where the end
    /// is told like any later run, as in a thread, nothing is left open without it.
    pub fn closes(&self) -> bool {
        let [update, resolve] = [&self.update, &self.resolve].map(|steps| steps.iter().last());
        resolve.is_some() && resolve != update
    }

    /// Whether it can say a report of several groups.
    pub fn reports(&self) -> bool {
        self.reports.unwrap_or(!self.send.is_empty())
    }

    /// Its steps, by the stage that they belong to.
    pub fn stages(&self) -> [(&'static str, &OneOrMore<Step>); 4] {
        [
            ("send", &self.send),
            ("open", &self.open),
            ("update", &self.update),
            ("resolve", &self.resolve),
        ]
    }

    /// The parameters that a rule may set instead, each with one line.
    pub fn rules_parameters(&self) -> Vec<(&str, &str)> {
        let of_rules = self.parameters.iter().filter(|(_, parameter)| parameter.rule);
        of_rules.map(|(name, parameter)| (name, parameter.about.as_str())).collect()
    }

    /// The escape of a rule's own words, where the service says them somewhere.
    pub fn words(&self) -> Option<Escape> {
        let says = |text: &str| {
            text.split("{{").skip(1).any(|tag| {
                let tag = tag.split("}}").next().unwrap_or_default();
                tag.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
                    .any(|name| name == "words")
            })
        };
        let in_texts = self.texts.iter().any(|(_, text)| says(text));
        let in_steps =
            self.stages().iter().any(|(_, steps)| steps.iter().any(|step| step.texts().any(&says)));
        (in_texts || in_steps).then(|| self.escape.escape())
    }
}

impl Markup {
    /// What it does to each value that is printed.
    pub fn escape(self) -> Escape {
        match self {
            Markup::Plain => Escape::Plain,
            Markup::Slack => Escape::Slack,
            Markup::Html => Escape::Html,
            Markup::Markdown => Escape::Markdown,
            Markup::Defused => Escape::Defused,
            Markup::Wiki => Escape::Wiki,
        }
    }
}

impl PaceForm {
    /// The pace that deliveries keep to.
    pub fn pace(&self) -> Pace {
        Pace {
            rate: self.rate.map(|rate| (rate.count, rate.per)),
            burst: self.burst.map(NonZeroU32::get),
            concurrency: self.concurrency.map(NonZeroU16::get),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::FILES;

    #[test]
    fn every_file_of_the_catalogue_has_the_form_of_a_service() {
        for (name, text) in FILES {
            let file: Value = serde_yaml::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let form = Form::read(file).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(form.name, *name);
            assert!(form.about.ends_with('.'), "{name}");
        }
    }
}
