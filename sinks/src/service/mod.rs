//! Services: kinds of sinks that are described as data, one YAML file each.
//!
//! ```text
//! file ─► form ───────► program ──────────────► Sink
//!         as written    compiled once for all   with one person's options
//!                       sinks of the service    (parameters)
//!
//! Sink ─ render ─► stage (open, update, resolve, send) ─► scene (what templates know: notice,
//!                  options, captured, said) ─► step by step a Request
//!      ─ send ───► client ─► answers: what it means, what is captured ─► Receipt or Failure
//! ```
//! The form is documented in `docs/services.md`. A file says everything about its service, and
//! nothing else in the house knows it; this room knows no single service.

pub mod answers;
mod asked;
mod body;
pub mod capture;
mod check;
mod course;
pub mod examples;
pub mod form;
mod kit;
pub mod page;
mod parameters;
mod path;
mod program;
mod progress;
mod render;
pub mod said;
mod scene;
mod send;
pub mod sign;
mod sink;
mod stage;
mod step;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::tz::TimeZone;
use serde_json::Value;

pub use self::course::Course;
pub use self::parameters::Options;

use self::form::Form;
use self::program::Program;
use crate::kind::{BuildError, Built, Surroundings};
use crate::template::{Names, Templates};

/// A service, as its file describes it.
#[derive(Debug)]
pub struct Service {
    name: String,
    /// The file of a built-in one, which is read when it is asked for.
    text: &'static str,
    form: OnceLock<Box<Form>>,
}

/// The services that were compiled with one configuration's templates.
#[derive(Default)]
pub struct Compiled(Mutex<BTreeMap<String, Arc<Program>>>);

impl Service {
    /// A built-in one.
    pub fn built_in(name: &str, text: &'static str) -> Self {
        Service { name: name.to_owned(), text, form: OnceLock::new() }
    }

    /// One of a person's own.
    ///
    /// # Errors
    /// For everything that is wrong with its file, each at its path.
    pub fn read(file: Value) -> Result<Self, Vec<BuildError>> {
        let form = Form::read(file).map_err(|error| vec![error])?;
        let mut wrong = check::check(&form);
        // Which labels there are is the configuration's to say.
        let names = Names { labels: labels(&form) };
        if let Err(errors) = Program::compile(&form, &Templates::new(names, TimeZone::UTC)) {
            wrong.extend(errors);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Service { name: form.name.clone(), text: "", form: OnceLock::from(Box::new(form)) })
    }

    /// The word in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The labels of groups that its templates ask for.
    pub fn labels(&self) -> Vec<String> {
        labels(self.form())
    }

    /// What its file says.
    pub fn form(&self) -> &Form {
        self.form.get_or_init(|| {
            let file = serde_yaml::from_str(self.text).expect("a test reads every built-in file");
            Box::new(Form::read(file).expect("a test reads every built-in file"))
        })
    }

    /// Builds a sink from a person's options.
    ///
    /// # Errors
    /// For the first option that can't be used.
    pub fn build(&self, options: Value, around: &Surroundings<'_>) -> Result<Built, BuildError> {
        let program = self.program(around)?;
        sink::build(self.form(), program, options, around)
    }

    /// The program, which the first sink of a configuration compiles for all of them.
    fn program(&self, around: &Surroundings<'_>) -> Result<Arc<Program>, BuildError> {
        let mut compiled = around.compiled.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = compiled.get(&self.name) {
            return Ok(Arc::clone(program));
        }
        let program = Program::compile(self.form(), around.templates).map_err(|errors| {
            let first = errors.into_iter().next().unwrap_or_else(|| BuildError::new("", ""));
            let message = format!("the service's file is wrong at `{}`: {first}", first.path);
            BuildError { path: String::new(), message, hint: first.hint }
        })?;
        let program = Arc::new(program);
        compiled.insert(self.name.clone(), Arc::clone(&program));
        Ok(program)
    }
}

fn labels(form: &Form) -> Vec<String> {
    let texts = texts::of_form(form);
    let labels = texts.iter().flat_map(|(_, text)| texts::below(text, "labels"));
    labels.map(str::to_owned).collect()
}
