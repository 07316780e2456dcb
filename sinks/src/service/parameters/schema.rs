//! The parameters as a JSON Schema, for editors and the configuration's own checks, and an example.

use std::fmt::Write;

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::value::shown;
use crate::service::form::{Form, Parameter, Type};

/// How a length of time is written.
const DURATION: &str = r"^(\s*\d+(ms|s|m|h|d|w))+\s*$";

impl Form {
    /// The parameters as a JSON Schema.
    pub fn schema(&self) -> Schema {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (name, parameter) in self.parameters.iter() {
            properties.insert(name.to_owned(), parameter.schema());
            if parameter.required {
                required.push(name);
            }
        }
        let mut schema = json!({
            "description": self.about,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        let company = self.company();
        if !company.is_empty() {
            schema["dependentSchemas"] = company.into();
        }
        Schema::try_from(schema).expect("an object is a schema")
    }

    /// What each may not stand beside.
    fn company(&self) -> Map<String, Value> {
        let mut company = Map::new();
        for (name, parameter) in self.parameters.iter().filter(|(_, one)| !one.not_with.is_empty())
        {
            let others =
                parameter.not_with.iter().map(|other| (other.clone(), json!({"type": "null"})));
            let others: Map<String, Value> = others.collect();
            company.insert(name.to_owned(), json!({ "properties": others }));
        }
        company
    }

    /// The parameters as a person writes them, YAML: those that must be there.
    pub fn parameters_example(&self) -> String {
        let mut text = String::new();
        for (name, parameter) in self.parameters.iter().filter(|(_, one)| one.required) {
            let value = parameter.example.clone().unwrap_or_default();
            writeln!(text, "{name}: {}", shown(&value)).expect("a text takes all");
        }
        if text.is_empty() { "{}\n".to_owned() } else { text }
    }
}

/// A pattern that takes a text with `${VARIABLE}` in it as well: what that holds, no editor knows.
fn or_variable(pattern: &str) -> Value {
    format!("{pattern}|\\$\\{{").into()
}

impl Parameter {
    /// What editors know of it.
    fn schema(&self) -> Value {
        let mut schema = self.shape();
        schema["description"] = self.about.as_str().into();
        let [least, most] = match self.kind {
            Type::Tree => ["minItems", "maxItems"],
            _ => ["minimum", "maximum"],
        };
        for (key, value) in [(least, self.min), (most, self.max)] {
            if let Some(value) = value {
                schema[key] = whole(value);
            }
        }
        if let Some(pattern) = &self.pattern {
            match self.kind {
                Type::List => schema["items"]["pattern"] = or_variable(pattern.as_str()),
                _ => schema["pattern"] = or_variable(pattern.as_str()),
            }
        }
        if let Some(default) = &self.default {
            schema["default"] = default.clone();
        }
        if let Some(example) = &self.example {
            schema["examples"] = json!([example]);
        }
        schema
    }

    fn shape(&self) -> Value {
        match self.kind {
            Type::Text | Type::Template => json!({ "type": "string" }),
            Type::Duration => json!({ "type": "string", "pattern": or_variable(DURATION) }),
            Type::Secret => json!({ "type": "string", "writeOnly": true }),
            Type::Url if self.secret => json!({ "type": "string", "writeOnly": true }),
            Type::Url => json!({ "type": "string", "format": "uri" }),
            Type::Number => json!({ "type": "number" }),
            Type::Flag => json!({ "type": "boolean" }),
            Type::Choice => self.choice(),
            Type::List => json!({ "type": ["array", "string"], "items": { "type": "string" } }),
            Type::Tree => json!({}),
        }
    }

    /// The words with what they mean, where the file says it.
    fn choice(&self) -> Value {
        let Some(Value::Object(words)) = &self.choices else {
            return json!({ "type": "string", "enum": self.words() });
        };
        let described = words
            .iter()
            .map(|(word, about)| json!({ "type": "string", "const": word, "description": about }));
        json!({ "oneOf": described.collect::<Vec<_>>() })
    }

    /// The words of a choice.
    pub fn words(&self) -> Vec<&str> {
        match &self.choices {
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            Some(Value::Object(words)) => words.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// A number without a fraction is written without one.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}
