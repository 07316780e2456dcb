//! Every message of the catalogue, held against what the services' makers publish: types, schemas,
//! parsers. One process of Node and one of Python see them all.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use agnox_bridge_sinks::service::examples;
use serde_json::{Value, json};

use crate::corpus::hostile;
use crate::parts::{Part, own};
use crate::telling::service;
use crate::wrong::wrong;

/// A message, and what it is to be held against.
pub struct Checked {
    /// Where it comes from.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// The message.
    pub value: Value,
}

#[test]
fn every_message_is_what_official_types_and_schemas_allow() {
    let mut messages = every_message();
    let right = messages.len();
    messages.extend(wrong());
    let slack: Vec<Checked> = messages.iter().filter_map(of_slack).collect();
    if let Some(answers) = node(&messages) {
        let (good, bad) = answers.split_at(right);
        assert_all_taken(&messages, good);
        for (message, errors) in messages[right..].iter().zip(bad) {
            assert!(!errors.is_empty(), "nobody minds {}: {}", message.name, message.value);
        }
    }
    if let Some(answers) = python(&slack) {
        let right = slack.iter().filter(|message| !message.name.starts_with("wrong")).count();
        assert_all_taken(&slack, &answers[..right]);
    }
}

/// The services of which there is something to hold a message against.
const SERVICES: [&str; 8] =
    ["slack", "slack_bot", "discord", "mattermost", "teams", "google_chat", "github", "linear"];

/// Their examples, and the same with every hostile text.
fn every_message() -> Vec<Checked> {
    let mut found = Vec::new();
    for name in SERVICES {
        let service = service(name);
        for example in &service.form().examples {
            let requests = example.requests.iter();
            found.extend(requests.map(|one| {
                let told = format!("{name}, {}", example.name);
                checked(told, name, &one.method, &one.url, one.json.as_ref().unwrap())
            }));
        }
        for text in hostile() {
            for endured in examples::endure(&service, &text) {
                found.extend(endured.asked.iter().map(|one| {
                    let told = format!("{name}, {} with {text:.30?}", endured.example);
                    let body = serde_json::from_slice(&one.body).unwrap();
                    checked(told, name, &one.method, one.url.expose(), &body)
                }));
            }
        }
    }
    found
}

/// What a request is to be held against, by the service's name, method and address.
fn checked(told: String, service: &str, method: &str, url: &str, body: &Value) -> Checked {
    let path = url.split('?').next().unwrap_or_default();
    let query = body["query"].as_str().unwrap_or_default();
    let kind = match service {
        "slack" => "slack-webhook",
        "slack_bot" if path.ends_with("chat.update") => "slack-update",
        "slack_bot" => "slack-post",
        "discord" => "discord",
        "mattermost" => "mattermost",
        "teams" => "teams",
        "google_chat" => "google-chat",
        "github" if method == "PATCH" => "github-update",
        "github" if path.ends_with("/comments") => "github-comment",
        "github" => "github-create",
        "linear" if query.contains("issueCreate(") => "linear-create",
        "linear" if query.contains("issueUpdate(") => "linear-update",
        "linear" => "linear-comment",
        other => panic!("there is nothing to hold {other} against"),
    };
    let value = if service == "linear" { &body["variables"]["input"] } else { body };
    Checked { name: told, kind, value: value.clone() }
}

/// The same for the library that knows Slack's limits.
fn of_slack(message: &Checked) -> Option<Checked> {
    let (name, value) = (message.name.clone(), message.value.clone());
    message.kind.starts_with("slack").then_some(Checked { name, kind: "slack", value })
}

/// One line for each thing that is said, with the first message that it is said of.
fn assert_all_taken(messages: &[Checked], answers: &[Vec<String>]) {
    let mut said: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for (message, errors) in messages.iter().zip(answers) {
        for error in errors {
            said.entry((message.kind, error)).or_insert((0, &message.name)).0 += 1;
        }
    }
    let lines: Vec<String> = said
        .iter()
        .map(|((kind, error), (count, name))| format!("{kind}: {error} ({count}, as {name:.100})"))
        .collect();
    assert!(lines.is_empty(), "{} messages:\n{}", messages.len(), lines.join("\n"));
}

/// What Node's packages say of each message; nothing where they aren't there.
pub fn node(messages: &[Checked]) -> Option<Vec<Vec<String>>> {
    let packages = Part::Node.found()?;
    let mut command = Command::new("node");
    command.arg(own().join("checker/check.mjs")).arg(packages);
    Some(run(command, messages))
}

/// What Python's packages say of each message; nothing where they aren't there.
pub fn python(messages: &[Checked]) -> Option<Vec<Vec<String>>> {
    let packages = Part::Python.found()?;
    let mut command = Command::new(packages.join("bin/python"));
    command.arg(own().join("python/check.py"));
    Some(run(command, messages))
}

fn run(mut command: Command, messages: &[Checked]) -> Vec<Vec<String>> {
    let lines = messages.iter().enumerate().map(|(index, message)| {
        json!({"id": index, "kind": message.kind, "value": message.value}).to_string() + "\n"
    });
    let input: String = lines.collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages");
    write(&path, &input);
    command.stdin(std::fs::File::open(&path).unwrap()).stderr(Stdio::inherit());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", output.status);
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), messages.len(), "each message is answered");
    answers.iter().map(|one| serde_json::from_value(one["errors"].clone()).unwrap()).collect()
}

fn write(path: &Path, text: &str) {
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
