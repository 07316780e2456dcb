//! How the shapes that a person may write are read: one or a list, a text or `{exact: …}`.
//!
//! Each reads by hand what serde's untagged enums could read too, since those answer every mistake
//! with "did not match any variant".

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Number;

use super::config::{By, Conditions, FieldConfig, SendConfig, TextConfig, WhenConfig};

/// One item, or a list of them.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOrMany<T> {
    /// Written alone.
    One(T),
    /// Written as a list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The items, each with its path.
    pub fn items(&self, path: &str) -> Vec<(String, &T)> {
        match self {
            OneOrMany::One(item) => vec![(path.to_owned(), item)],
            OneOrMany::Many(items) => {
                let with_path = |(i, item)| (format!("{path}[{i}]"), item);
                items.iter().enumerate().map(with_path).collect()
            }
        }
    }
}

/// Reads an option that, where it is written, must have a value: `group: #payments` is a comment
/// to YAML, and must not become a rule without that condition.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Forwards a scalar to the deserialization of another type.
macro_rules! forward {
    ($($method:ident: $type:ty),*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<Self::Value, E> {
            T::deserialize(value.into_deserializer()).map(OneOrMany::One)
        })*
    };
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one or a list")
    }

    forward!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        T::deserialize(().into_deserializer()).map(OneOrMany::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(OneOrMany::Many)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct WhenVisitor;

impl<'de> Visitor<'de> for WhenVisitor {
    type Value = WhenConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("conditions such as {status: FAILED}, or the word always")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<WhenConfig, E> {
        match word {
            "always" => Ok(WhenConfig::Always),
            _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WhenConfig, A::Error> {
        let conditions = Box::<Conditions>::deserialize(MapAccessDeserializer::new(map))?;
        Ok(WhenConfig::Conditions(conditions))
    }
}

impl<'de> Deserialize<'de> for WhenConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WhenVisitor)
    }
}

impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Cow::<'de, str>::deserialize(deserializer)?;
        By::parse(&word).ok_or_else(|| {
            let wanted = "`group`, `rule`, `source`, `status` or `labels.NAME`";
            D::Error::custom(format!("`{word}` is nothing to keep apart; write {wanted}"))
        })
    }
}

impl By {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "group" => By::Group,
            "rule" => By::Rule,
            "source" => By::Source,
            "status" => By::Status,
            _ => By::Label(word.strip_prefix("labels.").filter(|l| !l.is_empty())?.to_owned()),
        })
    }
}

impl JsonSchema for By {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "By".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^(group|rule|source|status|labels\..+)$" })
    }
}

/// The long form of a text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Exact {
    /// The text, letter by letter.
    exact: String,
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = TextConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text (in quotes where YAML would read it otherwise) or {exact: …}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TextConfig, E> {
        Ok(TextConfig::Pattern(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextConfig, A::Error> {
        let Exact { exact } = Exact::deserialize(MapAccessDeserializer::new(map))?;
        Ok(TextConfig::Exact(exact))
    }
}

impl<'de> Deserialize<'de> for TextConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = FieldConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a boolean, null or {exact: …}")
    }

    fn visit_unit<E: Error>(self) -> Result<FieldConfig, E> {
        Ok(FieldConfig::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<FieldConfig, E> {
        Ok(FieldConfig::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<FieldConfig, E> {
        Ok(FieldConfig::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<FieldConfig, E> {
        Ok(FieldConfig::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<FieldConfig, E> {
        let number = Number::from_f64(value);
        number.map(FieldConfig::Number).ok_or_else(|| E::custom("no finite number"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldConfig, E> {
        TextVisitor.visit_str(text).map(FieldConfig::Text)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldConfig, A::Error> {
        TextVisitor.visit_map(map).map(FieldConfig::Text)
    }
}

impl<'de> Deserialize<'de> for FieldConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

/// The long form of an entry of `send`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendEntry {
    /// The sink's name.
    sink: String,
    /// The words for the message's text, if not the sink's own: a template, or the name of a
    /// loaded one (`name.hbs`).
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    template: Option<String>,
    /// Parameters for the sink, such as Slack's `channel`. Each may be a template; one that comes
    /// out empty is left out.
    #[serde(default)]
    with: BTreeMap<String, String>,
}

struct SendVisitor;

impl<'de> Visitor<'de> for SendVisitor {
    type Value = SendConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sink's name, or an entry with sink, template and with")
    }

    fn visit_str<E: Error>(self, sink: &str) -> Result<SendConfig, E> {
        let sink = sink.to_owned();
        Ok(SendConfig { sink, template: None, with: BTreeMap::new(), bare: true })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SendConfig, A::Error> {
        let entry = SendEntry::deserialize(MapAccessDeserializer::new(map))?;
        let SendEntry { sink, template, with } = entry;
        Ok(SendConfig { sink, template, with, bare: false })
    }
}

impl<'de> Deserialize<'de> for SendConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SendVisitor)
    }
}

/// Gives a type the schema that an expression makes, written where the type is used.
macro_rules! schema {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!(WhenConfig, "When", |generator| json_schema!({
    "description": "When a rule fires: conditions, or the word `always`.",
    "anyOf": [{ "const": "always" }, generator.subschema_for::<Conditions>()],
}));

schema!(TextConfig, "Text", |generator| json_schema!({
    "description": "A text, compared whole: a glob, `/regex/`, or `{exact: …}`.",
    "anyOf": [{ "type": "string" }, generator.subschema_for::<Exact>()],
}));

schema!(FieldConfig, "Field", |generator| json_schema!({
    "description": "A text, a number, a boolean, null, or a comparison such as `> 3`.",
    "anyOf": [
        { "type": ["string", "number", "boolean", "null"] },
        generator.subschema_for::<Exact>(),
    ],
}));

schema!(SendConfig, "Send", |generator| json_schema!({
    "description": "A sink's name, or an entry with its own words and parameters.",
    "anyOf": [{ "type": "string" }, generator.subschema_for::<SendEntry>()],
}));

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
