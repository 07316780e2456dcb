//! How the shapes that a person may write in a test are read: one text or a list, a sink's name or
//! an entry that says more. By hand, so that each mistake is answered in words.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::config::SentConfig;
use crate::route::OneOrMany;

/// No text, one, or a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts(pub Vec<(String, String)>);

impl Texts {
    /// The texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, text)| text.as_str())
    }

    /// The texts, each with where it stands below the option: empty, or `[1]`.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(place, text)| (place.as_str(), text.as_str()))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = OneOrMany::<String>::deserialize(deserializer)?;
        Ok(Texts(texts.items("").into_iter().map(|(at, text)| (at, text.clone())).collect()))
    }
}

impl JsonSchema for Texts {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Texts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        OneOrMany::<String>::json_schema(generator)
    }
}

/// The long form of a message that is expected.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SentEntry {
    /// The sink's name.
    sink: String,
    /// What the message's text holds: one or a list, each of which must be there.
    #[serde(default)]
    text: Texts,
    /// What the message's text doesn't hold: one or a list.
    #[serde(default)]
    not_text: Texts,
    /// A rule that asked for it.
    #[serde(default)]
    rule: Option<String>,
    /// Parameters that it has, as they came out: `{channel: "#payments"}`.
    #[serde(default)]
    with: BTreeMap<String, String>,
    /// How many such messages are sent, exactly; at least one if left out.
    #[serde(default)]
    times: Option<u32>,
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = SentConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sink's name, or an entry with sink, text and others")
    }

    fn visit_str<E: Error>(self, sink: &str) -> Result<SentConfig, E> {
        Ok(SentConfig { sink: sink.to_owned(), bare: true, ..SentConfig::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SentConfig, A::Error> {
        let entry = SentEntry::deserialize(MapAccessDeserializer::new(map))?;
        let SentEntry { sink, text, not_text, rule, with, times } = entry;
        Ok(SentConfig { sink, text, not_text, rule, with, times, bare: false })
    }
}

impl<'de> Deserialize<'de> for SentConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SentVisitor)
    }
}

impl JsonSchema for SentConfig {
    fn schema_name() -> Cow<'static, str> {
        "Sent".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A sink's name, or an entry that says more of the message.",
            "anyOf": [{ "type": "string" }, generator.subschema_for::<SentEntry>()],
        })
    }
}
