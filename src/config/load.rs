//! From the one tree to the sections' types, and everything that is wrong on the way.
//!
//! Section by section and item by item: each is read by itself, so that one run names every broken
//! one. What the types mean for the rooms is asked in `build`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::item::{self, Fault};
use super::remarks::Remarks;
use super::scalars::{self, OneOrMore};
use super::settings::Settings;
use super::tree::{Content, Node};
use super::wording;

/// Reads everything below one tree.
pub struct Loader<'a> {
    /// What was found so far.
    pub remarks: Remarks,
    /// The folder of the main file, which paths are relative to.
    pub folder: &'a Path,
    /// Where the items of each list that were read stand in the file.
    pub places: Places,
}

/// For each list, where in the file its items stand: those that can't be read are left out, and
/// paths of the others must lead to their own lines all the same.
#[derive(Default)]
pub struct Places(BTreeMap<&'static str, Vec<usize>>);

impl Places {
    /// The path in the file, from the path among the items that were read.
    pub fn original(&self, path: &str) -> String {
        let found = path.split_once('[').and_then(|(key, rest)| {
            let (index, rest) = rest.split_once(']')?;
            let index = self.0.get(key)?.get(index.parse::<usize>().ok()?)?;
            Some(format!("{key}[{index}]{rest}"))
        });
        found.unwrap_or_else(|| path.to_owned())
    }
}

impl Loader<'_> {
    /// Reads the sections, and says of each key at the top whether it is one.
    pub fn settings(&mut self, schema: &Value) -> Settings {
        self.top_keys(schema);
        let mut settings = Settings {
            server: self.section("server"),
            journal: self.section("journal"),
            agnox: self.section("agnox"),
            sources: self.entries("sources"),
            groups: self.list("groups"),
            windows: self.entries("windows"),
            missed_runs: self.list("missed_runs"),
            tests: self.list("tests"),
            on_dead: self.section("on_dead"),
            heartbeat: self.section("heartbeat"),
            ..Settings::default()
        };
        let OneOrMore(include) = self.section("include");
        settings.include = include;
        settings.templates = self.section("templates");
        if let Some(name) = self.section::<Option<String>>("timezone") {
            match scalars::zone(&name) {
                Ok(zone) => settings.timezone = zone,
                Err((message, help)) => {
                    self.remarks.fault("timezone", &Fault::new("", message, help));
                }
            }
        }
        settings
    }

    fn top_keys(&mut self, schema: &Value) {
        let known: Vec<&str> = schema["properties"]
            .as_object()
            .map(|known| known.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let unknown: Vec<String> = self
            .remarks
            .root
            .entries()
            .iter()
            .map(|entry| entry.key.clone())
            .filter(|key| !known.contains(&key.as_str()))
            .collect();
        for key in unknown {
            let help = wording::suggestion(&key, &known);
            let message = format!("`{key}` is no section of the configuration");
            self.remarks.fault("", &Fault { at_key: true, ..Fault::new(&key, message, help) });
        }
    }

    /// A whole section; its default where it is missing or broken.
    fn section<T: DeserializeOwned + Default>(&mut self, key: &str) -> T {
        self.remarks
            .root
            .get(key)
            .cloned()
            .and_then(|node| self.item(key, node))
            .unwrap_or_default()
    }

    /// The entries of a map, each by itself.
    fn entries<T: DeserializeOwned>(&mut self, key: &str) -> BTreeMap<String, T> {
        let nodes = self.map(key);
        let read = nodes.into_iter().filter_map(|(name, node)| {
            let read = self.item(&item::join(key, &name), node)?;
            Some((name, read))
        });
        read.collect()
    }

    /// The items of a list, each by itself.
    fn list<T: DeserializeOwned>(&mut self, key: &'static str) -> Vec<T> {
        let items = self.indexed(key);
        self.without_index(key, items)
    }

    /// These items of a list, of which it is remembered where they stand.
    pub(super) fn without_index<T>(&mut self, key: &'static str, items: Vec<(usize, T)>) -> Vec<T> {
        let (places, items) = items.into_iter().unzip();
        self.places.0.insert(key, places);
        items
    }

    /// The items of a list, each by itself and with its index.
    pub(super) fn indexed<T: DeserializeOwned>(&mut self, key: &str) -> Vec<(usize, T)> {
        let nodes = match self.remarks.root.get(key).map(|node| &node.content) {
            None | Some(Content::Null) => Vec::new(),
            Some(Content::List(items)) => items.clone(),
            Some(_) => {
                let message = format!("`{key}` is a list");
                let help = Some("begin each item with a dash: `- `".to_owned());
                self.remarks.fault(key, &Fault::new("", message, help));
                Vec::new()
            }
        };
        let indexed = nodes.into_iter().enumerate();
        indexed
            .filter_map(|(at, node)| Some((at, self.item(&format!("{key}[{at}]"), node)?)))
            .collect()
    }

    pub(super) fn map(&mut self, key: &str) -> Vec<(String, Node)> {
        match self.remarks.root.get(key).map(|node| &node.content) {
            None | Some(Content::Null) => Vec::new(),
            Some(Content::Map(entries)) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
            }
            Some(Content::List(_)) => Vec::new(), // told of by the schema
            Some(_) => {
                let message = format!("`{key}` is a map: a name, and below it what it is");
                self.remarks.fault(key, &Fault::new("", message, None));
                Vec::new()
            }
        }
    }

    pub(super) fn item<T: DeserializeOwned>(&mut self, path: &str, mut node: Node) -> Option<T> {
        match item::read(&mut node) {
            Ok(read) => Some(read),
            Err(fault) => {
                self.remarks.fault(path, &fault);
                None
            }
        }
    }
}
