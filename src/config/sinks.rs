//! `sinks:`: a kind's word with its options, and beside it how to deliver.
//!
//! The kinds come from the [`Services`]' catalogue; the options beside the word are the deliverer's.
//! This file only sorts the keys to their owners.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::kind::Kind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::item::Fault;
use super::services::Services;
use super::tree::{Content, Entry, Node};
use super::wording;
use crate::deliver::SinkOptions;

/// One sink as it was configured, without its kind's own options: those may hold secrets.
#[derive(Clone, Debug)]
pub struct SinkConfig {
    /// The kind's word.
    pub kind: String,
    /// How to deliver to it.
    pub options: SinkOptions,
}

/// A sink's keys, sorted.
pub struct Sorted {
    /// Its kind.
    pub kind: Kind,
    /// The options below the kind's word.
    pub own: Node,
    /// The options beside it.
    pub options: Node,
}

/// Sorts a sink's keys.
///
/// # Errors
/// For each key that is neither a kind nor an option, and where there isn't exactly one kind. What
/// is wrong with a service of a person's own was said in its file, so nothing is said here.
pub fn sort(node: &Node, services: &Services) -> Result<Sorted, Vec<Fault>> {
    let catalog = &services.catalog;
    if !matches!(node.content, Content::Map(_)) {
        let message = "a sink is a map: its kind with options, such as `console: {}`";
        return Err(vec![Fault::new("", message, Some(kinds(catalog)))]);
    }
    let shared = option_names();
    let is_option = |entry: &&Entry| shared.contains(&entry.key);
    let (options, rest): (Vec<&Entry>, Vec<&Entry>) = node.entries().iter().partition(is_option);
    let (known, strange): (Vec<&Entry>, Vec<&Entry>) =
        rest.into_iter().partition(|entry| catalog.kind(&entry.key).is_some());
    if !strange.is_empty() {
        let strange = strange.iter().filter(|entry| !services.broken.contains(&entry.key));
        return Err(strange.map(|entry| unknown_kind(&entry.key, shared, catalog)).collect());
    }
    let options = Content::Map(options.into_iter().cloned().collect());
    let options = Node::new(options, node.place, false);
    match known.as_slice() {
        [] => Err(vec![Fault::new("", "the sink has no kind", Some(kinds(catalog)))]),
        [only] => {
            let kind = catalog.kind(&only.key);
            let kind = kind.ok_or_else(|| vec![unknown_kind(&only.key, &[], catalog)])?;
            Ok(Sorted { kind: kind.clone(), own: only.value.clone(), options })
        }
        [first, second, ..] => {
            let message = format!("a sink has one kind, and this one is `{}` already", first.key);
            let help = Some("give each its own name under `sinks:`".to_owned());
            Err(vec![Fault { at_key: true, ..Fault::new(&second.key, message, help) }])
        }
    }
}

fn unknown_kind(name: &str, shared: &[String], catalog: &Catalog) -> Fault {
    let known: Vec<&str> = catalog.names().chain(shared.iter().map(String::as_str)).collect();
    let help = match wording::nearest(name, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => Some(format!(
            "{}; a service of your own stands in the folder `catalog/`, in `{name}.yaml`",
            kinds(catalog)
        )),
    };
    Fault {
        at_key: true,
        ..Fault::new(name, format!("`{name}` is no kind of sink and no option of one"), help)
    }
}

fn kinds(catalog: &Catalog) -> String {
    let names: Vec<&str> = catalog.names().collect();
    format!("the kinds are: {}", names.join(", "))
}

/// The words below each sink of a tree: kinds, where they are any.
pub fn words(root: &Node) -> BTreeSet<&str> {
    let sinks = root.get("sinks").map(Node::entries).unwrap_or_default();
    let keys = sinks.iter().flat_map(|sink| sink.value.entries());
    keys.map(|entry| entry.key.as_str()).collect()
}

/// The names of the options that stand beside a kind's word.
pub fn option_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let schema = schemars::schema_for!(SinkOptions).to_value();
        let properties = schema.get("properties").and_then(Value::as_object);
        properties.map(|all| all.keys().cloned().collect()).unwrap_or_default()
    });
    &NAMES
}

/// The schema of a sink, which may be of one of these kinds.
pub fn schema(generator: &mut SchemaGenerator, kinds: &[&Kind]) -> Value {
    let mut properties = Map::new();
    for kind in kinds {
        let mut schema = kind.schema(generator).to_value();
        schema["description"] = kind.about().into();
        properties.insert(kind.name().to_owned(), schema);
    }
    let shared = SinkOptions::json_schema(generator).to_value();
    if let Some(Value::Object(options)) = shared.get("properties") {
        properties.extend(options.clone());
    }
    let one_of: Vec<Value> =
        kinds.iter().map(|kind| json!({ "required": [kind.name()] })).collect();
    json!({
        "type": "object",
        "description": "A place that messages can go to: its kind with options, and how to deliver.",
        "properties": properties,
        "additionalProperties": false,
        "oneOf": one_of,
    })
}

/// A reference to where [`schema`] stands in the whole: which kinds there are is not the type's to
/// say.
impl JsonSchema for SinkConfig {
    fn schema_name() -> Cow<'static, str> {
        "Sink".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}
