//! One service's file: its text becomes a tree, its tree a service, and what is wrong with it is
//! told at its place.

use std::path::Path;

use agnox_bridge_sinks::service::Service;

use crate::config::diagnostic::Diagnostic;
use crate::config::files::{Files, Place};
use crate::config::load::fault;
use crate::config::reader;
use crate::config::remarks::placed;
use crate::config::tree::{Content, Node};
use crate::config::yaml;

/// More bytes than this are no service.
const LARGEST: u64 = 1 << 20;

/// A service's file as it was read.
pub struct File {
    /// Its name without `.yaml`, which is to be the service's.
    pub stem: String,
    /// What stands in it, with the places.
    pub root: Node,
    /// What it describes, if that could be read.
    pub service: Option<Service>,
}

impl File {
    /// Reads a file, and adds what is wrong with it to what was found.
    pub fn read(path: &Path, files: &mut Files, found: &mut Vec<Diagnostic>) -> File {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut file = File {
            stem: stem.unwrap_or_default(),
            root: Node::new(Content::Map(Vec::new()), Place::default(), false),
            service: None,
        };
        match reader::text(path, LARGEST) {
            Ok(text) => file.parse(path, text, files, found),
            Err(error) => {
                let place = Place::whole(files.add(path.to_owned(), String::new()));
                let message = format!("the file can't be read: {error}");
                found.push(Diagnostic::error(files, place, message));
            }
        }
        file
    }

    /// The name that it gives its service.
    pub fn name(&self) -> Option<String> {
        match &self.root.get("name")?.content {
            Content::Text(name) => Some(name.clone()),
            _ => None,
        }
    }

    fn parse(&mut self, path: &Path, text: String, files: &mut Files, found: &mut Vec<Diagnostic>) {
        let id = files.add(path.to_owned(), text);
        match yaml::read(files, id) {
            Ok((root, twice)) => {
                found.extend(twice);
                self.root = root;
                self.understand(files, found);
            }
            Err(error) => found.push(*error),
        }
    }

    fn understand(&mut self, files: &Files, found: &mut Vec<Diagnostic>) {
        let root = &self.root;
        if !matches!(root.content, Content::Map(_)) {
            let message = "a service is a map: `name:`, `title:`, `parameters:`, `send:` and so on";
            found.push(Diagnostic::error(files, root.place, message));
            return;
        }
        warn_of_variables(root, files, found);
        match Service::read(root.value()) {
            Ok(service) => self.service = Some(service),
            Err(errors) => {
                found.extend(errors.into_iter().map(|error| placed(files, root, &fault(error))));
            }
        }
    }
}

/// What looks as if it should be replaced by something from outside is not.
fn warn_of_variables(node: &Node, files: &Files, found: &mut Vec<Diagnostic>) {
    match &node.content {
        Content::Text(text) => {
            if let Some(name) = variable(text) {
                let message = format!(
                    "`${{{name}}}` goes out as it stands: nothing is put into a service's file"
                );
                let help = "make it a parameter, `{{ options.name }}`, and give the configuration \
                            its value";
                found.push(Diagnostic::warning(files, node.place, message).hint(help));
            }
        }
        Content::List(items) => items.iter().for_each(|item| warn_of_variables(item, files, found)),
        Content::Map(entries) => {
            entries.iter().for_each(|entry| warn_of_variables(&entry.value, files, found));
        }
        _ => {}
    }
}

/// What stands within the first `${…}` that a configuration would replace.
fn variable(text: &str) -> Option<&str> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).find(|inner| {
        let name = inner.split(":-").next().unwrap_or(inner);
        inner.starts_with("file:")
            || !name.is_empty()
                && name.bytes().all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}
