//! The located tree: what the YAML says, with the place of every key and value.
//!
//! The reader builds it, includes are merged into it, interpolation changes its scalars, and the
//! rooms' types are read from it item by item. It knows no option by name.

use serde_json::{Map, Number, Value};

use super::files::Place;

/// One value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// Where it is.
    pub place: Place,
    /// Whether it was written in quotes or as a block, and so is a text whatever it looks like.
    pub quoted: bool,
    /// Whether something was interpolated into it.
    pub interpolated: bool,
    /// What it may mean instead, where its text alone can't tell (see `item`).
    pub alternatives: Vec<Content>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing, or `null`, or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A node that nothing was interpolated into.
    pub fn new(content: Content, place: Place, quoted: bool) -> Self {
        Node { content, place, quoted, interpolated: false, alternatives: Vec::new() }
    }

    /// The entries of a map; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The same as plain data.
    pub fn value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(truth) => Value::Bool(*truth),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Node::value).collect()),
            Content::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.clone(), entry.value.value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// The node at a path such as `rules[3].send[0].sink`, and the key that leads to it. Where the
    /// path leads out of the tree, the last node on the way, and what is left of the path.
    pub fn find<'a, 'p>(&'a self, path: &'p str) -> Found<'a, 'p> {
        let mut found = Found { node: self, key: None, rest: path };
        while let Some(next) = found.step() {
            found = next;
        }
        found
    }

    /// The node at a path, to be changed; `None` where the path leads out of the tree.
    pub fn find_mut(&mut self, path: &str) -> Option<&mut Node> {
        let path = path.strip_prefix('.').unwrap_or(path);
        if path.is_empty() {
            return Some(self);
        }
        match &mut self.content {
            Content::Map(entries) => {
                let at = longest(entries.iter().map(|entry| entry.key.as_str()), path)?;
                let rest = &path[entries[at].key.len()..];
                entries[at].value.find_mut(rest)
            }
            Content::List(items) => {
                let (index, rest) = index(path)?;
                items.get_mut(index)?.find_mut(rest)
            }
            _ => None,
        }
    }
}

/// How far a path led.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a, 'p> {
    /// The last node on the way.
    pub node: &'a Node,
    /// The place of the key that leads to it.
    pub key: Option<Place>,
    /// What is left of the path; empty where the node is what was looked for.
    pub rest: &'p str,
}

impl<'a, 'p> Found<'a, 'p> {
    fn step(&self) -> Option<Found<'a, 'p>> {
        let path = self.rest.strip_prefix('.').unwrap_or(self.rest);
        match &self.node.content {
            Content::Map(entries) => {
                let at = longest(entries.iter().map(|entry| entry.key.as_str()), path)?;
                let Entry { key, key_place, value } = &entries[at];
                Some(Found { node: value, key: Some(*key_place), rest: &path[key.len()..] })
            }
            Content::List(items) => {
                let (index, rest) = index(path)?;
                Some(Found { node: items.get(index)?, key: None, rest })
            }
            _ => None,
        }
    }
}

/// The longest key that a path begins with: keys may hold dots and brackets themselves.
fn longest<'k>(keys: impl Iterator<Item = &'k str>, path: &str) -> Option<usize> {
    let fits = |key: &str| {
        let rest = path.strip_prefix(key)?;
        (!key.is_empty() && (rest.is_empty() || rest.starts_with(['.', '[']))).then_some(key.len())
    };
    keys.enumerate().filter_map(|(at, key)| Some((fits(key)?, at))).max().map(|(_, at)| at)
}

fn index(path: &str) -> Option<(usize, &str)> {
    let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((index.parse().ok()?, rest))
}
