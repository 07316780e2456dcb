//! The one list of sink kinds, and what each says of itself.
//!
//! A kind is a word in the configuration (`slack:`) with the options that belong under it. Config,
//! schema, reference page and tests loop over [`KINDS`]; nothing else names a kind.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::client::Client;
use crate::contract::Sink;
use crate::template::{Escape, Templates};

/// Every kind of sink that is built in.
pub const KINDS: &[Kind] = &[
    crate::console::KIND,
    crate::slack::KIND,
    crate::email::KIND,
    crate::http::KIND,
    crate::forward::KIND,
    crate::exec::KIND,
    crate::file::KIND,
];

/// One kind of sink.
pub struct Kind {
    /// The word in the configuration.
    pub name: &'static str,
    /// One line that says what it is.
    pub about: &'static str,
    /// Which `with:` parameters a rule may give it.
    pub parameters: Parameters,
    /// The escape of a rule's `template`, or `None` where a rule can't bring its own words.
    pub words: Option<Escape>,
    /// The options as a person writes them, YAML, below the kind's word.
    pub example: &'static str,
    /// The options' JSON Schema.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// The pace that the service asks for, where it is known: so many messages in that time.
    pub default_rate: Option<(u32, Duration)>,
    /// Whether it can say a digest: a message about several runs.
    pub digest: bool,
    /// Builds a sink from its options.
    pub build: fn(Value, &Surroundings<'_>) -> Result<Built, BuildError>,
}

/// The `with:` parameters that a kind takes.
#[derive(Clone, Copy)]
pub enum Parameters {
    /// These, each with one line about it.
    Named(&'static [(&'static str, &'static str)]),
    /// Any: the sink's own templates use them as `{{ with.name }}`.
    Any,
}

/// What a sink is built with, beside its own options.
pub struct Surroundings<'a> {
    /// The sink's name in the configuration.
    pub name: &'a str,
    /// The configuration's templates.
    pub templates: &'a Templates,
    /// The HTTP client with the sink's dial policy.
    pub client: &'a Client,
    /// The folder that relative paths begin at: the configuration's.
    pub folder: &'a Path,
    /// The programs that the configuration allows to be run, by their absolute paths.
    pub programs: &'a [PathBuf],
}

/// A sink, and what `check` should mention about it.
pub struct Built {
    /// The sink.
    pub sink: Arc<dyn Sink>,
    /// What works but is probably not meant, each at its option.
    pub warnings: Vec<BuildError>,
    /// The files that no other sink may write too.
    pub claims: Option<Claims>,
}

/// Files that belong to one sink alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The option that names them.
    pub option: &'static str,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Something about one option of a sink.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// The option, as a path below the kind's word: `to[1]`, `json.title`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl<'a> Surroundings<'a> {
    /// A name, templates and a client; no folder, and no program that may be run.
    pub fn new(name: &'a str, templates: &'a Templates, client: &'a Client) -> Self {
        Surroundings { name, templates, client, folder: Path::new(""), programs: &[] }
    }
}

impl Built {
    /// A sink that there is nothing to mention about.
    pub fn new(sink: impl Sink) -> Self {
        Built { sink: Arc::new(sink), warnings: Vec::new(), claims: None }
    }
}

impl BuildError {
    /// Something about an option, without a hint.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        BuildError { path: path.into(), message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The kind of this name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::client::DialPolicy;
    use crate::template::Names;

    #[test]
    fn every_kind_has_its_own_word_and_a_line_about_it() {
        let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for each in KINDS {
            assert!(
                each.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{}",
                each.name
            );
            assert!(each.about.ends_with('.'), "{}", each.name);
            assert_eq!(kind(each.name).map(|found| found.about), Some(each.about));
        }
        assert!(kind("carrier_pigeon").is_none());
    }

    #[test]
    fn every_kinds_example_builds_and_an_unknown_option_does_not() {
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        let client = Client::new(DialPolicy { private: true });
        for kind in KINDS {
            let surroundings = Surroundings {
                programs: &[PathBuf::from("/usr/bin/logger")],
                ..Surroundings::new(kind.name, &templates, &client)
            };
            let options: Value = serde_yaml::from_str(kind.example).unwrap();
            let built = (kind.build)(options.clone(), &surroundings);
            let built = built.unwrap_or_else(|error| panic!("{}: {error:?}", kind.name));
            assert_eq!(built.warnings, [], "{}", kind.name);
            let mut options = options;
            options["no_such_option"] = true.into();
            let error = (kind.build)(options, &surroundings).map(drop).unwrap_err();
            assert_eq!(error.path, "no_such_option", "{}", kind.name);
        }
    }

    #[test]
    fn every_option_of_every_kind_is_described() {
        for kind in KINDS {
            let mut generator = SchemaGenerator::default();
            let own = (kind.schema)(&mut generator).to_value();
            let mut shapes: Vec<Value> = generator.take_definitions(true).into_values().collect();
            shapes.push(own);
            for shape in &shapes {
                let options = shape["properties"].as_object().into_iter().flatten();
                for (name, option) in options {
                    let described = option["description"].as_str().is_some_and(|d| !d.is_empty());
                    assert!(described, "{}: `{name}` has no description", kind.name);
                }
            }
            assert!(shapes.iter().any(|shape| shape["type"] == "object"), "{}", kind.name);
        }
    }
}
