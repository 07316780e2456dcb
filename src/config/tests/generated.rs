//! What is generated from the types, held against the files in the repository.

use std::path::Path;

use agnox_bridge_sinks::catalog::Catalog;
use serde_json::{Value, json};

use crate::config::{
    AgnoxConfig, HeartbeatConfig, JournalConfig, ServerConfig, SourceConfig, reference, schema,
};

/// Compares a file with what it should hold; writes it where `UPDATE_DOCS` is set.
fn is_current(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, wanted).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == wanted, "{name} is not current: run the tests with UPDATE_DOCS=1");
}

#[test]
fn the_reference_page_is_current() {
    is_current("docs/configuration.md", &reference());
}

#[test]
fn the_schema_file_is_current() {
    is_current("config.schema.json", &format!("{:#}\n", schema(Catalog::built_in())));
}

#[test]
fn every_option_is_described() {
    fn look(schema: &Value, path: &str, bare: &mut Vec<String>) {
        if let Some(properties) = schema["properties"].as_object() {
            for (name, option) in properties {
                if option["description"].as_str().is_none_or(str::is_empty) {
                    bare.push(format!("{path}.{name}"));
                }
            }
        }
        for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
            look(definition, name, bare);
        }
    }
    let mut bare = Vec::new();
    look(&schema(Catalog::built_in()), "", &mut bare);
    assert!(bare.is_empty(), "no description: {bare:?}");
}

/// The defaults as the schema tells them, read, must be the defaults that are used.
#[test]
fn the_defaults_in_the_schema_are_the_ones_in_force() {
    fn told(name: &str) -> Value {
        let schema = schema(Catalog::built_in());
        let options = schema["$defs"][name]["properties"].as_object().unwrap().clone();
        let defaults = options
            .into_iter()
            .filter_map(|(name, option)| Some((name, option.get("default")?.clone())));
        Value::Object(defaults.collect())
    }
    fn same<T: serde::de::DeserializeOwned + std::fmt::Debug>(name: &str, base: Value) {
        let mut with = told(name);
        assert!(!with.as_object().unwrap().is_empty(), "{name} tells no default");
        for (key, value) in base.as_object().unwrap() {
            with[key] = value.clone();
        }
        let read = |value: Value| format!("{:?}", serde_json::from_value::<T>(value).unwrap());
        assert_eq!(read(with), read(base), "{name}");
    }
    same::<ServerConfig>("ServerConfig", json!({}));
    same::<JournalConfig>("JournalConfig", json!({}));
    same::<AgnoxConfig>("AgnoxConfig", json!({}));
    same::<SourceConfig>("SourceConfig", json!({}));
    same::<HeartbeatConfig>("HeartbeatConfig", json!({"url": "https://x.example"}));
}
