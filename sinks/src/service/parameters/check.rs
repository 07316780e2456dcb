//! What a service's file says of its parameters, checked against itself: a default that can't be
//! read would otherwise stop the first person who leaves the option out.

use serde_json::Value;

use super::value;
use crate::kind::BuildError;
use crate::service::form::{Form, Parameter, Type};

impl Form {
    /// What is wrong with the parameters themselves, each at its path in the file.
    pub fn wrong_parameters(&self) -> Vec<BuildError> {
        let mut wrong = Vec::new();
        for (name, parameter) in self.parameters.iter() {
            let path = format!("parameters.{name}");
            wrong.extend(name_error(name, &path));
            let contradiction = parameter.contradiction(&path);
            let makes_sense = contradiction.is_none();
            wrong.extend(contradiction);
            wrong.extend(self.wrong_company(name, parameter, &path));
            for (key, value) in [("default", &parameter.default), ("example", &parameter.example)] {
                let Some(value) = value.as_ref().filter(|_| makes_sense) else { continue };
                if let Err(error) = value::read(parameter, value.clone()) {
                    wrong.push(error.at(&format!("{path}.{key}")));
                }
            }
        }
        wrong
    }

    /// What a parameter has no meaning beside has to be another one, and one may be left out.
    fn wrong_company(&self, name: &str, parameter: &Parameter, path: &str) -> Option<BuildError> {
        let wrong = |message| Some(BuildError::new(format!("{path}.not_with"), message));
        for other in &parameter.not_with {
            let Some(known) = self.parameters.get(other).filter(|_| other != name) else {
                return wrong(format!("`{other}` is no other parameter"));
            };
            if parameter.required && known.required {
                return wrong(format!("`{other}` is required, and so is this"));
            }
        }
        None
    }
}

fn name_error(name: &str, path: &str) -> Option<BuildError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    (!begins || !name.chars().all(plain))
        .then(|| BuildError::new(path, "a parameter's name is lower-case letters, digits and `_`"))
}

impl Parameter {
    /// The first thing that makes no sense together.
    fn contradiction(&self, path: &str) -> Option<BuildError> {
        let texts = matches!(self.kind, Type::Text | Type::Secret | Type::Url | Type::List);
        let (at, message) = if self.kind == Type::Choice && self.words().is_empty() {
            ("", "a `choice` needs `choices:`, a list of words or a map of each to what it means")
        } else if self.kind != Type::Choice && self.choices.is_some() {
            (".choices", "only a `choice` has `choices`")
        } else if !matches!(self.kind, Type::Number | Type::Tree)
            && (self.min.is_some() || self.max.is_some())
        {
            ("", "only a `number` and a `tree` that is a list have `min` and `max`")
        } else if !texts && self.pattern.is_some() {
            (".pattern", "only texts, secrets, addresses and lists have a `pattern`")
        } else if !texts && self.unlikely.is_some() {
            (".unlikely", "only texts, secrets, addresses and lists have an `unlikely`")
        } else if self.example_is_unlikely() {
            (".example", "this is `unlikely`, and an example should be what is meant")
        } else if self.secret && !matches!(self.kind, Type::Url | Type::Secret) {
            (".secret", "only a `url` may be secret; for a text there is `type: secret`")
        } else if self.rule && self.is_secret() {
            (".rule", "a rule can't set a secret: what it says is shown")
        } else if self.rule && matches!(self.kind, Type::Template | Type::Tree) {
            (".rule", "a rule can't set templates; it has `template:` for its words")
        } else if self.required && self.default.is_some() {
            (".default", "what is required needs no default")
        } else if self.required && self.example.as_ref().is_none_or(Value::is_null) {
            ("", "what is required needs an `example` for its reference page")
        } else if self.is_secret() && self.default.is_some() {
            (".default", "a secret can't have a default")
        } else {
            return None;
        };
        Some(BuildError::new(format!("{path}{at}"), message))
    }

    fn example_is_unlikely(&self) -> bool {
        let example = self.example.as_ref().and_then(Value::as_str);
        example.is_some_and(|text| self.unlikely.as_ref().is_some_and(|one| one.fits(text)))
    }
}
