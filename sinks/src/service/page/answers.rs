//! What answers mean: where the service differs from the others, in words.

use serde_json::Value;

use super::Page;
use crate::service::form::{Answer, Form, Meaning};

/// The table, and what holds for all services.
pub(super) fn table(form: &Form, page: &mut Page) {
    page.heading("What its answers mean");
    let rows = rows(form);
    page.table(&["an answer with", "what the bridge does"], &rows);
    let others = if rows.is_empty() { "Any" } else { "Otherwise any" };
    page.paragraph(&format!(
        "{others} 2xx means delivered. After 408, 429 and 5xx the bridge waits and tries again. 401, 403, \
         404 and 410 suspend the sink: its messages are kept until somebody acts. After other codes \
         the message is listed as dead."
    ));
}

/// The entries of the file, then those of its steps, which say for which stages they hold.
fn rows(form: &Form) -> Vec<Vec<String>> {
    let mut rows: Vec<(String, String, Vec<&str>)> = Vec::new();
    for answer in &form.answers {
        rows.push((conditions(answer), meaning(answer), Vec::new()));
    }
    for (stage, steps) in form.stages() {
        for answer in steps.iter().flat_map(|step| step.answers.iter()) {
            let (conditions, meaning) = (conditions(answer), meaning(answer));
            let alike = rows.iter_mut().find(|(when, means, stages)| {
                *when == conditions && *means == meaning && !stages.is_empty()
            });
            match alike {
                Some((_, _, stages)) if stages.contains(&stage) => {}
                Some((_, _, stages)) => stages.push(stage),
                None => rows.push((conditions, meaning, vec![stage])),
            }
        }
    }
    let mut merged: Vec<Vec<String>> = Vec::new();
    for (when, means, stages) in rows {
        let when = format!("{when}{}", at(&stages));
        // Only neighbours: the first entry that fits counts.
        match merged.last_mut() {
            Some(last) if last[1] == means => last[0].push_str(&format!("\n{when}")),
            _ => merged.push(vec![when, means]),
        }
    }
    merged
}

/// At which stages an entry holds, if not at all of them.
fn at(stages: &[&str]) -> String {
    let named: Vec<String> = stages.iter().map(|stage| format!("`{stage}`")).collect();
    if named.is_empty() { String::new() } else { format!(" (to {})", named.join(", ")) }
}

fn conditions(entry: &Answer) -> String {
    let mut all = Vec::new();
    all.extend(entry.status.as_ref().map(status));
    all.extend(entry.json.iter().map(|(path, value)| stands(path, value)));
    all.extend(entry.text.iter().map(|text| format!("{} in its body", either(text, "“", "”"))));
    all.extend(entry.header.iter().map(|(name, value)| match value.as_str() {
        "*" => format!("a header `{name}`"),
        value => format!("the header `{name}: {value}`"),
    }));
    all.extend(entry.when.iter().map(|when| expression(when)));
    if all.is_empty() { "anything".to_owned() } else { all.join("; ") }
}

/// Under which condition over the message.
fn expression(when: &str) -> String {
    let word =
        |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    match when.split_once('.') {
        Some(("with", name)) if word(name) => format!("where a rule says `{name}`"),
        Some(("options", name)) if word(name) => format!("where `{name}` is set"),
        _ => format!("where `{when}`"),
    }
}

fn status(status: &Value) -> String {
    either(status, "", "")
}

fn stands(path: &str, value: &Value) -> String {
    match value {
        Value::String(any) if any == "*" => format!("`{path}` in its JSON"),
        value => format!("`{path}` is {}", either(value, "`", "`")),
    }
}

/// A value, or several of which one is meant, each in its quotes.
fn either(value: &Value, open: &str, close: &str) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<String> =
                values.iter().map(|value| either(value, open, close)).collect();
            super::listed(&values, "or")
        }
        Value::String(text) => format!("{open}{text}{close}"),
        value => format!("{open}{value}{close}"),
    }
}

fn meaning(entry: &Answer) -> String {
    let means = match entry.means {
        Meaning::Delivered => "counts it as delivered",
        Meaning::Unavailable => "waits and tries again",
        Meaning::Deferred => "keeps this message for later, while others pass",
        Meaning::Refused => "lists this message as dead",
        Meaning::Suspended => "suspends the sink",
        Meaning::Gone => "opens a new one at the next try",
    };
    let wait = entry.wait.as_ref().and_then(|wait| wait.json.as_ref().or(wait.header.as_ref()));
    let wait = wait.map(|place| format!(", for as long as `{place}` says")).unwrap_or_default();
    match &entry.say {
        Some(say) => format!("{means}{wait}: {}", say.trim_end_matches('.')),
        None => format!("{means}{wait}"),
    }
}
