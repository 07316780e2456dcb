//! The scenarios under `examples/` with the real program, which is killed after every step.
//!
//! `agnox-bridge test` plays their cases in memory. Here each step starts the program anew at the
//! step's time (a clock in hand), posts the step's event, waits until all is decided and sent, and
//! kills it. What arrives at the sinks must be what the case expects all the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use agnox_bridge::config::{self, LoadOptions, Settings};
use agnox_bridge::model::units::Span;
use agnox_bridge::rehearse::{CaseConfig, EventConfig, ExpectConfig, SentConfig};
use agnox_bridge::route::OneOrMany;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::support::agnox::SECRET;
use crate::support::bridge::{Bridge, PROGRAM, Setup};
use crate::support::place::{OK, Place, Say};
use crate::support::programs::{faketime, skip};
use crate::support::{SOON, eventually};

/// The scenarios with cases of their own. The last one hangs on the bridge having been up all the
/// time, since a run that may have come while it was down is not called missing: it is only played
/// in memory, and by the conductor's tests.
const SCENARIOS: [&str; 7] =
    ["red-week", "flaky", "quiet-nights", "sink-down", "many-teams", "issues", "missing-nightly"];

macro_rules! with_a_kill_after_every_step {
    ($($test:ident: $scenario:literal),+ $(,)?) => {
        $(#[test]
        fn $test() {
            play($scenario);
        })+
    };
}

with_a_kill_after_every_step! {
    the_week_of_red_nights_survives_a_kill_after_every_step: "red-week",
    the_flaky_suite_survives_a_kill_after_every_step: "flaky",
    quiet_nights_survive_a_kill_after_every_step: "quiet-nights",
    the_sink_that_was_down_survives_a_kill_after_every_step: "sink-down",
    two_hundred_groups_survive_a_kill_after_every_step: "many-teams",
}

fn play(scenario: &str) {
    let Some(library) = faketime() else {
        skip("the scenarios by the clock", "libfaketime not installed (apt install libfaketime)");
        return;
    };
    let settings = settings(&example(scenario));
    assert!(!settings.tests.is_empty(), "{scenario} has cases");
    for case in &settings.tests {
        Stage::set(scenario, &settings, case, &library).play();
    }
}

#[test]
fn each_scenarios_own_tests_pass() {
    for scenario in SCENARIOS {
        let mut command = Command::new(PROGRAM);
        command.arg("test").args(["--config", "agnox-bridge.yaml"]).current_dir(example(scenario));
        let output = command.output().expect("the program starts");
        let (out, err) = (output.stdout, output.stderr);
        let told = format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
        assert!(output.status.success(), "{scenario}:\n{told}");
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn settings(example: &Path) -> Settings {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    let loaded = config::load(&example.join("agnox-bridge.yaml"), &options);
    loaded.unwrap_or_else(|report| panic!("{report}")).settings
}

/// One case with its sinks.
struct Stage<'a> {
    name: String,
    settings: &'a Settings,
    case: &'a CaseConfig,
    library: &'a str,
    setup: Option<Setup>,
    /// The place of each sink that speaks HTTP.
    places: BTreeMap<String, Place>,
    /// How many messages each place had after the step before.
    seen: BTreeMap<String, usize>,
    now: Timestamp,
    number: usize,
}

impl<'a> Stage<'a> {
    fn set(scenario: &str, settings: &'a Settings, case: &'a CaseConfig, library: &'a str) -> Self {
        let mut setup = Setup::new("", "");
        let (slack, chat) = (Place::open(), Place::open());
        setup.variables = [
            ("AGNOX_WEBHOOK_SECRET", SECRET.to_owned()),
            ("SLACK_WEBHOOK_URL", slack.url("/slack")),
            ("CHAT_WEBHOOK_URL", chat.url("/chat")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let text = std::fs::read_to_string(example(scenario).join("agnox-bridge.yaml"));
        let text = text.expect("it is there");
        let mut places = BTreeMap::new();
        for name in settings.sinks.keys() {
            let at = text.find(&format!("\n  {name}:\n")).expect("the sink is written so");
            let own = &text[at..text.len().min(at + 120)];
            if let Some(place) = [("SLACK_WEBHOOK_URL", &slack), ("CHAT_WEBHOOK_URL", &chat)]
                .into_iter()
                .filter_map(|(variable, place)| Some((own.find(variable)?, place)))
                .min_by_key(|(found, _)| *found)
            {
                places.insert(name.clone(), place.1.clone());
            }
        }
        let (public, admin) = (setup.public, setup.admin);
        let server = format!("server: {{listen: \"{public}\", admin: \"{admin}\"}}\n");
        setup.write("bridge.yaml", &(server + "journal: {url: \"sqlite:bridge.db\"}\n" + &text));
        let start = case.start.as_deref().unwrap_or("2026-03-02 09:00");
        Stage {
            name: format!("{scenario}: {}", case.name),
            settings,
            case,
            library,
            setup: Some(setup),
            seen: places.keys().map(|name| (name.clone(), 0)).collect(),
            places,
            now: on_the_clock(settings, start),
            number: 0,
        }
    }

    fn play(mut self) {
        for step in &self.case.steps {
            self.number += 1;
            if let Some(at) = &step.at {
                self.now = match at.strip_prefix('+') {
                    Some(span) => self.now + duration(span),
                    None => on_the_clock(self.settings, at),
                };
            }
            for (names, say) in [(&step.down, Say::Status(503, "", "later")), (&step.up, OK)] {
                for name in names.iter() {
                    self.places[name].say(say.clone());
                }
            }
            let down: Vec<String> = self.down_after(self.number);
            let bridge = self.start();
            if let Some(event) = &step.event {
                bridge.accept(&self.body(event));
            }
            self.settle(&bridge, &down);
            self.setup = Some(bridge.kill());
            self.compare(step.expect.as_ref());
        }
    }

    /// The sinks that are down after so many steps.
    fn down_after(&self, steps: usize) -> Vec<String> {
        let mut down: Vec<String> = Vec::new();
        for step in &self.case.steps[..steps] {
            down.extend(step.down.iter().map(ToString::to_string));
            down.retain(|name| !step.up.iter().any(|up| up == name));
        }
        down
    }

    fn start(&mut self) -> Bridge {
        let mut setup = self.setup.take().expect("the last step gave it back");
        // Each step begins a little later than the one before, also where both are at one time.
        let clock = self.now + SignedDuration::from_secs(self.number as i64);
        let clock = clock.strftime("@%Y-%m-%d %H:%M:%S").to_string();
        setup.under = ["env", "TZ=UTC", "FAKETIME_DONT_FAKE_MONOTONIC=1"].map(String::from).into();
        setup.under.push(format!("LD_PRELOAD={}", self.library));
        setup.under.push(format!("FAKETIME={clock}"));
        setup.start()
    }

    /// Waits until every event is decided and every message sent that can be.
    fn settle(&self, bridge: &Bridge, down: &[String]) {
        eventually(&format!("{}, step {} settles", self.name, self.number), SOON, || {
            let status: serde_json::Value =
                serde_json::from_str(&bridge.admin("/api/v1/status").body).ok()?;
            let decided = status["journal"]["undecided"] == 0;
            let waiting = bridge.cli_json(&["deliveries", "list", "--state", "waiting"]);
            let waits = waiting.as_array()?.iter().any(|delivery| {
                let sink = delivery["sink"].as_str().unwrap_or_default();
                self.places.contains_key(sink) && !down.iter().any(|name| name == sink)
            });
            (decided && !waits).then_some(())
        });
    }

    fn compare(&mut self, expect: Option<&ExpectConfig>) {
        let mut arrived: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (sink, place) in &self.places {
            let taken: Vec<_> = place.got().into_iter().filter(|got| got.taken).collect();
            let seen = self.seen.insert(sink.clone(), taken.len()).unwrap_or_default();
            let texts = taken[seen..].iter().map(|got| String::from_utf8_lossy(&got.body).into());
            arrived.insert(sink, texts.collect());
        }
        let Some(expect) = expect else { return };
        let place = format!("{}, step {}: {arrived:#?}", self.name, self.number);
        let here = |sent: &&SentConfig| arrived.contains_key(sent.sink.as_str());
        let count = |sent: &SentConfig| {
            arrived[sent.sink.as_str()].iter().filter(|text| says(text, sent)).count()
        };
        match items(expect.send.as_ref()) {
            Some([]) => assert!(arrived.values().all(Vec::is_empty), "nothing is sent: {place}"),
            Some(all) => all.iter().filter(here).for_each(|sent| {
                let wanted = sent.times.map_or(1.., |times| times as usize..);
                let most = sent.times.map_or(usize::MAX, |times| times as usize);
                let count = count(sent);
                assert!(wanted.contains(&count) && count <= most, "{sent:?}: {count}; {place}");
            }),
            None => {}
        }
        for sent in items(expect.not_send.as_ref()).unwrap_or_default().iter().filter(here) {
            assert_eq!(count(sent), 0, "{sent:?} is not sent: {place}");
        }
    }

    /// The body of a made-up run that finishes now.
    fn body(&self, event: &EventConfig) -> Vec<u8> {
        let now = self.now + SignedDuration::from_secs(self.number as i64);
        let finished = match event.finished.as_deref().map(|at| at.strip_prefix('-').ok_or(at)) {
            None => now,
            Some(Ok(ago)) => now - duration(ago),
            Some(Err(at)) => on_the_clock(self.settings, at),
        };
        let status = event.status.as_deref().unwrap_or("FAILED");
        serde_json::json!({
            "event": "execution.finished",
            "executionId": format!("exec_{}", self.number),
            "taskId": format!("task_{}", self.number),
            "status": status,
            "summary": event.summary.as_deref().unwrap_or("a run of the scenario"),
            "groupName": event.group,
            "startedAt": (finished - SignedDuration::from_mins(4)).to_string(),
            "finishedAt": finished.to_string(),
        })
        .to_string()
        .into_bytes()
    }
}

/// Whether a message is the one that is meant.
fn says(text: &str, sent: &SentConfig) -> bool {
    sent.text.iter().all(|part| text.contains(part))
        && !sent.not_text.iter().any(|part| text.contains(part))
        && sent.with.values().all(|value| text.contains(value.as_str()))
}

fn items<T>(list: Option<&OneOrMany<T>>) -> Option<&[T]> {
    list.map(|list| match list {
        OneOrMany::One(item) => std::slice::from_ref(item),
        OneOrMany::Many(items) => items,
    })
}

/// A time as the cases write it, on the clock of the configuration's zone.
fn on_the_clock(settings: &Settings, text: &str) -> Timestamp {
    let there: DateTime = text.parse().expect("a date and a time");
    let there = there.to_zoned(settings.timezone.clone()).expect("a time that there is");
    there.timestamp()
}

fn duration(text: &str) -> SignedDuration {
    SignedDuration::try_from(Span::parse(text).expect("a length of time").0).expect("it is short")
}
