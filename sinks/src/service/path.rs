//! Paths into the JSON of an answer: `error`, `parameters.retry_after`, `errors.0.code`.
//!
//! Names with dots between them; a number is the place in a list, or the name where an object
//! stands. A single dot is the whole answer. Knows no answer and no service.

use std::fmt;

use serde_json::Value;

use crate::kind::BuildError;

/// A path into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    text: String,
    names: Vec<String>,
}

impl JsonPath {
    /// Reads a path; `place` is where in the service's file it stands.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(place: &str, text: &str) -> Result<Self, BuildError> {
        if text == "." {
            return Ok(JsonPath { text: text.to_owned(), names: Vec::new() });
        }
        let names: Vec<String> = text.split('.').map(str::to_owned).collect();
        if names.iter().any(String::is_empty) || text.contains(['/', '[', '{', '$']) {
            let message = format!("`{text}` is no path into an answer's JSON");
            let hint = "write names with dots between them, and places in lists as numbers: \
                        errors.0.code";
            return Err(BuildError::new(place, message).hint(hint));
        }
        Ok(JsonPath { text: text.to_owned(), names })
    }

    /// What stands there.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.names.iter().try_fold(value, |value, name| match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            Value::Object(fields) => fields.get(name),
            _ => None,
        })
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let answer = json!({
            "errors": [{"code": 7}],
            "embeds": {"0": "an object's own name"},
            "retry-after": 1.5,
        });
        let at = |path: &str| JsonPath::read("", path).unwrap().find(&answer).cloned();
        assert_eq!(at("errors.0.code"), Some(json!(7)));
        assert_eq!(at("embeds.0"), Some(json!("an object's own name")));
        assert_eq!(at("retry-after"), Some(json!(1.5)));
        assert_eq!(at("."), Some(answer.clone()));
        for nothing in ["errors.1", "errors.code", "errors.0.code.more", "other", "errors.-1"] {
            assert_eq!(at(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_path() {
        for wrong in ["", "a..b", ".a", "a.", "/errors/0/code", "errors[0]", "$.error", "{{ a }}"] {
            let error = JsonPath::read("reason[0]", wrong).unwrap_err();
            assert_eq!(error.path, "reason[0]");
            assert!(error.hint.unwrap().contains("errors.0.code"), "{wrong}");
        }
    }
}
