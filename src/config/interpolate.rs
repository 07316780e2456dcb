//! `${VAR}`, `${VAR:-default}` and `${file:path}` in scalars, after parsing.
//!
//! Because the YAML is parsed first, no value from outside can change the structure of the file.
//! Whatever comes from outside counts as secret and is handed back for the redactor.

use std::path::Path;

use agnox_bridge_sinks::options::PLACEHOLDER;

use super::diagnostic::Diagnostic;
use super::files::Files;
use super::tree::{Content, Node};

/// A file named by `${file:…}` holds one value, not a library.
const LARGEST_FILE: u64 = 64 * 1024;

/// How variables are looked up.
pub type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Replaces what stands for values from outside, for one file's tree.
pub struct Interpolation<'a> {
    /// The files that were read.
    pub files: &'a Files,
    /// How variables are looked up.
    pub env: &'a Lookup,
    /// Whether what is missing is replaced by a placeholder.
    pub without_secrets: bool,
    /// Everything that came from outside so far.
    pub secrets: Vec<String>,
    /// What could not be replaced.
    pub wrong: Vec<Diagnostic>,
}

/// What is wrong with one `${…}`: what, and what to do.
struct Wrong(String, String);

/// What one `${…}` stands for.
enum Found {
    /// A value from outside.
    Outside(String),
    /// The default that stands in the file itself.
    Default(String),
    /// Nothing is there, and nothing is needed.
    Placeholder,
}

impl Interpolation<'_> {
    /// Replaces in every scalar below a node.
    pub fn run(&mut self, node: &mut Node) {
        match &mut node.content {
            Content::List(items) => items.iter_mut().for_each(|item| self.run(item)),
            Content::Map(entries) => {
                entries.iter_mut().for_each(|entry| self.run(&mut entry.value));
            }
            Content::Text(text) if text.contains("${") => {
                let text = std::mem::take(text);
                self.scalar(node, &text);
            }
            _ => {}
        }
    }

    fn scalar(&mut self, node: &mut Node, text: &str) {
        match self.replace(node, text) {
            Ok(replaced) => {
                if !node.quoted && node.interpolated {
                    node.alternatives.extend(plain(&replaced));
                }
                node.content = Content::Text(replaced);
            }
            Err(Wrong(message, help)) => {
                node.content = Content::Text(text.to_owned());
                self.wrong.push(Diagnostic::error(self.files, node.place, message).hint(help));
            }
        }
    }

    fn replace(&mut self, node: &mut Node, text: &str) -> Result<String, Wrong> {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, tail) = rest.split_at(at);
            if let Some(escaped) = before.strip_suffix('$') {
                replaced.push_str(escaped);
                replaced.push_str("${");
                rest = &tail[2..];
                continue;
            }
            replaced.push_str(before);
            let (name, after) = tail[2..].split_once('}').ok_or_else(unclosed)?;
            node.interpolated = true;
            match self.look_up(node, name)? {
                Found::Outside(value) => {
                    replaced.push_str(&value);
                    self.secrets.push(value);
                }
                Found::Default(value) => replaced.push_str(&value),
                Found::Placeholder if before.is_empty() && after.is_empty() => {
                    node.alternatives = placeholders();
                    replaced.push_str(PLACEHOLDER);
                }
                Found::Placeholder => replaced.push_str("placeholder"),
            }
            rest = after;
        }
        replaced.push_str(rest);
        Ok(replaced)
    }

    fn look_up(&self, node: &Node, name: &str) -> Result<Found, Wrong> {
        if let Some(path) = name.strip_prefix("file:") {
            return self.read_file(node, path.trim());
        }
        let (name, default) = match name.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (name, None),
        };
        if !is_name(name) {
            return Err(Wrong(
                format!("`{name}` is no variable's name"),
                "write `$${` where a plain `${` is meant".to_owned(),
            ));
        }
        match ((self.env)(name), default) {
            (Some(value), None) => Ok(Found::Outside(value)),
            (Some(value), Some(_)) if !value.is_empty() => Ok(Found::Outside(value)),
            (_, Some(default)) => Ok(Found::Default(default.to_owned())),
            (None, None) if self.without_secrets => Ok(Found::Placeholder),
            (None, None) => Err(unset(name)),
        }
    }

    fn read_file(&self, node: &Node, path: &str) -> Result<Found, Wrong> {
        let folder = self.files.get(node.place.file).path.parent().unwrap_or(Path::new(""));
        let full = folder.join(path);
        let read = std::fs::metadata(&full).and_then(|about| match about.len() {
            0..=LARGEST_FILE => std::fs::read_to_string(&full),
            _ => Err(std::io::Error::other("it is larger than 64 KiB")),
        });
        match read {
            Ok(text) => {
                let value = text.strip_suffix('\n').unwrap_or(&text);
                Ok(Found::Outside(value.strip_suffix('\r').unwrap_or(value).to_owned()))
            }
            Err(_) if self.without_secrets => Ok(Found::Placeholder),
            Err(error) => Err(Wrong(
                format!("the file {} can't be read: {error}", full.display()),
                "it must hold the value and be readable by the user that runs the bridge"
                    .to_owned(),
            )),
        }
    }
}

fn unset(name: &str) -> Wrong {
    Wrong(
        format!("the variable `{name}` is not set"),
        format!(
            "set it before the start, or give a default: ${{{name}:-…}}; `check --without-secrets` \
             checks without it"
        ),
    )
}

fn unclosed() -> Wrong {
    Wrong("`${` has no `}`".to_owned(), "write `$${` where a plain `${` is meant".to_owned())
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// What an unquoted text means to YAML beside itself.
fn plain(text: &str) -> Option<Content> {
    if text == "true" || text == "false" {
        return Some(Content::Bool(text == "true"));
    }
    text.parse::<serde_json::Number>().ok().map(Content::Number)
}

/// What else may fit where the value is missing; tried one after the other.
fn placeholders() -> Vec<Content> {
    let texts = [
        "placeholder.invalid",
        "placeholder@placeholder.invalid",
        "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "10s",
        "1MiB",
        "1/s",
        "127.0.0.1:9",
        "placeholder",
    ];
    let mut contents: Vec<Content> = vec![Content::Number(25.into()), Content::Bool(true)];
    contents.extend(texts.map(|text| Content::Text(text.to_owned())));
    contents
}
