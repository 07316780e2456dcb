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

pub mod form;
mod parameters;

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use serde_json::Value;

use self::form::Form;
use crate::kind::{BuildError, Built, Surroundings};

/// A service, as its file describes it.
#[derive(Debug)]
pub struct Service {
    name: String,
    /// The file of a built-in one, which is read when it is asked for.
    text: &'static str,
    form: OnceLock<Form>,
}

/// The services that were compiled with one configuration's templates.
#[derive(Default)]
pub struct Compiled(Mutex<BTreeMap<String, ()>>);

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
        let name = form.name.clone();
        Ok(Service { name, text: "", form: OnceLock::from(form) })
    }

    /// The word in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its file says.
    pub fn form(&self) -> &Form {
        self.form.get_or_init(|| {
            let file = serde_yaml::from_str(self.text).expect("a test reads every built-in file");
            Form::read(file).expect("a test reads every built-in file")
        })
    }

    /// Builds a sink from a person's options.
    ///
    /// # Errors
    /// For the first option that can't be used.
    pub fn build(&self, _: Value, _: &Surroundings<'_>) -> Result<Built, BuildError> {
        Err(BuildError::new("", "services are not there yet"))
    }
}
