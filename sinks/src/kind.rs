//! Kinds of sinks, and what each says of itself.
//!
//! A kind is a word in the configuration (`slack:`) with the options that belong under it. Some are
//! written in Rust ([`NATIVE`] is the one list of them), most are services: data, one file each. A
//! [`Kind`] is either, and a [`crate::catalog::Catalog`] holds all that a configuration may name.
//! Config, schema, reference page and tests loop over the catalog; nothing else names a kind.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::client::Client;
use crate::contract::Sink;
use crate::service::{Compiled, Service};
use crate::template::{Escape, Templates};

/// Every kind of sink that is written in Rust.
pub const NATIVE: &[Native] = &[
    crate::console::KIND,
    crate::email::KIND,
    crate::http::KIND,
    crate::forward::KIND,
    crate::exec::KIND,
    crate::file::KIND,
];

/// One kind of sink.
#[derive(Clone)]
pub enum Kind {
    /// One in Rust.
    Native(&'static Native),
    /// A service that is described as data.
    Service(Arc<Service>),
}

/// One kind of sink that is written in Rust.
pub struct Native {
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
    /// The pace that the service asks for, where it is known.
    pub pace: Pace,
    /// Whether it can say a digest: a message about several runs.
    pub digest: bool,
    /// Builds a sink from its options.
    pub build: fn(Value, &Surroundings<'_>) -> Result<Built, BuildError>,
}

/// How fast a service takes messages, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// So many messages in that time.
    pub rate: Option<(u32, Duration)>,
    /// So many at once after a rest; the rate's count where it is not known.
    pub burst: Option<u32>,
    /// So many under way at once.
    pub concurrency: Option<u16>,
}

/// The `with:` parameters that a kind in Rust takes.
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
    /// The services that were compiled with these templates, so that the next sink of one is cheap.
    pub compiled: &'a Compiled,
    /// The configuration's folder, which paths are relative to.
    pub folder: &'a Path,
    /// The programs that the configuration allows sinks to run.
    pub programs: &'a [PathBuf],
}

impl<'a> Surroundings<'a> {
    /// Surroundings with the process's own folder, in which no program may be run.
    pub fn new(
        name: &'a str,
        templates: &'a Templates,
        client: &'a Client,
        compiled: &'a Compiled,
    ) -> Self {
        Surroundings { name, templates, client, compiled, folder: Path::new(""), programs: &[] }
    }
}

impl Pace {
    /// Nothing is known.
    pub const UNKNOWN: Pace = Pace { rate: None, burst: None, concurrency: None };
}

impl Kind {
    /// The word in the configuration.
    pub fn name(&self) -> &str {
        match self {
            Kind::Native(native) => native.name,
            Kind::Service(service) => service.name(),
        }
    }

    /// One line that says what it is.
    pub fn about(&self) -> &str {
        match self {
            Kind::Native(native) => native.about,
            Kind::Service(service) => &service.form().about,
        }
    }

    /// The `with:` parameters that a rule may give it, each with one line; `None` where it may give
    /// any.
    pub fn parameters(&self) -> Option<Vec<(&str, &str)>> {
        match self {
            Kind::Native(native) => match native.parameters {
                Parameters::Named(named) => Some(named.to_vec()),
                Parameters::Any => None,
            },
            Kind::Service(service) => Some(service.form().rules_parameters()),
        }
    }

    /// What is wrong with a text that a rule gives as one of its parameters, as far as the kind
    /// knows.
    pub fn parameter_error(&self, name: &str, text: &str) -> Option<BuildError> {
        match self {
            Kind::Native(_) => None,
            Kind::Service(service) => service.form().rule_error(name, text),
        }
    }

    /// The escape of a rule's `template`, or `None` where a rule can't bring its own words.
    pub fn words(&self) -> Option<Escape> {
        match self {
            Kind::Native(native) => native.words,
            Kind::Service(service) => service.form().words(),
        }
    }

    /// The options as a person writes them, YAML, below the kind's word.
    pub fn example(&self) -> String {
        match self {
            Kind::Native(native) => native.example.to_owned(),
            Kind::Service(service) => service.form().parameters_example(),
        }
    }

    /// The options' JSON Schema.
    pub fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Kind::Native(native) => (native.schema)(generator),
            Kind::Service(service) => service.form().schema(),
        }
    }

    /// The pace that the service asks for, where it is known.
    pub fn pace(&self) -> Pace {
        match self {
            Kind::Native(native) => native.pace,
            Kind::Service(service) => service.form().pace.pace(),
        }
    }

    /// Whether its sinks hold a thing open for each incident, as [`Sink::holds`] says.
    pub fn holds(&self) -> bool {
        match self {
            Kind::Native(_) => false,
            Kind::Service(service) => service.form().holds(),
        }
    }

    /// Whether what its sinks hold open stays open until a recovery closes it.
    pub fn closes(&self) -> bool {
        match self {
            Kind::Native(_) => false,
            Kind::Service(service) => service.form().closes(),
        }
    }

    /// Whether it can say a digest: a message about several runs.
    pub fn digest(&self) -> bool {
        match self {
            Kind::Native(native) => native.digest,
            Kind::Service(service) => service.form().reports(),
        }
    }

    /// Builds a sink from its options.
    ///
    /// # Errors
    /// For the first option that can't be used.
    pub fn build(&self, options: Value, around: &Surroundings<'_>) -> Result<Built, BuildError> {
        match self {
            Kind::Native(native) => (native.build)(options, around),
            Kind::Service(service) => service.build(options, around),
        }
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::catalog::{Catalog, FILES};
    use crate::client::DialPolicy;
    use crate::template::Names;

    #[test]
    fn every_kind_has_its_own_word_and_a_line_about_it() {
        let catalog = Catalog::built_in();
        let names: BTreeSet<&str> = catalog.names().collect();
        assert_eq!(names.len(), NATIVE.len() + FILES.len());
        for kind in catalog.kinds() {
            let name = kind.name();
            assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{name}");
            assert!(kind.about().ends_with('.'), "{name}");
        }
        assert!(catalog.kind("carrier_pigeon").is_none());
    }

    #[test]
    fn every_kinds_example_builds_and_an_unknown_option_does_not() {
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        let client = Client::new(DialPolicy { private: true });
        let compiled = Compiled::default();
        for kind in Catalog::built_in().kinds() {
            let surroundings = Surroundings {
                programs: &[PathBuf::from("/usr/bin/logger")],
                ..Surroundings::new(kind.name(), &templates, &client, &compiled)
            };
            let options: Value = serde_yaml::from_str(&kind.example()).unwrap();
            let built = kind.build(options.clone(), &surroundings);
            let built = built.unwrap_or_else(|error| panic!("{}: {error:?}", kind.name()));
            assert_eq!(built.warnings, [], "{}", kind.name());
            let mut options = options;
            options["no_such_option"] = true.into();
            let error = kind.build(options, &surroundings).map(drop).unwrap_err();
            assert_eq!(error.path, "no_such_option", "{}", kind.name());
        }
    }

    #[test]
    fn every_option_of_every_kind_is_described() {
        for kind in Catalog::built_in().kinds() {
            let mut generator = SchemaGenerator::default();
            let own = kind.schema(&mut generator).to_value();
            let mut shapes: Vec<Value> = generator.take_definitions(true).into_values().collect();
            shapes.push(own);
            for shape in &shapes {
                let options = shape["properties"].as_object().into_iter().flatten();
                for (name, option) in options {
                    let described = option["description"].as_str().is_some_and(|d| !d.is_empty());
                    assert!(described, "{}: `{name}` has no description", kind.name());
                }
            }
            assert!(shapes.iter().any(|shape| shape["type"] == "object"), "{}", kind.name());
        }
    }
}
