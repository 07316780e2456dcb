//! From the text of one file to a located tree, by serde-saphyr.
//!
//! serde-saphyr parses, expands aliases and merge keys within a budget, and tells every value's
//! place. A syntax error comes back as a diagnostic, with a hint where it is one of YAML's own
//! traps. Keys that stand twice are found here, so that both places can be shown and the rest of
//! the file is still read.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_yaml::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Location, Spanned};

use super::diagnostic::Diagnostic;
use super::files::{FileId, Files, Place};
use super::traps;
use super::tree::{Content, Entry, Node};

/// Far more than a configuration needs, far less than an alias bomb unfolds to.
const MOST_NODES: usize = 1_000_000;
/// Deeper nesting is no configuration.
const DEEPEST: usize = 48;

/// Reads a file's text, and names each key that stands twice in its map (its first value is taken).
/// An empty file is an empty map.
///
/// # Errors
/// With a diagnostic for a syntax error.
pub fn read(files: &Files, file: FileId) -> Result<(Node, Vec<Diagnostic>), Box<Diagnostic>> {
    let text = &files.get(file).text;
    if let Some(tabs) = traps::tabs(text) {
        return Err(Box::new(tabs.diagnostic(files, file)));
    }
    let raw: Spanned<Raw> = serde_yaml::from_str_with_options(text, options())
        .map_err(|error| Box::new(syntax(files, file, &error)))?;
    let mut twice = Vec::new();
    let mut node = node(raw, file, files, &mut twice);
    if node.content == Content::Null {
        node.content = Content::Map(Vec::new());
    }
    Ok((node, twice))
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_nodes: MOST_NODES,
            max_events: 2 * MOST_NODES,
            max_depth: DEEPEST,
            max_documents: 1,
            max_aliases: 1_000,
            max_merge_keys: 1_000,
        },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: 20_000 },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// What serde-saphyr hands over, each value with its place.
enum Raw {
    Scalar(Content),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Key>, Spanned<Raw>)>),
}

/// A key: a text, or whatever else as it would be written.
struct Key(String);

fn node(raw: Spanned<Raw>, file: FileId, files: &Files, twice: &mut Vec<Diagnostic>) -> Node {
    let place = place(raw.defined, file);
    let content = match raw.value {
        Raw::Scalar(content) => content,
        Raw::List(items) => {
            Content::List(items.into_iter().map(|item| node(item, file, files, twice)).collect())
        }
        Raw::Map(pairs) => Content::Map(entries(pairs, file, files, twice)),
    };
    let quoted = matches!(content, Content::Text(_))
        && files.slice(place).starts_with(['"', '\'', '|', '>']);
    Node::new(content, place, quoted)
}

fn entries(
    pairs: Vec<(Spanned<Key>, Spanned<Raw>)>,
    file: FileId,
    files: &Files,
    twice: &mut Vec<Diagnostic>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(pairs.len());
    let mut known: HashMap<String, usize> = HashMap::with_capacity(pairs.len());
    for (key, value) in pairs {
        let key_place = place(key.defined, file);
        let Key(key) = key.value;
        if let Some(first) = known.get(&key).map(|at| &entries[*at]) {
            let message = format!("`{key}` stands here twice");
            let diagnostic = Diagnostic::error(files, key_place, message)
                .also(files, first.key_place, "the first one is here")
                .hint("keep one of them, or give the second another name");
            twice.push(diagnostic);
            continue;
        }
        known.insert(key.clone(), entries.len());
        entries.push(Entry { key, key_place, value: node(value, file, files, twice) });
    }
    entries
}

fn place(location: Location, file: FileId) -> Place {
    Place {
        file,
        line: location.line() as usize,
        column: location.column() as usize,
        offset: location.span().byte_offset().unwrap_or(0) as usize,
        len: location.span().byte_len().unwrap_or(0) as usize,
    }
}

fn syntax(files: &Files, file: FileId, error: &serde_yaml::Error) -> Diagnostic {
    let location = error.location().unwrap_or(Location::UNKNOWN);
    let at = place(location, file);
    if is_too_much(error) || error.to_string().contains("recursion limit exceeded") {
        let message = "this is more than a configuration holds: one document of at most a million \
                       values, 48 levels and 1,000 aliases";
        return Diagnostic::error(files, at, message);
    }
    if let Some(trap) = traps::near(&files.get(file).text, at.line) {
        return trap.diagnostic(files, file);
    }
    let message = error.without_snippet().to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    Diagnostic::error(files, at, format!("this is not YAML: {message}"))
        .hint("a text that holds `: ` or ` #`, or begins with a special character, needs quotes")
}

/// Whether the budget is spent.
fn is_too_much(error: &serde_yaml::Error) -> bool {
    use serde_yaml::Error;
    match error.without_snippet() {
        Error::AliasError { error, .. } => is_too_much(error),
        error => matches!(
            error,
            Error::Budget { .. }
                | Error::AliasReplayLimitExceeded { .. }
                | Error::AliasExpansionLimitExceeded { .. }
                | Error::AliasReplayStackDepthExceeded { .. }
        ),
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Key)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Bool(truth)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Number(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Number(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        let text = || Content::Text(number.to_string());
        Ok(Raw::Scalar(Number::from_f64(number).map_or_else(text, Content::Number)))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Text(number.to_string())))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Text(number.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Content::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = access.next_entry()? {
            pairs.push(pair);
        }
        Ok(Raw::Map(pairs))
    }
}
