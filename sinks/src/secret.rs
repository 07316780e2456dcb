//! Values that must not be seen, and the cover that finds them in any text.
//!
//! A [`Secret`] prints `***`. A [`Redactor`] knows every secret of the configuration and covers
//! each of them wherever it turns up: in an answer that echoes a token, in an error that names a
//! URL. Texts that leave a sink for the journal, a log or a screen go through it.

use std::fmt;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// A text that prints as `***`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Covers a text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(SecretString::from(text.into()))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// In a schema a secret is a string that is `writeOnly`; the configuration finds secrets by that.
impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "writeOnly": true })
    }
}

/// Covers every known secret in a text.
#[derive(Clone, Default)]
pub struct Redactor(Option<AhoCorasick>);

/// Shorter secrets are not looked for: covering every `a` would make texts unreadable.
const SHORTEST: usize = 4;

/// Parts of a URL that are shorter are words, such as `services`.
const LIKE_A_KEY: usize = 12;

impl Redactor {
    /// Knows these secrets from now on: as they are, percent-encoded, as JSON writes them, and for
    /// a URL also the parts of it that are secret wherever they stand.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms: Vec<String> = Vec::new();
        for secret in secrets.into_iter().filter(|s| s.len() >= SHORTEST) {
            forms.extend(parts_of_url(secret));
            forms.push(secret.to_owned());
            forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
            let json = serde_json::Value::from(secret).to_string();
            forms.push(json[1..json.len() - 1].to_owned());
        }
        if forms.is_empty() {
            return Redactor(None);
        }
        forms.sort_unstable();
        forms.dedup();
        // Its size goes by the length of the secrets, where a faster one would take a table for
        // each of their characters, in each of a thousand sinks.
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms);
        Redactor(automaton.ok())
    }

    /// The text with every known secret replaced by `***`.
    pub fn cover(&self, text: &str) -> String {
        match &self.0 {
            None => text.to_owned(),
            Some(automaton) => {
                let mut covered = String::with_capacity(text.len());
                automaton.replace_all_with(text, &mut covered, |_, _, out| {
                    out.push_str("***");
                    true
                });
                covered
            }
        }
    }
}

/// A far side that answers with an address says its path and query, seldom all of it.
fn parts_of_url(secret: &str) -> Vec<String> {
    let Ok(url) = url::Url::parse(secret) else { return Vec::new() };
    let segments = url.path_segments().into_iter().flatten().map(str::to_owned);
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let long = segments.chain(values).filter(|part| part.len() >= LIKE_A_KEY);
    let whole = Some(url.path().to_owned()).filter(|path| path.len() >= LIKE_A_KEY);
    long.chain(whole).collect()
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_covered_in_every_form_that_it_may_come_back_in() {
        let redactor =
            Redactor::new(["to ken/1\"", "https://h.example/services/T0/abcdefghijklmn"]);
        for (text, covered) in [
            ("said to ken/1\" twice", "said *** twice"),
            ("to+ken%2F1%22", "***"),
            ("{\"a\":\"to ken/1\\\"\"}", "{\"a\":\"***\"}"),
            ("no route /services/T0/abcdefghijklmn", "no route ***"),
            ("key abcdefghijklmn", "key ***"),
            ("services", "services"),
        ] {
            assert_eq!(redactor.cover(text), covered);
        }
    }
}
