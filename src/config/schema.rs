//! The JSON Schema of the whole file, from the types, and how it lies over a tree.
//!
//! Editors complete and check with it; the bridge itself finds secrets with it (`writeOnly`), and
//! options that are written with nothing after their colon.

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::kind::Kind;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::settings::Settings;
use super::sinks;
use super::tree::{Content, Node};

/// The JSON Schema (draft 2020-12) of a configuration file that may name these kinds.
pub fn schema(catalog: &Catalog) -> Value {
    of(&catalog.kinds().collect::<Vec<_>>())
}

/// The same for some kinds alone: those that a file names are enough to look over it.
pub fn of(kinds: &[&Kind]) -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.root_schema_for::<Settings>().to_value();
    let sink = sinks::schema(&mut generator, kinds);
    schema["$defs"] = generator.take_definitions(true).into();
    schema["$defs"]["Sink"] = sink;
    without_null(&mut schema);
    if let Some(properties) = schema.as_object_mut() {
        properties.insert("additionalProperties".to_owned(), Value::Bool(false));
        properties.remove("required");
    }
    schema
}

/// An option is left out or has a value; nothing is not a value. Only where a schema says that
/// null is one of several things to write (`fields`) does it stay.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(object) => {
            let options = object.get_mut("properties").and_then(Value::as_object_mut);
            options.into_iter().flat_map(Map::values_mut).for_each(option_without_null);
            object.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

fn option_without_null(option: &mut Value) {
    let Some(object) = option.as_object_mut() else { return };
    object
        .remove("default")
        .filter(|default| !default.is_null())
        .map(|default| object.insert("default".to_owned(), default));
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// Something that the schema says of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The value is a secret.
    Secret,
    /// Nobody knows what the value is: what is above it is misspelt, say.
    Unknown,
    /// There is no value where there must be one.
    Empty,
    /// The value is a list where it must be a map. serde would take the items for the options in
    /// their order.
    Listed,
}

/// Lays the schema over a tree and names what it sees, with the path to each.
pub fn survey(schema: &Value, root: &Node) -> Vec<(Sight, String)> {
    let mut survey = Survey { root: schema, seen: Vec::new() };
    survey.visit(&[schema], root, String::new());
    survey.seen
}

struct Survey<'s> {
    root: &'s Value,
    seen: Vec<(Sight, String)>,
}

impl<'s> Survey<'s> {
    fn visit(&mut self, schemas: &[&'s Value], node: &Node, path: String) {
        let mut branches = Vec::new();
        schemas.iter().for_each(|schema| self.branches(schema, &mut branches, 0));
        let is_secret =
            branches.iter().any(|branch| branch.get("writeOnly") == Some(&Value::Bool(true)));
        match &node.content {
            Content::Text(_) | Content::Number(_) if is_secret => {
                self.seen.push((Sight::Secret, path));
            }
            Content::Text(_) if branches.is_empty() => self.seen.push((Sight::Unknown, path)),
            Content::Null
                if !branches.is_empty() && !branches.iter().any(|branch| may_be_null(branch)) =>
            {
                self.seen.push((Sight::Empty, path));
            }
            Content::List(_) if !branches.is_empty() && branches.iter().all(|one| is_map(one)) => {
                self.seen.push((Sight::Listed, path));
            }
            Content::List(items) => {
                let items_of = |branch: &&'s Value| {
                    if is_secret { Some(*branch) } else { branch.get("items") }
                };
                let below: Vec<&Value> = branches.iter().filter_map(items_of).collect();
                for (index, item) in items.iter().enumerate() {
                    self.visit(&below, item, format!("{path}[{index}]"));
                }
            }
            Content::Map(entries) => {
                for entry in entries {
                    let below = branches.iter().filter_map(|branch| property(branch, &entry.key));
                    let below: Vec<&Value> = below.collect();
                    self.visit(&below, &entry.value, super::item::join(&path, &entry.key));
                }
            }
            _ => {}
        }
    }

    /// The schema itself and all that it refers to or chooses from, except choices of null alone.
    fn branches(&self, schema: &'s Value, found: &mut Vec<&'s Value>, depth: usize) {
        if depth > 16 {
            return;
        }
        let mut composed = false;
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            target.into_iter().for_each(|target| self.branches(target, found, depth + 1));
            composed = true;
        }
        for word in ["anyOf", "oneOf", "allOf"] {
            let choices = schema.get(word).and_then(Value::as_array);
            for choice in choices.into_iter().flatten() {
                self.branches(choice, found, depth + 1);
                composed |= choice.get("required").is_none();
            }
        }
        if !composed || schema.get("properties").is_some() || schema.get("writeOnly").is_some() {
            found.push(schema);
        }
    }
}

fn property<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    let named = schema.get("properties").and_then(|properties| properties.get(key));
    named
        .or_else(|| schema.get("additionalProperties"))
        .filter(|schema| **schema != Value::Bool(false))
}

fn is_map(schema: &Value) -> bool {
    schema.get("type").is_some_and(|one| one == "object")
}

fn may_be_null(schema: &Value) -> bool {
    if schema.get("properties").is_some() || schema.get("required").is_some() {
        return false;
    }
    match (schema.get("type"), schema.get("enum"), schema.get("const")) {
        (Some(Value::String(one)), ..) => one == "null",
        (Some(Value::Array(types)), ..) => types.iter().any(|one| one == "null"),
        (_, Some(Value::Array(values)), _) => values.contains(&Value::Null),
        (_, _, Some(value)) => value.is_null(),
        _ => true,
    }
}
