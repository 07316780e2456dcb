//! What a person writes below a service's word: its schema, an example, and reading it.
//!
//! ```text
//! Parameter ─► schema    what editors complete and check
//!           ─► value     one value, read and checked ─► Options ─ for_notice ─► `options` in templates
//! ```
//! Knows no service; what a template makes of an option is not seen here.

mod check;
mod options;
mod schema;
#[cfg(test)]
mod tests;
mod value;

use serde_json::Value;

pub use self::options::Options;

use super::form::{Form, Parameter};
use crate::kind::BuildError;
use crate::template::nearest;

impl Form {
    /// Reads what a person configured.
    ///
    /// # Errors
    /// For the first option that is unknown, missing or can't be used.
    pub fn read_options(&self, options: Value) -> Result<Options, BuildError> {
        let mut given = match options {
            Value::Object(given) => given,
            Value::Null => serde_json::Map::new(),
            other => return Err(BuildError::new("", value::expected(&other, "a map of options"))),
        };
        self.all_known(given.keys())?;
        self.all_together(&given)?;
        let mut read = Options::default();
        for (name, parameter) in self.parameters.iter() {
            let written = given.remove(name).filter(|value| !value.is_null());
            if written.is_none() && parameter.required {
                return Err(missing(name, parameter));
            }
            let value = written.or_else(|| parameter.default.clone()).unwrap_or_default();
            read.take(name, parameter, value)?;
        }
        Ok(read)
    }

    /// What is wrong with a text that a rule sets instead of a parameter.
    pub fn rule_error(&self, name: &str, text: &str) -> Option<BuildError> {
        let parameter = self.parameters.get(name).filter(|one| one.rule)?;
        let said = Some(text).filter(|text| !text.trim().is_empty())?;
        value::of_rule(parameter, said).err().map(|wrong| wrong.at(name))
    }

    fn all_known<'a>(&self, mut names: impl Iterator<Item = &'a String>) -> Result<(), BuildError> {
        let Some(wrong) = names.find(|name| self.parameters.get(name).is_none()) else {
            return Ok(());
        };
        let error = BuildError::new(wrong, format!("{} has no option `{wrong}`", self.title));
        let known = self.parameters.iter().map(|(name, _)| name);
        Err(match nearest(wrong, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("its options are {}", self.option_names())),
        })
    }

    /// Refuses what has no meaning beside something else.
    fn all_together(&self, given: &serde_json::Map<String, Value>) -> Result<(), BuildError> {
        let is_set = |name: &str| given.get(name).is_some_and(|value| !value.is_null());
        for (name, parameter) in self.parameters.iter().filter(|(name, _)| is_set(name)) {
            if let Some(other) = parameter.not_with.iter().find(|other| is_set(other)) {
                let message = format!("`{name}` has no meaning beside `{other}`");
                return Err(BuildError::new(name, message).hint("leave one of them out"));
            }
        }
        Ok(())
    }

    fn option_names(&self) -> String {
        let names: Vec<String> =
            self.parameters.iter().map(|(name, _)| format!("`{name}`")).collect();
        names.join(", ")
    }
}

fn missing(name: &str, parameter: &Parameter) -> BuildError {
    let about = parameter.about.trim_end_matches('.');
    let error = BuildError::new("", format!("`{name}` is missing: {about}"));
    match &parameter.example {
        Some(example) => error.hint(format!("such as `{name}: {}`", value::shown(example))),
        None => error,
    }
}
