//! Where everything that is found wrong comes together: paths become places, faults diagnostics.

use std::collections::BTreeSet;

use super::diagnostic::{Diagnostic, Severity};
use super::files::{Files, Place};
use super::hints;
use super::item::{self, Fault};
use super::tree::{Content, Found, Node};
use crate::model::Problem;

/// All that was found so far, and what is needed to say where.
pub struct Remarks {
    /// The files that were read.
    pub files: Files,
    /// The whole tree, as it was read.
    pub root: Node,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl Remarks {
    /// Notes a fault within the item at a path.
    pub fn fault(&mut self, item: &str, fault: &Fault) {
        let fault = Fault { path: item::join(item, &fault.path), ..fault.clone() };
        self.diagnostics.push(placed(&self.files, &self.root, &fault));
    }

    /// Notes what a room says can't work.
    pub fn problem(&mut self, problem: Problem) {
        let fault = Fault::new(problem.path, problem.message, problem.hint);
        self.fault("", &fault);
    }

    /// Notes what works, but is probably not meant.
    pub fn warning(&mut self, problem: Problem) {
        let Found { node, key, rest } = self.root.find(&problem.path);
        let place = spot(node, key, !rest.is_empty());
        let diagnostic = Diagnostic::warning(&self.files, place, problem.message);
        self.diagnostics.push(diagnostic.maybe_hint(problem.hint));
    }

    /// Notes that an option has no value.
    pub fn empty(&mut self, path: &str) {
        let Found { node, key, .. } = self.root.find(path);
        self.diagnostics.push(hints::empty(&self.files, node, key, path));
    }

    /// Notes that a list stands where a map belongs.
    pub fn listed(&mut self, path: &str) {
        let name = path.rsplit('.').next().unwrap_or(path);
        let message = format!("`{name}` is a map, not a list");
        let help = Some("write `name: value` here, without the dash before it".to_owned());
        self.fault(path, &Fault::new("", message, help));
    }

    /// Whether anything found is an error.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|one| one.severity == Severity::Error)
    }

    /// Everything that was found, one at each place, in the order of the files, secrets covered.
    pub fn finish(self, secrets: &[String]) -> Vec<Diagnostic> {
        let mut said = BTreeSet::new();
        let mut all = self.diagnostics;
        all.retain(|one| one.severity == Severity::Warning || said.insert(one.spot.key()));
        all.iter_mut().for_each(|one| one.cover(secrets));
        let order: Vec<String> =
            self.files.iter().map(|file| file.path.display().to_string()).collect();
        all.sort_by_key(|one| {
            let file = order.iter().position(|file| *file == one.spot.file);
            (one.severity, file, one.spot.line, one.spot.column)
        });
        all
    }
}

/// A fault within a tree, at its place there.
pub fn placed(files: &Files, root: &Node, fault: &Fault) -> Diagnostic {
    let Found { node, key, rest } = root.find(&fault.path);
    let place = spot(node, key, fault.at_key || !rest.is_empty());
    let own = hints::help(files, node, key, &fault.path, fault).filter(|_| rest.is_empty());
    let diagnostic = Diagnostic::error(files, place, fault.message.as_str());
    diagnostic.maybe_hint(fault.help.clone()).maybe_hint(own)
}

/// Where to point: a map or list would be many lines, so its key stands for it.
fn spot(node: &Node, key: Option<Place>, at_key: bool) -> Place {
    let large = matches!(node.content, Content::Map(_) | Content::List(_) | Content::Null);
    match key {
        Some(key) if at_key || large => key,
        _ => first_key(node).unwrap_or(node.place),
    }
}

/// An item of a list has no key; its first one stands for it.
fn first_key(node: &Node) -> Option<Place> {
    node.entries().first().map(|entry| entry.key_place)
}
