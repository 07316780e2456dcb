//! Handlebars, made safe for alerts: strict names, escapes, limits and JSON trees.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

/// How data is escaped where a template prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Escape {
    /// As it is.
    None,
    /// Slack's three characters `&`, `<`, `>`: that disarms `<!here>`, `<@U1>` and `<url|spoof>`.
    Slack,
    /// HTML text and attributes.
    Html,
    /// Markdown: its punctuation, and `@` so that nobody is pinged.
    Markdown,
}

/// The compiled templates of one configuration: helpers, partials, known names, limits.
#[derive(Clone)]
pub struct Templates;

/// One compiled template.
#[derive(Clone)]
pub struct Template;

/// A JSON tree whose string leaves are templates.
#[derive(Clone)]
pub struct Tree;

/// A template that can't be used, found when the configuration is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// The template file, if it is in one.
    pub file: Option<std::path::PathBuf>,
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
    /// Knows the helpers and names, and no files.
    pub fn new(_names: Names, _zone: jiff::tz::TimeZone) -> Self {
        Templates
    }

    /// Takes up every `*.hbs` below a folder, each under its path without the ending.
    ///
    /// # Errors
    /// One for each file that can't be used.
    pub fn load(&mut self, _folder: &Path) -> Result<(), Vec<TemplateError>> {
        Ok(())
    }

    /// Compiles a text, or takes the loaded file where the whole text is `name.hbs`.
    ///
    /// # Errors
    /// If it doesn't parse, names what isn't there, or is too large or too deep.
    pub fn compile(&self, _text: &str, _escape: Escape) -> Result<Template, TemplateError> {
        Ok(Template)
    }

    /// Compiles every string leaf of a JSON tree.
    ///
    /// # Errors
    /// For the first leaf that doesn't compile, with its path.
    pub fn tree(&self, _tree: &Value, _escape: Escape) -> Result<Arc<Tree>, TemplateError> {
        Ok(Arc::new(Tree))
    }
}

impl Template {
    /// Renders to a text.
    ///
    /// # Errors
    /// If a value has the wrong shape for its helper, or the output grows too large.
    pub fn text(&self, _data: &Value) -> Result<String, RenderError> {
        Ok(String::new())
    }

    /// Renders to a value: one that is exactly one expression keeps its type.
    ///
    /// # Errors
    /// As [`Template::text`].
    pub fn value(&self, _data: &Value) -> Result<Value, RenderError> {
        Ok(Value::Null)
    }
}

impl Tree {
    /// Renders every leaf.
    ///
    /// # Errors
    /// As [`Template::text`], with the leaf's path in the text.
    pub fn render(&self, _data: &Value) -> Result<Value, RenderError> {
        Ok(Value::Null)
    }
}
