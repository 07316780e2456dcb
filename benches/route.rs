//! What deciding costs an event: reading its body, and asking 10, 1,000 and 10,000 rules of mixed
//! kinds. An event's whole acknowledgement takes about 20 µs; this may cost a fraction of that.

use std::collections::BTreeMap;

use agnox_bridge::model::{Event, EventSeq, Reading, Status};
use agnox_bridge::notice::Context;
use agnox_bridge::route::{GroupConfig, Ingredients, Router, RuleConfig, State};
use agnox_bridge_sinks::kind::{BuildError, Kind, Parameters};
use agnox_bridge_sinks::template::{Escape, Names, Templates};
use divan::{Bencher, black_box};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

const SIZES: [usize; 3] = [10, 1_000, 10_000];

static CHAT: Kind = Kind {
    name: "chat",
    about: "stands for any sink",
    parameters: Parameters::Any,
    words: Some(Escape::None),
    example: "",
    schema: |_| schemars::json_schema!({}),
    default_rate: None,
    digest: true,
    build: |_, _| {
        Err(BuildError { path: String::new(), message: "only a name".to_owned(), hint: None })
    },
};

fn main() {
    divan::main();
}

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

fn router(rules: usize) -> Router {
    router_of((0..rules).map(rule).collect())
}

fn router_of(rules: Vec<Value>) -> Router {
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
        sinks: &BTreeMap::from([("chat".to_owned(), &CHAT)]),
        templates: &Templates::new(Names { labels: labels.clone() }, TimeZone::UTC),
        context: Context { zone: TimeZone::UTC, dashboard: String::new(), labels },
        windows: &BTreeMap::new(),
        missed: &[],
        sources: &["main".to_owned()],
    });
    compiled.map_err(|problems| format!("{problems:?}")).expect("rules without a problem")
}

fn body(group: &str) -> Vec<u8> {
    format!(
        r#"{{"event":"execution.finished","executionId":"exec_xyz789","taskId":"task_abc123","status":"FAILED","summary":"3 tests failed in My Test Suite","groupName":"{group}","startedAt":"2026-03-14T11:56:00.000Z","finishedAt":"2026-03-14T12:00:00.000Z"}}"#
    )
    .into_bytes()
}

fn event(group: &str) -> Event {
    let body = body(group);
    Event {
        seq: EventSeq(1),
        id: Uuid::nil(),
        source: "main".into(),
        received_at: "2026-03-14T12:00:01Z".parse().expect("a time"),
        reading: Reading::of(&body),
        body: body.into(),
        replay_of: None,
    }
}

#[divan::bench]
fn read_the_usual_body(bencher: Bencher<'_, '_>) {
    let body = body("checkout-eu");
    bencher.bench(|| Reading::of(black_box(&body)));
}

#[divan::bench(args = SIZES)]
fn decide_for_a_group_of_one_rule(bencher: Bencher<'_, '_>, rules: usize) {
    let (router, event) = (router(rules), event("suite-3"));
    assert_eq!(router.decide(&event, &mut State::default()).planned.len(), 1);
    bencher.bench(|| router.decide(black_box(&event), &mut State::default()));
}

#[divan::bench(args = SIZES)]
fn decide_where_nothing_matches(bencher: Bencher<'_, '_>, rules: usize) {
    let (router, event) = (router(rules), event("somebody-elses-group"));
    assert!(router.decide(&event, &mut State::default()).unmatched);
    bencher.bench(|| router.decide(black_box(&event), &mut State::default()));
}

/// Each event's group is one that was never seen before.
#[divan::bench(args = SIZES)]
fn decide_for_new_groups(bencher: Bencher<'_, '_>, rules: usize) {
    let router = router(rules);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            event(&format!("team-{}-nightly-{number}", number % 10_000))
        })
        .bench_local_refs(|event| router.decide(event, &mut State::default()));
}

/// Groups with a history: each failed and recovered a few times, and twenty runs are remembered.
const GROUPS: usize = 10_000;

/// What a group of a team sends in a bad week.
const WEEK: [&str; 8] =
    ["PASSED", "FAILED", "FAILED", "ERROR", "PASSED", "PASSED", "FAILED", "PASSED"];

/// A thousand rules, and one that every failing run of these groups matches.
fn router_with_history() -> Router {
    let one = json!({
        "name": "red", "when": {"status": ["FAILED", "ERROR"], "group": "suite-*"},
        "send": "chat", "send_recovery": true,
    });
    router_of((0..1_000).map(rule).chain([one]).collect())
}

/// The runs of all groups, one after another, time and again.
struct Runs {
    events: Vec<Event>,
    number: usize,
}

impl Runs {
    fn new(source: &str) -> Runs {
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
    fn next(&mut self) -> &Event {
        let place = self.number % self.events.len();
        let event = &mut self.events[place];
        event.received_at =
            Timestamp::from_second(1_800_000_000 + self.number as i64).expect("a time");
        event.reading.finished_at = Some(event.received_at);
        self.number += 1;
        event
    }
}

/// As ever: what the rules say, against nothing. The bridge's own source has no history.
#[divan::bench]
fn decide_10_000_groups_without_history(bencher: Bencher<'_, '_>) {
    let router = router_with_history();
    let mut runs = Runs::new("(bridge)");
    let mut state = State::default();
    bencher.bench_local(|| router.decide(black_box(runs.next()), &mut state));
    assert_eq!(state.groups(), 0);
}

/// The same with all that is remembered of the groups.
#[divan::bench]
fn decide_10_000_groups_with_full_history(bencher: Bencher<'_, '_>) {
    let (router, mut runs, mut state) = with_full_history();
    bencher.bench_local(|| router.decide(black_box(runs.next()), &mut state));
    assert_eq!(state.groups(), GROUPS);
}

/// The same with the rows for the journal, a batch of 64 at a time.
#[divan::bench(items_count = 64_u32)]
fn decide_64_with_full_history_and_take_the_rows(bencher: Bencher<'_, '_>) {
    let (router, mut runs, mut state) = with_full_history();
    bencher.bench_local(|| {
        for _ in 0..64 {
            black_box(router.decide(runs.next(), &mut state));
        }
        state.take_patch()
    });
}

fn with_full_history() -> (Router, Runs, State) {
    let (router, mut runs, mut state) =
        (router_with_history(), Runs::new("main"), State::default());
    for _ in 0..20 * GROUPS {
        router.decide(runs.next(), &mut state);
    }
    state.take_patch();
    (router, runs, state)
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn compile(bencher: Bencher<'_, '_>, rules: usize) {
    bencher.bench(|| router(black_box(rules)));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn warn(bencher: Bencher<'_, '_>, rules: usize) {
    let router = router(rules);
    bencher.bench(|| router.warnings());
}
