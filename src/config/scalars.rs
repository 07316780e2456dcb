//! How the sections' scalars are read: addresses, zones, statuses, the journal's URL.
//!
//! Each error is a sentence that says how the value is written.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::wording;
use crate::model::Status;

/// One text, or a list of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneOrMore(pub Vec<String>);

/// Where the journal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalUrl {
    /// A file of SQLite's.
    Sqlite(PathBuf),
}

impl JournalUrl {
    /// The journal's file.
    pub fn path(&self) -> &Path {
        let JournalUrl::Sqlite(path) = self;
        path
    }
}

impl fmt::Display for JournalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.path().display())
    }
}

/// An option that, where it is written, has a value.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// An address with its port.
pub fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    // A port alone would be a number.
    let text = match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(port) => port.to_string(),
        _ => return Err(D::Error::custom("an address is a text, such as 127.0.0.1:8080")),
    };
    text.replace("localhost:", "127.0.0.1:").parse().map_err(|_| {
        D::Error::custom(format!(
            "`{text}` is no address; write it with its port: 127.0.0.1:8080, 0.0.0.0:8080, [::]:8080"
        ))
    })
}

/// Statuses, in any case.
pub fn statuses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Status>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    if words.iter().any(|word| word.trim().is_empty()) {
        return Err(D::Error::custom("a status is a word, such as FAILED"));
    }
    Ok(words.iter().map(|word| Status::parse(word)).collect())
}

/// A time zone by its name.
///
/// # Errors
/// With the nearest known name.
pub fn zone(name: &str) -> Result<TimeZone, (String, Option<String>)> {
    TimeZone::get(name).map_err(|_| {
        let known: Vec<String> =
            jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
        if known.is_empty() {
            let help = "this machine has no list of time zones: install its package `tzdata`";
            return (format!("the time zone `{name}` is not known"), Some(help.to_owned()));
        }
        let near = wording::nearest(name, known.iter().map(String::as_str));
        let help = near.map_or_else(
            || "write an IANA name, such as Europe/Berlin".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        (format!("the time zone `{name}` is not known"), Some(help))
    })
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = crate::route::OneOrMany::<String>::deserialize(deserializer)?;
        Ok(OneOrMore(match texts {
            crate::route::OneOrMany::One(text) => vec![text],
            crate::route::OneOrMany::Many(texts) => texts,
        }))
    }
}

impl JsonSchema for OneOrMore {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMore".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" } },
        ] })
    }
}

impl<'de> Deserialize<'de> for JournalUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path)) {
            Some(path) if !path.is_empty() => Ok(JournalUrl::Sqlite(path.into())),
            _ => Err(D::Error::custom(format!(
                "`{text}` is no journal; write `sqlite:` and a file: sqlite:agnox-bridge.db"
            ))),
        }
    }
}

impl JsonSchema for JournalUrl {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "JournalUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^sqlite:.+" })
    }
}
