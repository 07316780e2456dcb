//! How the rules answer: fixtures, and one file for each question.

mod explaining;
mod history;
mod holding;
mod meaning;
mod missing;
mod missing_later;
mod model;
mod naive;
mod owed;
mod problems;
mod quiet;
mod recoveries;
mod silences;
mod story;
mod telling;
mod unclosed;
mod warnings;

use std::sync::Arc;

use agnox_bridge_sinks::kind::{BuildError, Native, Pace, Parameters};
use agnox_bridge_sinks::service::Service;
use agnox_bridge_sinks::template::{Escape, Names};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use self::story::Story;
use super::*;
use crate::model::{EventSeq, Reading, Silence};

const CHAT: Native = Native {
    name: "chat",
    about: "takes words and a channel",
    parameters: Parameters::Named(&[("channel", "where to"), ("thread", "below what")]),
    words: Some(Escape::Slack),
    pace: Pace::UNKNOWN,
    example: "",
    schema: |_| schemars::json_schema!({}),
    digest: true,
    build: |_, _| Err(BuildError { path: String::new(), message: "a fixture".into(), hint: None }),
};

static CHAT_KIND: Native = CHAT;
static WIRE_KIND: Native =
    Native { name: "wire", parameters: Parameters::Any, words: None, digest: false, ..CHAT };

/// A service that holds a thing open for each incident.
fn tracker() -> Arc<Service> {
    let form = json!({
        "name": "tracker", "title": "Tracker", "about": "Opens an issue.", "checked": "no",
        "docs": "https://tracker.example",
        "parameters": {"url": {"type": "url", "required": true, "about": "Where.",
            "example": "https://tracker.example"}},
        "send": {"url": "{{ options.url }}/say"},
        "open": {"url": "{{ options.url }}/open"},
        "resolve": {"url": "{{ options.url }}/close"},
    });
    Arc::new(Service::read(form).unwrap())
}

fn compile(rules: &str, groups: &str) -> Result<Router, Vec<Problem>> {
    let rules: Vec<RuleConfig> = serde_yaml::from_str(rules).unwrap();
    let groups: Vec<GroupConfig> = serde_yaml::from_str(groups).unwrap();
    let labels: BTreeSet<String> = groups.iter().flat_map(|g| g.labels.keys().cloned()).collect();
    let labels: Vec<String> = labels.into_iter().collect();
    let sinks = [("chat", &CHAT_KIND), ("mail", &CHAT_KIND), ("mirror", &WIRE_KIND)];
    let sinks = sinks.map(|(name, kind)| (name.to_owned(), Kind::Native(kind)));
    let tracker = [("tracker".to_owned(), Kind::Service(tracker()))];
    Router::compile(Ingredients {
        rules: &rules,
        groups: &groups,
        failing: &[Status::Failed, Status::Error],
        sinks: &sinks.into_iter().chain(tracker).collect(),
        templates: &Templates::new(Names { labels: labels.clone() }, TimeZone::UTC),
        context: Context { zone: TimeZone::UTC, dashboard: "https://agnox.dev".into(), labels },
        windows: &windows(),
        missed: &[],
        sources: &["main".to_owned()],
    })
}

fn windows() -> BTreeMap<String, Window> {
    let windows: BTreeMap<String, crate::schedule::WindowConfig> =
        serde_yaml::from_str("{nights: {times: '22:00-07:00'}, dawn: {times: '06:00-08:00'}}")
            .unwrap();
    let compiled = windows
        .into_iter()
        .map(|(name, window)| (name, Window::compile(&window, &TimeZone::UTC).unwrap()));
    compiled.collect()
}

fn router(rules: &str, groups: &str) -> Router {
    compile(rules, groups).map_err(|problems| format!("{problems:#?}")).unwrap()
}

/// A router with one rule, named `r`, that tells `chat`.
fn rule(when: &str) -> Router {
    router(&format!("[{{name: r, when: {when}, send: chat}}]"), "[]")
}

fn event(body: &Value) -> Event {
    raw_event(body.to_string().as_bytes())
}

fn raw_event(body: &[u8]) -> Event {
    Event {
        seq: EventSeq(7),
        id: Uuid::nil(),
        source: "main".into(),
        received_at: "2026-03-14T12:00:01Z".parse().unwrap(),
        reading: Reading::of(body),
        body: body.into(),
        replay_of: None,
    }
}

fn run(status: &str, group: &str) -> Event {
    event(&json!({"status": status, "groupName": group}))
}

/// The names of all rules that a decision tells of, in order.
fn rules_of(decision: &Decision) -> Vec<&str> {
    let named = decision.planned.iter().flat_map(|planned| &planned.brief.rules);
    named.map(String::as_str).collect()
}

fn fires(router: &Router, event: &Event) -> bool {
    !router.decide(event, &mut State::default()).planned.is_empty()
}
