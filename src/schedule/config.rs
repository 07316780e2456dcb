//! What a person writes of windows and of moments that come again.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use crate::model::units::Span;

/// A time in which rules can be quiet. Each key narrows it; a day on which it begins is enough for
/// a time past midnight.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowConfig {
    /// Days of the week: `MON-FRI`, or a list such as `[SAT, SUN]`. Every day if left out.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Words")]
    pub days: Option<Words>,
    /// Times of the day: `"22:00-07:00"`, or a list. `24:00` is the end of a day; past midnight the
    /// window belongs to the day on which it began. The whole day if left out.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Words")]
    pub times: Option<Words>,
    /// Dates: `2026-12-24`, `2026-12-24..2027-01-01`, or each year's `12-25` and `12-24..01-01`; one
    /// or a list.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Words")]
    pub dates: Option<Words>,
    /// Months: `DEC`, `JUN-AUG`, their numbers, or a list.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Words")]
    pub months: Option<Words>,
    /// The zone of the times, by its IANA name, if not that of the configuration.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub timezone: Option<String>,
}

/// One text, or a list of them. A number is taken as a text: what the texts mean, and that `3` is
/// no day, is said when the window is compiled.
#[derive(Clone, Debug, PartialEq)]
pub enum Words {
    /// Written alone.
    One(String),
    /// Written as a list.
    Many(Vec<String>),
}

/// When something comes again: by `cron` or by `every`, one of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecurrenceConfig {
    /// Five fields, as Agnox and crontab write them: minute, hour, day, month, day of the week.
    pub cron: Option<String>,
    /// An interval.
    pub every: Option<Span>,
    /// The zone of the cron, if not that of the configuration.
    pub timezone: Option<String>,
}

impl Words {
    /// The texts, each with its path.
    pub(super) fn items<'w>(&'w self, path: &str) -> Vec<(String, &'w str)> {
        match self {
            Words::One(text) => vec![(path.to_owned(), text.trim())],
            Words::Many(texts) => {
                let with_path =
                    |(i, text): (usize, &'w String)| (format!("{path}[{i}]"), text.trim());
                texts.iter().enumerate().map(with_path).collect()
            }
        }
    }
}

/// Reads an option that, where it is written, must have a value: `days:` with nothing after it must
/// not become a window of every day.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A text, or a number as it was written.
struct Word(String);

struct WordVisitor;

impl Visitor<'_> for WordVisitor {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Word, E> {
        Ok(Word(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Word, E> {
        Ok(Word(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Word, E> {
        Ok(Word(number.to_string()))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Words, E> {
        Ok(Words::One(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Words, E> {
        Ok(Words::One(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Words, E> {
        Ok(Words::One(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Words, A::Error> {
        let mut texts = Vec::new();
        while let Some(Word(text)) = items.next_element()? {
            texts.push(text);
        }
        Ok(Words::Many(texts))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

impl JsonSchema for Words {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Words".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = json_schema!({ "type": ["string", "integer"] });
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}
