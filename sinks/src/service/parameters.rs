//! What a person writes below a service's word: its schema, an example, and reading it.

use std::fmt::Write;

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::form::{Form, Parameter, Type};

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
        let schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        Schema::try_from(schema).expect("an object is a schema")
    }

    /// The parameters as a person writes them, YAML: those that must be there.
    pub fn parameters_example(&self) -> String {
        let mut text = String::new();
        for (name, parameter) in self.parameters.iter().filter(|(_, one)| one.required) {
            let value = parameter.example.clone().unwrap_or_default();
            writeln!(text, "{name}: {value}").expect("a text takes all");
        }
        if text.is_empty() { "{}\n".to_owned() } else { text }
    }
}

impl Parameter {
    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Type::Text | Type::Duration | Type::Template => json!({ "type": "string" }),
            Type::Secret => json!({ "type": "string", "writeOnly": true }),
            Type::Url if self.secret => json!({ "type": "string", "writeOnly": true }),
            Type::Url => json!({ "type": "string", "format": "uri" }),
            Type::Number => json!({ "type": "number" }),
            Type::Flag => json!({ "type": "boolean" }),
            Type::Choice => json!({ "type": "string", "enum": self.words() }),
            Type::List => json!({ "type": "array", "items": { "type": "string" } }),
            Type::Tree => json!({}),
        };
        schema["description"] = self.about.as_str().into();
        for (key, value) in [("minimum", self.min), ("maximum", self.max)] {
            if let Some(value) = value {
                schema[key] = value.into();
            }
        }
        if let Some(default) = &self.default {
            schema["default"] = default.clone();
        }
        schema
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
