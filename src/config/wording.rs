//! serde's messages in words for people who write YAML.
//!
//! serde hands its errors over as texts only, in a form that has been stable for years; the tests
//! below hold it. A text that isn't recognised is passed on as it is.

use super::item::Fault;
use crate::model::Transition;

/// What serde_path_to_error says, as a fault.
pub fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = match error.path().to_string() {
        path if path == "." => String::new(),
        path => path,
    };
    reword(path, &error.inner().to_string())
}

/// One message of serde's, reworded.
pub fn reword(path: String, message: &str) -> Fault {
    let named = |what: &str| message.strip_prefix(what).and_then(quoted);
    if let Some((name, rest)) = named("unknown field ") {
        return unknown(path, name, &names(rest), "is no option here", true);
    }
    if let Some((name, rest)) = named("unknown variant ") {
        return unknown(path, name, &names(rest), "is not known here", false);
    }
    if let Some((name, _)) = named("missing field ") {
        let help = Some(format!("add `{name}:` here"));
        return Fault::new(path, format!("`{name}` is missing"), help);
    }
    if let Some((unexpected, expected)) = wrong_type(message) {
        let message = format!("this is {}, but {} is expected", kind(unexpected), wanted(expected));
        return Fault::new(path, message, None);
    }
    if message.starts_with("data did not match any variant") {
        return Fault::new(path, "this is not of the shape that is expected here", None);
    }
    Fault::new(path, message, None)
}

/// What serde calls a type, in plain words.
pub fn kind(unexpected: &str) -> String {
    let words = [
        ("null", "nothing"),
        ("unit", "nothing"),
        ("Option value", "nothing"),
        ("sequence", "a list"),
        ("map", "a map"),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", ""),
        ("string ", "the text "),
    ];
    for (theirs, ours) in words {
        if let Some(rest) = unexpected.strip_prefix(theirs) {
            return format!("{ours}{rest}");
        }
    }
    unexpected.to_owned()
}

/// What serde calls what it wants, in plain words.
fn wanted(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "str" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a map",
        "path string" => "a path",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a nonzero u16" | "a nonzero u32" | "a nonzero usize" => "a whole number from 1 on",
        other if other.starts_with("struct ") => "a map",
        other => other,
    }
}

/// The name that is meant, among those that are known.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    let scored = known
        .into_iter()
        .map(|other| (strsim::damerau_levenshtein(&lower, &other.to_lowercase()), other));
    let (distance, other) = scored.min_by_key(|(distance, _)| *distance)?;
    let near = distance <= name.chars().count().max(3) / 3
        || (lower.len() >= 3 && (other.starts_with(&lower) || lower.starts_with(other)));
    near.then_some(other)
}

/// The advice for a name that isn't known.
pub fn suggestion(name: &str, known: &[&str]) -> Option<String> {
    match nearest(name, known.iter().copied()) {
        Some(other) => Some(format!("did you mean `{other}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known are: {}", known.join(", "))),
    }
}

/// What a rule says beside its `when` and `send`.
const OF_A_RULE: [&str; 6] = ["once_per", "send_recovery", "throttle", "mute", "digest", "stop"];
/// What a rule's `when` asks for, as it is often written beside it.
const OF_A_WHEN: [&str; 6] = ["status", "group", "source", "labels", "transition", "unmatched"];
/// What an entry of a rule's `send` says.
const OF_AN_ENTRY: [&str; 3] = ["sink", "template", "with"];

/// Where an option of a rule belongs that stands elsewhere in it, from what is known there.
fn elsewhere(name: &str, known: &[&str]) -> Option<String> {
    let in_when = known.contains(&"unmatched");
    let in_entry = known == OF_AN_ENTRY;
    if (in_when || in_entry) && OF_A_RULE.contains(&name) {
        return Some(format!("`{name}` belongs to the rule itself, beside `when` and `send`"));
    }
    if in_when && Transition::parse(name).is_some() {
        return Some(format!("write it as `transition: {name}`"));
    }
    let in_rule = known.contains(&"once_per");
    if in_rule && OF_A_WHEN.contains(&name) {
        return Some(format!("`{name}` is a condition: it belongs below the rule's `when`"));
    }
    (in_rule && OF_AN_ENTRY.contains(&name)).then(|| {
        format!("`{name}` belongs to an entry of `send`: `send: [{{sink: a-sink, {name}: …}}]`")
    })
}

fn unknown(path: String, name: &str, known: &[&str], what: &str, at_key: bool) -> Fault {
    let message = format!("`{name}` {what}");
    // The path leads to the key itself where it is known, and to its map where it is not.
    let path = match at_key && path.rsplit('.').next() != Some(name) {
        true if path.is_empty() => name.to_owned(),
        true => format!("{path}.{name}"),
        false => path,
    };
    let help = elsewhere(name, known).or_else(|| suggestion(name, known));
    Fault { path, message, help, at_key }
}

/// The text between the first backticks, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('`')?.split_once('`')
}

/// All texts between backticks.
fn names(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn wrong_type(message: &str) -> Option<(&str, &str)> {
    let rest = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|prefix| message.strip_prefix(prefix))?;
    rest.rsplit_once(", expected ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::config::item::parse;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its reading is looked at")]
    struct Outer {
        colour: Option<Colour>,
        #[serde(default)]
        parts: BTreeMap<String, Vec<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its reading is looked at")]
    struct Inner {
        size: u16,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Green,
    }

    fn wrong(value: Value) -> (String, String, String, bool) {
        let Fault { path, message, help, at_key } = parse::<Outer>(value).expect_err("wrong");
        (path, message, help.unwrap_or_default(), at_key)
    }

    #[test]
    fn an_unknown_key_is_named_with_its_path_and_the_nearest_known_one() {
        let (path, message, help, at_key) = wrong(json!({"color": "red"}));
        assert_eq!((path.as_str(), at_key), ("color", true));
        assert_eq!(message, "`color` is no option here");
        assert_eq!(help, "did you mean `colour`?");
        let (path, _, help, _) = wrong(json!({"parts": {"a": [{"size": 1, "depth": 2}]}}));
        assert_eq!(path, "parts.a[0].depth");
        assert_eq!(help, "known are: size");
    }

    #[test]
    fn an_option_of_a_rule_that_stands_elsewhere_in_it_is_sent_home() {
        use crate::route::RuleConfig;
        let help = |rule: Value| parse::<RuleConfig>(rule).expect_err("wrong").help.unwrap();
        let digest = json!({"every": "1h"});
        let beside = "`digest` belongs to the rule itself, beside `when` and `send`";
        assert_eq!(help(json!({"name": "a", "when": {"digest": digest}, "send": "b"})), beside);
        let entry = json!([{"sink": "b", "digest": digest}]);
        assert_eq!(help(json!({"name": "a", "when": "always", "send": entry})), beside);
        let condition = json!({"name": "a", "when": {"recovered": true}, "send": "b"});
        assert_eq!(help(condition), "write it as `transition: recovered`");
        let beside = json!({"name": "a", "when": "always", "send": "b", "status": "FAILED"});
        assert!(help(beside).ends_with("it belongs below the rule's `when`"));
        let outside = json!({"name": "a", "when": "always", "send": "b", "template": "x"});
        assert!(help(outside).starts_with("`template` belongs to an entry of `send`"));
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let (path, message, help, _) = wrong(json!({"colour": "gren"}));
        assert_eq!((path.as_str(), message.as_str()), ("colour", "`gren` is not known here"));
        assert_eq!(help, "did you mean `green`?");
    }

    #[test]
    fn what_is_missing_or_of_another_type_is_said_in_plain_words() {
        let (path, message, ..) = wrong(json!({"parts": {"a": [{}]}}));
        assert_eq!((path.as_str(), message.as_str()), ("parts.a[0]", "`size` is missing"));
        let (path, message, ..) = wrong(json!({"parts": {"a": [{"size": "x"}]}}));
        assert_eq!(path, "parts.a[0].size");
        assert_eq!(message, "this is the text \"x\", but a whole number is expected");
        let (_, message, ..) = wrong(json!({"parts": {"a": {}}}));
        assert_eq!(message, "this is a map, but a list is expected");
        let (_, message, ..) = wrong(json!({"parts": {"a": [{"size": 70000}]}}));
        assert_eq!(message, "this is the number `70000`, but a whole number is expected");
    }
}
