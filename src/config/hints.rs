//! Advice for values that are YAML but not what was meant: a comment where a text was, `no` where
//! `false` was, a dash too many.

use super::diagnostic::Diagnostic;
use super::files::{Files, Place};
use super::item::Fault;
use super::traps;
use super::tree::{Content, Node};

/// What to do about a fault, from what stands at its place, which has this path.
pub fn help(
    files: &Files,
    node: &Node,
    key: Option<Place>,
    path: &str,
    fault: &Fault,
) -> Option<String> {
    let message = fault.message.as_str();
    let wants = |what: &[&str]| what.iter().any(|what| message.contains(what));
    let written = files.slice(node.place);
    match &node.content {
        Content::Null => nothing(files, key),
        Content::Text(text) if message.contains("true or false is expected") => truth(text),
        Content::Text(text) if node.quoted && wants(&["a number", "a whole number"]) => {
            text.parse::<f64>().is_ok().then(|| format!("write it without quotes: {text}"))
        }
        Content::Text(text) if wants(&["a list is expected"]) => {
            Some(format!("write it as a list: [{text}]"))
        }
        Content::Text(_) | Content::Number(_) | Content::Bool(_)
            if wants(&["a map is expected"]) =>
        {
            shape(path).map(|shape| format!("write it as a map: {shape}"))
        }
        Content::Number(_) if wants(&["a length of time"]) => {
            Some(format!("write it with its unit: {written}s, {written}m or {written}h"))
        }
        Content::Number(_) if wants(&["a number of bytes"]) => {
            Some(format!("write it with its unit: {written}B, {written}KiB or {written}MiB"))
        }
        Content::Number(_) if wants(&["so many in a time"]) => {
            Some(format!("write it with its time: {written}/s, {written}/m or {written}/10s"))
        }
        Content::Bool(_) | Content::Number(_) if wants(&["a text", "is expected"]) => {
            wants(&["a text", "one or a list"]).then(|| format!("put it in quotes: \"{written}\""))
        }
        Content::List(_) if wants(&["a map is expected", "is a map"]) => {
            Some("write `name: value` here, without the dash before it".to_owned())
        }
        Content::Map(_) if wants(&["a list is expected"]) => {
            Some("begin each item of the list with a dash: `- `".to_owned())
        }
        _ => None,
    }
}

/// What is usually written where a map is expected.
fn shape(path: &str) -> Option<&'static str> {
    if path.starts_with("windows.") {
        return Some("{times: \"22:00-07:00\"}");
    }
    match path.rsplit('.').next()? {
        "throttle" => Some("{limit: 1, per: 1h}"),
        "mute" => Some("{during: a-window, then: defer}"),
        "digest" => Some("{cron: \"0 9 * * MON-FRI\"} or {every: 1h}"),
        "event" => Some("{status: FAILED, group: a-group}"),
        "expect" => Some("{send: [a-sink]}"),
        _ => None,
    }
}

/// An option with nothing after its colon.
pub fn empty(files: &Files, node: &Node, key: Option<Place>, path: &str) -> Diagnostic {
    let name = path.rsplit('.').next().unwrap_or(path);
    let help = nothing(files, key).unwrap_or_default();
    let place = key.unwrap_or(node.place);
    Diagnostic::error(files, place, format!("`{name}` has no value")).hint(help)
}

fn nothing(files: &Files, key: Option<Place>) -> Option<String> {
    let after = key.map(|key| files.after(key).trim_start_matches(['"', '\'', ':', ' ']));
    let comment = after.and_then(traps::comment_instead_of_value);
    comment.or_else(|| {
        Some(
            "write a value after the colon (`{}` for an empty map), or leave the line out"
                .to_owned(),
        )
    })
}

fn truth(text: &str) -> Option<String> {
    match text.to_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => Some("write `true`, without quotes".to_owned()),
        "no" | "off" | "n" | "false" => Some("write `false`, without quotes".to_owned()),
        _ => None,
    }
}
