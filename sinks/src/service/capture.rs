//! What is kept of an answer: single values of its JSON, by the names that the service's file gives
//! them.
//!
//! They are stored with the incident and printed into later requests, so they are small, and never
//! a secret that the far side repeats. Knows no single service.

use serde_json::Value;

use super::form::Named;
use super::path::JsonPath;
use crate::client::Seen;
use crate::contract::Captured;
use crate::kind::BuildError;
use crate::secret::Redactor;

/// The longest text that is kept, in bytes.
const LONGEST: usize = 1024;

/// What one step keeps of its answer.
#[derive(Clone, Debug, Default)]
pub struct Captures(Vec<(String, JsonPath)>);

impl Captures {
    /// Reads what a step's `capture` names.
    ///
    /// # Errors
    /// For the first path that is none, with `capture.name` as its place.
    pub fn compile(wanted: &Named<String>) -> Result<Self, BuildError> {
        let mut captures = Vec::new();
        for (name, path) in wanted.iter() {
            captures.push((name.to_owned(), JsonPath::read(&format!("capture.{name}"), path)?));
        }
        Ok(Captures(captures))
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the answer has at these places. `secrets` are the sink's own.
    ///
    /// # Errors
    /// If one of them isn't there or can't be kept, in words for a person.
    pub fn of(&self, seen: &Seen, secrets: &Redactor) -> Result<Captured, String> {
        let mut captured = Captured::new();
        for (name, path) in &self.0 {
            let why = |why: String| format!("`captured.{name}` can't be kept: {why}");
            let json = seen.json().ok_or_else(|| why(seen.no_json()))?;
            let value = kept(path, json, secrets).map_err(why)?;
            captured.insert(name.clone(), value.clone());
        }
        Ok(captured)
    }
}

fn kept<'v>(path: &JsonPath, json: &'v Value, secrets: &Redactor) -> Result<&'v Value, String> {
    let value = path.find(json);
    let there = match value {
        None => "nothing".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "an empty text".to_owned(),
        Some(Value::String(text)) if text.len() > LONGEST => {
            format!("a text of {} bytes, more than {LONGEST},", text.len())
        }
        Some(Value::String(text)) if secrets.cover(text) != *text => {
            "a secret of this sink".to_owned()
        }
        Some(value) => return Ok(value),
    };
    Err(format!("{there} stands at `{path}` of the answer"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::{Content, End};

    fn captured(path: &str, body: impl Into<Content>) -> Result<Captured, String> {
        let wanted = serde_json::from_value(json!({ "it": path })).unwrap();
        let seen = Seen::new("issues.example.com", 201, [], body.into());
        let secrets = Redactor::new(["xoxb-CANARY"]);
        Captures::compile(&wanted).unwrap().of(&seen, &secrets)
    }

    #[test]
    fn texts_numbers_and_flags_are_kept_as_they_are() {
        let answer = json!({
            "key": "QA-7", "number": 12_345_678_901_u64, "open": true, "list": [{"id": 1.5}],
        });
        let body = || answer.to_string().into_bytes();
        for (path, value) in [
            ("key", json!("QA-7")),
            ("number", json!(12_345_678_901_u64)),
            ("open", json!(true)),
            ("list.0.id", json!(1.5)),
        ] {
            assert_eq!(captured(path, body()).unwrap()["it"], value);
        }
    }

    #[test]
    fn what_can_not_be_kept_is_said_with_its_path_and_what_was_there() {
        let answer = json!({
            "none": null, "list": [], "object": {}, "empty": "", "long": "x".repeat(1025),
            "echo": "you sent xoxb-CANARY",
        });
        for (path, there) in [
            ("missing.id", "nothing stands at `missing.id` of the answer"),
            ("none", "null stands"),
            ("list", "a list stands"),
            ("object", "an object stands"),
            ("empty", "an empty text stands"),
            ("long", "a text of 1025 bytes, more than 1024, stands"),
            ("echo", "a secret of this sink stands"),
        ] {
            let why = captured(path, answer.to_string().into_bytes()).unwrap_err();
            assert!(why.starts_with(&format!("`captured.it` can't be kept: {there}")), "{why}");
            assert!(!why.contains("CANARY"), "{why}");
        }
    }

    #[test]
    fn an_answer_that_is_no_whole_json_is_said_to_be_that() {
        let content = |bytes: &[u8], end| Content { bytes: bytes.to_vec(), end };
        for (content, why) in [
            (content(b"ok", End::Whole), "the answer is no JSON"),
            (content(b"", End::Whole), "the answer is empty"),
            (content(b"{\"it\": 1}", End::Capped), "the answer is longer than 64 KiB"),
            (content(b"{\"it\": 1}", End::Broken), "the answer broke off"),
        ] {
            assert_eq!(
                captured("it", content).unwrap_err(),
                format!("`captured.it` can't be kept: {why}")
            );
        }
    }

    #[test]
    fn nothing_wanted_asks_nothing_of_the_answer() {
        let seen = Seen::new("issues.example.com", 204, [], Content::default());
        let captures = Captures::compile(&Named::default()).unwrap();
        assert!(captures.of(&seen, &Redactor::default()).unwrap().is_empty());
    }
}
