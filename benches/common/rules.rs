//! Rules, events and groups as large organisations have them, for the benchmarks.

// Each benchmark uses some of it.
#![allow(dead_code)]

use std::collections::BTreeMap;

use agnox_bridge::model::{Event, EventSeq, Reading, Status};
use agnox_bridge::notice::Context;
use agnox_bridge::route::{GroupConfig, Ingredients, Router, RuleConfig};
use agnox_bridge_sinks::kind::{BuildError, Kind, Native, Pace, Parameters};
use agnox_bridge_sinks::template::{Escape, Names, Templates};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

static CHAT: Native = Native {
    name: "chat",
    about: "stands for any sink",
    parameters: Parameters::Any,
    words: Some(Escape::None),
    example: "",
    schema: |_| schemars::json_schema!({}),
    pace: Pace::UNKNOWN,
    digest: true,
    build: |_, _| {
        Err(BuildError { path: String::new(), message: "only a name".to_owned(), hint: None })
    },
};

/// Rules as large organisations have them: most name groups, some go by labels, a few by regular
/// expressions, durations or the summary, one in fifty looks at the status and the body alone.
fn rule(number: usize) -> Value {
    let team = number % 500;
    let when = match number % 50 {
        0..15 => json!({"status": ["FAILED", "ERROR"], "group": format!("suite-{number}")}),
        15..27 => json!({"status": "FAILED", "group": format!("team-{number}-*")}),
        27..33 => json!({"group": format!("*-stage-{number}")}),
        33..37 => json!({"group": format!(r"/(eu|us)-{number}-\d+/")}),
        37..43 => json!({"status": "ERROR", "labels": {"team": format!("team-{team}")}}),
        43..46 => json!({"group": format!("long-{number}-*"), "duration": "> 10m"}),
        46..48 => json!({"summary": format!("*flaky {number} *")}),
        48 => {
            json!({"any": [{"group": format!("a-{number}")}, {"group": format!("b-{number}-*")}]})
        }
        _ => json!({"status": "FAILED", "fields": {"stats.failed": "> 100"}}),
    };
    json!({"name": format!("rule {number}"), "when": when, "send": "chat"})
}

/// So many of these rules, compiled.
pub fn router(rules: usize) -> Router {
    router_of((0..rules).map(rule).collect())
}

/// Rules, compiled.
pub fn router_of(rules: Vec<Value>) -> Router {
    let rules: Vec<RuleConfig> =
        serde_json::from_value(rules.into()).expect("rules as a person writes them");
    let groups: Vec<Value> = (0..500)
        .map(|team| json!({"match": format!("team-{team}-*"), "labels": {"team": format!("team-{team}")}}))
        .collect();
    let groups: Vec<GroupConfig> =
        serde_json::from_value(groups.into()).expect("groups as a person writes them");
    let labels = vec!["team".to_owned()];
    let compiled = Router::compile(Ingredients {
        rules: &rules,
        groups: &groups,
        failing: &[Status::Failed, Status::Error],
        sinks: &BTreeMap::from([("chat".to_owned(), Kind::Native(&CHAT))]),
        templates: &Templates::new(Names { labels: labels.clone() }, TimeZone::UTC),
        context: Context { zone: TimeZone::UTC, dashboard: String::new(), labels },
        windows: &BTreeMap::new(),
        missed: &[],
        sources: &["main".to_owned()],
    });
    compiled.map_err(|problems| format!("{problems:?}")).expect("rules without a problem")
}

/// What Agnox posts.
pub fn body(group: &str) -> Vec<u8> {
    format!(
        r#"{{"event":"execution.finished","executionId":"exec_xyz789","taskId":"task_abc123","status":"FAILED","summary":"3 tests failed in My Test Suite","groupName":"{group}","startedAt":"2026-03-14T11:56:00.000Z","finishedAt":"2026-03-14T12:00:00.000Z"}}"#
    )
    .into_bytes()
}

/// A failing run of a group.
pub fn event(group: &str) -> Event {
    event_of("2026-03-14T12:00:01Z".parse().expect("a time"), body(group))
}

/// Groups with a history: each failed and recovered a few times, and twenty runs are remembered.
pub const GROUPS: usize = 10_000;

/// What a group of a team sends in a bad week.
const WEEK: [&str; 8] =
    ["PASSED", "FAILED", "FAILED", "ERROR", "PASSED", "PASSED", "FAILED", "PASSED"];

/// A thousand rules, and one that every failing run of these groups matches.
pub fn router_with_history() -> Router {
    let one = json!({
        "name": "red", "when": {"status": ["FAILED", "ERROR"], "group": "suite-*"},
        "send": "chat", "send_recovery": true,
    });
    router_of((0..1_000).map(rule).chain([one]).collect())
}

/// The runs of all groups, one after another, time and again.
pub struct Runs {
    events: Vec<Event>,
    number: usize,
}

impl Runs {
    /// The runs of a source.
    pub fn new(source: &str) -> Runs {
        let event_of = |number: usize| {
            let mut event = event(&format!("suite-{}", number % GROUPS));
            let group = number % GROUPS;
            event.source = source.into();
            event.reading.status =
                Some(Status::parse(WEEK[(number / GROUPS + group) % WEEK.len()]));
            event.id = Uuid::from_u128(number as u128);
            event
        };
        Runs { events: (0..GROUPS * WEEK.len()).map(event_of).collect(), number: 0 }
    }

    /// The next run: it finishes after all before it.
    pub fn next(&mut self) -> &Event {
        let place = self.number % self.events.len();
        let event = &mut self.events[place];
        event.received_at =
            Timestamp::from_second(1_800_000_000 + self.number as i64).expect("a time");
        event.reading.finished_at = Some(event.received_at);
        self.number += 1;
        event
    }
}

/// One of the runs of all groups, one after another, time and again: when it arrives, and its body.
pub fn run(number: usize) -> (Timestamp, Vec<u8>) {
    let finished = Timestamp::from_second(1_800_000_000 + number as i64).expect("a time");
    let started = finished - SignedDuration::from_secs(240);
    // Neighbours in time are none in the journal.
    let group = number * 7_919 % GROUPS;
    let status = WEEK[(number / GROUPS + group) % WEEK.len()];
    let body = format!(
        r#"{{"event":"execution.finished","executionId":"exec_{number}","taskId":"task_{group}","status":"{status}","summary":"3 tests failed in My Test Suite","groupName":"suite-{group}","startedAt":"{started:.3}","finishedAt":"{finished:.3}"}}"#
    );
    (finished, body.into_bytes())
}

/// The event of a body that arrived then.
pub fn event_of(received_at: Timestamp, body: Vec<u8>) -> Event {
    Event {
        seq: EventSeq(1),
        id: Uuid::nil(),
        source: "main".into(),
        received_at,
        reading: Reading::of(&body),
        body: body.into(),
        replay_of: None,
    }
}
