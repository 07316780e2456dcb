//! Handlebars, made safe for alerts: strict names, escapes, limits and JSON trees.
//!
//! The configuration's texts come in, compiled once; a notice's data comes in for each message; a
//! text or a JSON value goes out. The `handlebars` crate parses. Then [`check`] turns the parsed
//! template into a program in which every name and helper is known to exist, and [`run`] walks
//! that. The crate's own renderer isn't used: it looks names up while it renders, copies the data
//! for each template, ends the process on partials that include each other, and has no limits.
//!
//! What a template's author can rely on:
//! - A name that isn't documented is an error when the configuration is read, with the nearest
//!   known one as a hint. Below `body` and `with` anything may be asked for; what isn't there is
//!   null, and null prints as nothing.
//! - Every printed value passes the template's [`Escape`]; `{{{raw}}}` is refused.
//! - Of handlebars there are `#if`, `#unless`, `#each`, `#with`, `else` chains, block parameters,
//!   comments, whitespace control and partials with values. Decorators, inline partials, partial
//!   blocks, raw blocks and brackets within a tag are refused, each with a hint.
//! - In a [`Tree`], a leaf that is exactly one expression keeps its type.
//!
//! Knows no service, no rule and no configuration file.

mod branches;
mod check;
mod escape;
mod field;
mod fill;
mod fit;
mod folder;
mod helpers;
mod limit;
mod limits;
mod mentions;
mod names;
mod out;
mod program;
mod reference;
mod run;
mod said;
mod service;
mod tree;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;

pub use self::branches::ServiceTree;
pub use self::escape::{Escape, cut};
pub use self::field::Field;
pub use self::helpers::{HELPERS, Helper, humanize};
pub use self::limit::{Amount, Limit};
pub use self::names::Printed;
pub use self::reference::reference;
pub use self::said::SAID;
pub use self::service::{Expression, Extras, Filling, ServiceTemplates};

pub(crate) use self::names::nearest;

use self::folder::Source;
use self::limits::Budget;
use self::names::{Known, ServiceNames};
use self::program::Node;
use self::run::Run;

/// The compiled templates of one configuration: helpers, partials, known names, limits.
#[derive(Clone)]
pub struct Templates(Arc<Shared>);

/// What all templates of a configuration share.
#[derive(Clone)]
struct Shared {
    names: Names,
    zone: TimeZone,
    files: BTreeMap<String, Source>,
    /// What is known beside, where the templates are a service's.
    service: Option<ServiceNames>,
}

impl Shared {
    fn known(&self) -> Known<'_> {
        Known { labels: &self.names.labels, service: self.service.as_ref() }
    }
}

/// One compiled template.
#[derive(Clone)]
pub struct Template(Arc<Program>);

struct Program {
    nodes: Vec<Node>,
    escape: Escape,
    zone: TimeZone,
}

/// A JSON tree whose string leaves are templates.
#[derive(Clone)]
pub struct Tree(Arc<tree::Node>);

/// A template that can't be used, found when the configuration is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// The template file, if it is in one.
    pub file: Option<PathBuf>,
    /// Line within the template, from 1.
    pub line: Option<usize>,
    /// Column within the line, from 1.
    pub column: Option<usize>,
    /// Where in a JSON tree the template stands, such as `blocks[0].text`; empty outside one.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it, such as the nearest known name.
    pub hint: Option<String>,
}

/// A template that failed on one notice's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(pub String);

/// What templates may know beside the documented variables.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Every label that any group of the configuration has.
    pub labels: Vec<String>,
}

impl Templates {
    /// Knows the helpers and names, and no files. The zone is the one of `date` where a template
    /// names none.
    pub fn new(names: Names, zone: TimeZone) -> Self {
        Templates(Arc::new(Shared { names, zone, files: BTreeMap::new(), service: None }))
    }

    /// Takes up every `*.hbs` below a folder, each under its path without the ending. Files may
    /// include each other as `{{> path/name}}`. A file's plain names are checked where it is used.
    ///
    /// # Errors
    /// One for each file that can't be used: unreadable, outside the folder, too large, not a
    /// template, or including what isn't there or itself.
    pub fn load(&mut self, folder: &Path) -> Result<(), Vec<TemplateError>> {
        let shared = Arc::make_mut(&mut self.0);
        let mut errors = folder::read(folder, &mut shared.files);
        for source in shared.files.values() {
            if let Err(error) = check::check(shared, source, true) {
                // Whoever includes a broken file runs into the same error.
                if !errors.contains(&error) {
                    errors.push(error);
                }
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Compiles a text, or takes the loaded file where the whole text is `name.hbs`.
    ///
    /// # Errors
    /// If it doesn't parse, names what isn't there, or is too large or too deep.
    pub fn compile(&self, text: &str, escape: Escape) -> Result<Template, TemplateError> {
        let nodes = match file_name(text) {
            Some(name) => check::check(&self.0, self.file(name)?, false)?,
            None => check::check(&self.0, &Source::parse(text, None, None)?, false)?,
        };
        Ok(Template(Arc::new(Program { nodes, escape, zone: self.0.zone.clone() })))
    }

    /// Compiles every string leaf of a JSON tree.
    ///
    /// # Errors
    /// For the first leaf that doesn't compile, with its path.
    pub fn tree(&self, tree: &Value, escape: Escape) -> Result<Arc<Tree>, TemplateError> {
        let node = tree::compile(self, tree, escape, "", 0)?;
        Ok(Arc::new(Tree(Arc::new(node))))
    }

    fn file(&self, name: &str) -> Result<&Source, TemplateError> {
        self.0.files.get(name).ok_or_else(|| {
            let known = self.0.files.keys().map(String::as_str);
            let hint = match names::nearest(name, known) {
                Some(near) => format!("did you mean `{near}.hbs`?"),
                None => "files are named by their path below `templates:`".to_owned(),
            };
            TemplateError {
                file: None,
                line: None,
                column: None,
                path: String::new(),
                message: format!("there is no template file `{name}.hbs`"),
                hint: Some(hint),
            }
        })
    }
}

impl TemplateError {
    /// Something wrong at a place of a tree.
    fn at(path: &str, message: String) -> Self {
        TemplateError {
            file: None,
            line: None,
            column: None,
            path: path.to_owned(),
            message,
            hint: None,
        }
    }
}

/// The file that a text names, if it is a name and no template.
fn file_name(text: &str) -> Option<&str> {
    let name = text.trim().strip_suffix(".hbs")?;
    (!name.contains(['{', '\n'])).then_some(name)
}

impl Template {
    /// Renders to a text.
    ///
    /// # Errors
    /// If a value has the wrong shape for its helper, or the output grows too large.
    pub fn text(&self, data: &Value) -> Result<String, RenderError> {
        self.run(data, &Budget::new(), |run, nodes| field::text(nodes, None, run, &run.root()))
    }

    /// Renders to a value: one that is exactly one expression keeps its type.
    ///
    /// # Errors
    /// As [`Template::text`].
    pub fn value(&self, data: &Value) -> Result<Value, RenderError> {
        self.run(data, &Budget::new(), |run, nodes| field::value(nodes, None, run, &run.root()))
    }

    fn run<T>(
        &self,
        data: &Value,
        budget: &Budget,
        render: impl FnOnce(&Run<'_>, &[Node]) -> Result<T, RenderError>,
    ) -> Result<T, RenderError> {
        let Program { nodes, escape, zone } = &*self.0;
        render(&Run { data, zone, escape: *escape, budget, filling: None }, nodes)
    }
}

impl Tree {
    /// Renders every leaf.
    ///
    /// # Errors
    /// As [`Template::text`], with the leaf's path in the text.
    pub fn render(&self, data: &Value) -> Result<Value, RenderError> {
        tree::render(&self.0, data, &Budget::new())
    }
}
