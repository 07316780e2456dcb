//! The options of one sink, read: what templates see of them, and what may not be seen.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::value;
use crate::kind::BuildError;
use crate::secret::Secret;
use crate::service::form::{Parameter, Type};
use crate::template::RenderError;

/// A person's options for one sink, checked.
#[derive(Clone, Default)]
pub struct Options {
    /// As templates see them: every parameter is there, null where it isn't set.
    values: Map<String, Value>,
    secrets: Vec<Secret>,
    templates: Vec<(String, String)>,
    trees: Vec<(String, Value)>,
    /// What a rule may set instead.
    of_rules: Vec<(String, Parameter)>,
}

impl Options {
    /// The object `options` for one message: a rule's `with:` stands in for what it may set. A
    /// template or a tree is only `true` here, since it prints itself.
    ///
    /// # Errors
    /// If what a rule says can't be used; names the parameter.
    pub fn for_notice(&self, with: &BTreeMap<String, String>) -> Result<Value, RenderError> {
        let mut values = self.values.clone();
        for (name, parameter) in &self.of_rules {
            let Some(text) = with.get(name).filter(|text| !text.trim().is_empty()) else {
                continue;
            };
            let value = value::of_rule(parameter, text)
                .map_err(|error| RenderError(format!("`with.{name}`: {}", error.message)))?;
            values.insert(name.clone(), value);
        }
        Ok(Value::Object(values))
    }

    /// What no text may show.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(Secret::expose)
    }

    /// The person's own templates that are set, by parameter.
    pub fn templates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.templates.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The person's own trees that are set, by parameter.
    pub fn trees(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.trees.iter().map(|(name, tree)| (name.as_str(), tree))
    }

    /// What an option is without a rule; null where it isn't set.
    pub fn get(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// Takes one up, null where it isn't set.
    pub(super) fn take(
        &mut self,
        name: &str,
        parameter: &Parameter,
        written: Value,
    ) -> Result<(), BuildError> {
        let value = match written {
            Value::Null => Value::Null,
            written => value::read(parameter, written).map_err(|error| error.at(name))?,
        };
        if let (true, Value::String(text)) = (parameter.is_secret(), &value) {
            self.secrets.push(Secret::new(text.as_str()));
        }
        if parameter.rule {
            self.of_rules.push((name.to_owned(), parameter.clone()));
        }
        let seen = match (parameter.kind, value) {
            (Type::Template, Value::String(text)) => {
                let set = !text.trim().is_empty();
                self.templates.extend(set.then(|| (name.to_owned(), text)));
                if set { Value::Bool(true) } else { Value::Null }
            }
            (Type::Tree, tree) if !tree.is_null() => {
                self.trees.push((name.to_owned(), tree));
                Value::Bool(true)
            }
            (_, value) => value,
        };
        self.values.insert(name.to_owned(), seen);
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
