//! From the one tree to what the other rooms work with, and everything that is wrong on the way.
//!
//! Section by section and item by item: each is read by itself, so that one run names every broken
//! one. Whatever a start would refuse is refused here, short of opening sockets and files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::kind::{BuildError, Claims, Kind, Surroundings};
use agnox_bridge_sinks::service::Compiled;
use agnox_bridge_sinks::template::{Names, TemplateError, Templates};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::files::Place;
use super::item::{self, Fault};
use super::meaning::Places;
use super::remarks::Remarks;
use super::scalars::{self, OneOrMore};
use super::services::Services;
use super::settings::Settings;
use super::sinks::{self, SinkConfig};
use super::tree::{Content, Node};
use super::wording;
use crate::deliver::Outlet;
use crate::model::Problem;

/// Reads everything below one tree.
pub struct Loader<'a> {
    /// What was found so far.
    pub remarks: Remarks,
    /// The folder of the main file, which paths are relative to.
    pub folder: &'a Path,
    /// Where the items of each list that were read stand in the file.
    pub places: Places,
    /// The files that sinks write, each with the sink's name.
    pub claimed: BTreeMap<PathBuf, String>,
}

/// The sinks that could be built, and the kinds of all that could be recognised.
#[derive(Default)]
pub struct BuiltSinks {
    /// The sinks.
    pub outlets: BTreeMap<String, Arc<Outlet>>,
    /// What kind each is.
    pub kinds: BTreeMap<String, Kind>,
    /// The names of those whose kind isn't known, so that who names them is not blamed.
    pub broken: BTreeSet<String>,
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
            allow_exec: self.list("allow_exec"),
            ..Settings::default()
        };
        let OneOrMore(include) = self.section("include");
        settings.include = include;
        settings.templates = self.section("templates");
        settings.catalog = self.section("catalog");
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
        let (places, items) = self.indexed(key).into_iter().unzip();
        self.places.0.insert(key, places);
        items
    }

    /// The items of a list, each by itself and with its index.
    pub fn indexed<T: DeserializeOwned>(&mut self, key: &str) -> Vec<(usize, T)> {
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

    /// The entries of a map as they were read.
    pub fn map(&mut self, key: &str) -> Vec<(String, Node)> {
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

    fn item<T: DeserializeOwned>(&mut self, path: &str, mut node: Node) -> Option<T> {
        match item::read(&mut node) {
            Ok(read) => Some(read),
            Err(fault) => {
                self.remarks.fault(path, &fault);
                None
            }
        }
    }

    /// The templates, with the names that they may use.
    pub fn templates(&mut self, settings: &Settings) -> (Templates, Vec<String>) {
        let labels: BTreeSet<String> =
            settings.groups.iter().flat_map(|group| group.labels.keys().cloned()).collect();
        let labels: Vec<String> = labels.into_iter().collect();
        let names = Names { labels: labels.clone() };
        let mut templates = Templates::new(names, settings.timezone.clone());
        if let Some(folder) = settings.templates.as_ref().map(|at| self.folder.join(at)) {
            if !folder.is_dir() {
                let message = format!("there is no folder {}", folder.display());
                self.remarks.fault("templates", &Fault::new("", message, None));
            } else if let Err(errors) = templates.load(&folder) {
                errors.into_iter().for_each(|error| self.template(error));
            }
        }
        (templates, labels)
    }

    /// A template file's trouble, shown in that file.
    fn template(&mut self, error: TemplateError) {
        let Some(path) = error.file else {
            self.remarks.fault("templates", &Fault::new("", error.message, error.hint));
            return;
        };
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let line = error.line.filter(|line| *line <= text.lines().count()).unwrap_or(0);
        let files = &mut self.remarks.files;
        let file = files.add(path, text);
        let column = error.column.unwrap_or(1);
        let place = Place { line, column, ..Place::whole(file) };
        let diagnostic = Diagnostic::error(files, place, error.message);
        self.remarks.diagnostics.push(diagnostic.maybe_hint(error.hint));
    }

    /// Builds every sink.
    pub fn sinks(
        &mut self,
        settings: &mut Settings,
        templates: &Templates,
        services: &Services,
    ) -> BuiltSinks {
        let mut built = BuiltSinks::default();
        let programs = settings.allow_exec.clone();
        let compiled = Compiled::default();
        for (name, node) in self.map("sinks") {
            let path = item::join("sinks", &name);
            match sinks::sort(&node, services) {
                Ok(sorted) => {
                    built.kinds.insert(name.clone(), sorted.kind.clone());
                    if let Some(outlet) =
                        self.sink(&name, &path, sorted, templates, &compiled, &programs)
                    {
                        let (kind, options) = (outlet.kind.clone(), outlet.options.clone());
                        let config = SinkConfig { kind, options };
                        settings.sinks.insert(name.clone(), config);
                        built.outlets.insert(name, Arc::new(outlet));
                    }
                }
                Err(faults) => {
                    faults.iter().for_each(|fault| self.remarks.fault(&path, fault));
                    built.broken.insert(name);
                }
            }
        }
        built
    }

    fn sink(
        &mut self,
        name: &str,
        path: &str,
        mut sorted: sinks::Sorted,
        templates: &Templates,
        compiled: &Compiled,
        programs: &[PathBuf],
    ) -> Option<Outlet> {
        let options: Option<crate::deliver::SinkOptions> = self.item(path, sorted.options);
        let private =
            options.as_ref().and_then(|options| options.private_addresses).unwrap_or(true);
        let client = Client::new(DialPolicy { private });
        let surroundings = Surroundings {
            name,
            templates,
            client: &client,
            compiled,
            folder: self.folder,
            programs,
        };
        let kind = sorted.kind;
        let path = item::join(path, kind.name());
        match item::settle(&mut sorted.own, |value| kind.build(value, &surroundings).map_err(fault))
        {
            Ok(built) => {
                for BuildError { path: below, message, hint } in built.warnings {
                    let path = item::join(&path, &below);
                    self.remarks.warning(Problem { path, message, hint });
                }
                self.claim(name, &path, built.claims);
                Some(Outlet {
                    name: name.to_owned(),
                    kind: kind.name().to_owned(),
                    pace: kind.pace(),
                    sink: built.sink,
                    options: options?,
                })
            }
            Err(fault) => {
                self.remarks.fault(&path, &fault);
                None
            }
        }
    }

    /// Gives a sink the files that it claims, if they are no other's.
    fn claim(&mut self, name: &str, path: &str, claims: Option<Claims>) {
        let Some(Claims { option, files }) = claims else { return };
        let other = files.iter().find_map(|file| self.claimed.get(file));
        if let Some(other) = other {
            let message = format!("the sink `{other}` writes this file, or rotates into it");
            let help = Some("give each sink a file of its own".to_owned());
            self.remarks.fault(path, &Fault::new(option, message, help));
            return;
        }
        self.claimed.extend(files.into_iter().map(|file| (file, name.to_owned())));
    }
}

/// What a sink or a service says of one of its options, in this room's words.
pub fn fault(error: BuildError) -> Fault {
    let BuildError { path, message, hint } = error;
    let fault = wording::reword(path, &message);
    Fault { help: fault.help.or(hint), ..fault }
}
