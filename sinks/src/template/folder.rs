//! Where templates come from: a text in the configuration, or the `*.hbs` files of a folder.
//!
//! A file is known by its path below the folder, with `/` and without the ending. Nothing outside
//! the folder is read: a link that leads out is refused, wherever it stands on the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use handlebars::template::Template as Parsed;

use super::{TemplateError, limits};

/// A template's text, parsed, and where it is from.
#[derive(Clone)]
pub(super) struct Source {
    /// The file, if it is from one.
    pub(super) path: Option<PathBuf>,
    /// The file's name in `{{> name}}`.
    pub(super) name: Option<String>,
    text: String,
    pub(super) parsed: Parsed,
}

impl Source {
    /// Parses a text within the limits. The line end that closes a file is not part of it.
    pub(super) fn parse(
        text: &str,
        path: Option<PathBuf>,
        name: Option<String>,
    ) -> Result<Self, TemplateError> {
        let text = if path.is_some() { without_last_line_end(text) } else { text };
        if let Err((at, message)) = limits::scan(text) {
            return Err(error(path, Some(line_and_column(text, at)), message));
        }
        match Parsed::compile(text) {
            Ok(parsed) => Ok(Source { path, name, text: text.to_owned(), parsed }),
            Err(fault) => Err(error(path, fault.pos(), said(&fault))),
        }
    }

    /// Whether the tag at this place has its line to itself, and if so, whether a line follows.
    pub(super) fn alone(&self, (line, column): (usize, usize)) -> Option<bool> {
        let mut lines = self.text.lines().skip(line.checked_sub(1)?);
        let whole = lines.next()?;
        let blank = whole.chars().take(column - 1).all(char::is_whitespace);
        let tag = whole.trim();
        let single = tag.ends_with("}}") && tag.find("}}") == Some(tag.len() - 2);
        (blank && single).then(|| lines.next().is_some() || self.text.ends_with('\n'))
    }
}

fn without_last_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The parser's complaint without its excerpt: whoever shows it has the place.
fn said(fault: &handlebars::TemplateError) -> String {
    match fault.reason() {
        handlebars::TemplateErrorReason::InvalidSyntax(_) => {
            "this is no valid template: a tag is not closed, or holds what it can't".to_owned()
        }
        handlebars::TemplateErrorReason::MismatchingClosedHelper(open, closed) => {
            format!("the block `{open}` is closed as `{closed}`")
        }
        other => other.to_string(),
    }
}

fn error(path: Option<PathBuf>, place: Option<(usize, usize)>, message: String) -> TemplateError {
    TemplateError {
        file: path,
        line: place.map(|place| place.0),
        column: place.map(|place| place.1),
        path: String::new(),
        message,
        hint: None,
    }
}

/// Reads every `*.hbs` below a folder.
pub(super) fn read(folder: &Path, files: &mut BTreeMap<String, Source>) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    match fs::canonicalize(folder) {
        Ok(top) => {
            let mut walk = Walk { top: &top, files, errors: &mut errors };
            walk.folder(&top, 0);
        }
        Err(fault) => errors.push(unreadable(folder, &fault)),
    }
    errors
}

/// A walk through a folder.
struct Walk<'w> {
    top: &'w Path,
    files: &'w mut BTreeMap<String, Source>,
    errors: &'w mut Vec<TemplateError>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > limits::DEPTH {
            let message =
                format!("folders nest deeper than {}; a link may lead back", limits::DEPTH);
            self.errors.push(error(Some(folder.to_owned()), None, message));
            return;
        }
        match entries(folder) {
            Ok(entries) => entries.iter().for_each(|entry| self.entry(entry, depth)),
            Err(fault) => self.errors.push(unreadable(folder, &fault)),
        }
    }

    fn entry(&mut self, entry: &Path, depth: usize) {
        let is_template = entry.extension().is_some_and(|ending| ending == "hbs");
        let real = match fs::canonicalize(entry) {
            Ok(real) => real,
            Err(fault) if is_template => return self.errors.push(unreadable(entry, &fault)),
            Err(_) => return, // some other file, and not ours to judge
        };
        if !is_template && !real.is_dir() {
            return;
        }
        if !real.starts_with(self.top) {
            let message = format!("it leads out of the templates' folder, to {}", real.display());
            return self.errors.push(error(Some(entry.to_owned()), None, message));
        }
        if real.is_dir() { self.folder(entry, depth + 1) } else { self.file(entry) }
    }

    fn file(&mut self, path: &Path) {
        let Some(name) = name_below(self.top, path) else {
            let message = "its name is not UTF-8".to_owned();
            return self.errors.push(error(Some(path.to_owned()), None, message));
        };
        let parsed = read_text(path)
            .and_then(|text| Source::parse(&text, Some(path.to_owned()), Some(name.clone())));
        match parsed {
            Ok(source) => drop(self.files.insert(name, source)),
            Err(fault) => self.errors.push(fault),
        }
    }
}

/// What a folder holds, always in the same order.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let paths: std::io::Result<Vec<_>> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths?;
    paths.sort();
    Ok(paths)
}

fn name_below(top: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(top).ok()?.with_extension("");
    let parts: Option<Vec<_>> = below.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

fn read_text(path: &Path) -> Result<String, TemplateError> {
    let length = fs::metadata(path).map_err(|fault| unreadable(path, &fault))?.len();
    if length > limits::SIZE as u64 {
        let message = format!("the template has {length} bytes, the limit is {}", limits::SIZE);
        return Err(error(Some(path.to_owned()), None, message));
    }
    fs::read_to_string(path).map_err(|fault| unreadable(path, &fault))
}

fn unreadable(path: &Path, fault: &std::io::Error) -> TemplateError {
    error(Some(path.to_owned()), None, format!("it can't be read: {fault}"))
}
