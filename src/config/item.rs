//! One item of the configuration, from its node to its type.
//!
//! Items are read one by one, so that one broken rule hides no other. What serde says is turned
//! into a [`Fault`]: a path below the item, what is wrong, and what to do.
//!
//! A scalar may have alternatives: `${SMTP_PORT}` is the text `25` and the number 25, and a value
//! that is missing under `--without-secrets` may be whatever parses. Where reading fails at such a
//! scalar, the next alternative is tried.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::tree::Node;
use super::wording;

/// What is wrong within an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a path below the item; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether the path's key is wrong, and not its value.
    pub at_key: bool,
}

impl Fault {
    /// A fault of a value.
    pub fn new(path: impl Into<String>, message: impl Into<String>, help: Option<String>) -> Self {
        Fault { path: path.into(), message: message.into(), help, at_key: false }
    }
}

/// Reads a node's type.
///
/// # Errors
/// For the first thing that is wrong in it.
pub fn read<T: DeserializeOwned>(node: &mut Node) -> Result<T, Fault> {
    settle(node, |value| parse(value))
}

/// Reads a type from plain data.
///
/// # Errors
/// For the first thing that is wrong in it.
pub fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| wording::fault(&error))
}

/// Makes something of a node, trying the alternatives of a scalar where it fails.
///
/// # Errors
/// For the first thing that is wrong and has no alternative.
pub fn settle<T>(
    node: &mut Node,
    mut make: impl FnMut(Value) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut first: Option<Fault> = None;
    loop {
        let fault = match make(node.value()) {
            Ok(made) => return Ok(made),
            Err(fault) => fault,
        };
        let scalar = node.find_mut(&fault.path).filter(|scalar| !scalar.alternatives.is_empty());
        let Some(scalar) = scalar else {
            // The last alternative's trouble is not the one to tell.
            return Err(first.filter(|first| first.path == fault.path).unwrap_or(fault));
        };
        scalar.content = scalar.alternatives.remove(0);
        first = first.filter(|first| first.path == fault.path).or(Some(fault));
    }
}

/// A path and what follows it.
pub fn join(path: &str, below: &str) -> String {
    match (path, below) {
        ("", below) => below.to_owned(),
        (path, "") => path.to_owned(),
        (path, below) if below.starts_with('[') => format!("{path}{below}"),
        (path, below) => format!("{path}.{below}"),
    }
}
