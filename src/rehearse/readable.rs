//! A message's text as a person reads it: without the envelope that a service wants around it.

use agnox_bridge_sinks::message::{Message, Step};
use serde_json::Value;

/// Words of Slack's blocks that say what a text is for, and are never read.
const PLUMBING: [&str; 8] =
    ["mrkdwn", "plain_text", "section", "context", "header", "actions", "button", "divider"];

/// The text of all steps, a line for each text of a JSON body and for each argument.
pub(super) fn readable(message: &Message) -> String {
    let mut lines = Vec::new();
    for step in &message.steps {
        match step {
            Step::Print(text) => lines.push(text.clone()),
            Step::Mail(mail) => lines.push(format!("{}\n{}", mail.subject, mail.text)),
            Step::Http(request) => body(&request.body, &mut lines),
            Step::Run(run) => {
                lines.extend(run.arguments.iter().cloned());
                body(&run.input, &mut lines);
            }
            Step::Append(append) => body(append.line.as_bytes(), &mut lines),
        }
    }
    lines.join("\n")
}

fn body(bytes: &[u8], lines: &mut Vec<String>) {
    match serde_json::from_slice(bytes) {
        Ok(value) => leaves(&value, lines),
        Err(_) => lines.push(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// Whether a text holds another; what a service's markup wrote as `&amp;` is an `&` too.
pub(super) fn holds(text: &str, part: &str) -> bool {
    text.contains(part) || plain(text).contains(part)
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn leaves(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) if PLUMBING.contains(&text.as_str()) => {}
        Value::String(text) => lines.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, lines)),
        Value::Object(entries) => entries.values().for_each(|entry| leaves(entry, lines)),
        other => lines.push(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_a_body_are_read_and_its_plumbing_is_not() {
        let mut lines = Vec::new();
        let text = serde_json::json!({"blocks": [{"type": "section", "text": {
            "type": "mrkdwn", "text": "*a* &amp; b\nis \"red\"", "emoji": true}}], "count": 3});
        leaves(&text, &mut lines);
        let text = lines.join("\n");
        assert_eq!(text, "*a* &amp; b\nis \"red\"\n3");
        assert!(holds(&text, "a* & b") && holds(&text, "is \"red\"") && !holds(&text, "section"));
    }
}
