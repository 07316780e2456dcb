//! Runs that should report: what is waited for, and when it is missed.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::model::memory::OWN_SOURCE;
use crate::model::{GroupKey, Memo};
use crate::route::missed::{self, Missed, Unjudged};

/// The watches, and what is remembered, with a clock in hand.
pub(super) struct Watched {
    pub(super) missed: Missed,
    pub(super) state: State,
    /// What every row holds, as a journal would keep it.
    pub(super) journal: BTreeMap<String, Memo>,
}

pub(super) fn compile_runs(yaml: &str, sources: &[&str]) -> (Missed, Vec<Problem>) {
    let configs: Vec<MissedConfig> = serde_yaml::from_str(yaml).unwrap();
    let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
    let mut found = Found::default();
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let missed = Missed::compile(&configs, &zone, &sources, &mut found);
    (missed, found.problems)
}

fn compiled(yaml: &str) -> Missed {
    let (missed, problems) = compile_runs(yaml, &["main"]);
    assert_eq!(problems, []);
    missed
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn key(group: &str) -> GroupKey {
    GroupKey { source: "main".into(), group: group.into() }
}

impl Watched {
    /// Starts for the first time; these groups have reported before.
    pub(super) fn start(yaml: &str, known: &[&str], now: &str) -> Watched {
        let state = State::default();
        let mut watched = Watched { missed: compiled(yaml), state, journal: BTreeMap::new() };
        watched.take_over(known, now);
        watched
    }

    pub(super) fn take_over(&mut self, known: &[&str], now: &str) -> Vec<Unjudged> {
        let known: Vec<GroupKey> = known.iter().map(|group| key(group)).collect();
        let unjudged = missed::take_over(&self.missed, &mut self.state, &known, at(now));
        self.commit();
        unjudged
    }

    pub(super) fn reload(&mut self, yaml: &str, known: &[&str], now: &str) {
        missed::alive(&mut self.state, at(now));
        self.missed = compiled(yaml);
        assert_eq!(self.take_over(known, now), []);
    }

    /// Was last known to run at a time, and starts again.
    pub(super) fn down(&mut self, since: &str, until: &str) -> Vec<Unjudged> {
        missed::alive(&mut self.state, at(since));
        self.commit();
        let rows = self.journal.values().cloned().collect();
        let (state, unreadable) = State::restore(rows);
        assert_eq!(unreadable, Vec::<String>::new());
        self.state = state;
        self.take_over(&[], until)
    }

    fn commit(&mut self) -> Vec<Value> {
        let patch = self.state.take_patch();
        for memo in patch.put {
            self.journal.insert(memo.name.clone(), memo);
        }
        for name in &patch.forget {
            self.journal.remove(name);
        }
        let body = |own: &crate::model::OwnEvent| -> Value {
            assert_eq!(own.source, "main");
            serde_json::from_slice(&own.body).unwrap()
        };
        patch.events.iter().map(body).collect()
    }

    /// What is missed until a time, minute by minute: when, and what is said.
    pub(super) fn until(&mut self, until: &str) -> Vec<Value> {
        let until = at(until);
        let mut said = Vec::new();
        while let Some((due, name)) = self.state.first_due(until) {
            missed::fire(&self.missed, &mut self.state, &name, due, due);
            said.extend(self.commit());
        }
        said
    }

    /// When runs were missed until a time.
    pub(super) fn missing(&mut self, until: &str) -> Vec<String> {
        let times = self.until(until);
        times.iter().map(|body| body["finishedAt"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) fn arrives(&mut self, group: &str, status: &str, when: &str) {
        let run = run_at(group, status, when);
        missed::arrived(&mut self.state, &self.missed, &run);
        self.commit();
    }
}

fn run_at(group: &str, status: &str, when: &str) -> Event {
    Event { received_at: at(when), ..run(status, group) }
}

pub(super) const NIGHTLY: &str = "[{group: nightly, cron: '0 2 * * *', grace: 45m}]";

#[test]
fn a_run_that_does_not_report_in_time_is_missing() {
    let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
    nightly.arrives("nightly", "FAILED", "2026-11-24T01:07:00Z");
    let said = nightly.until("2026-11-25T12:00Z");
    assert_eq!(
        said,
        [json!({
            "event": "execution.missing",
            "status": "MISSING",
            "groupName": "nightly",
            "summary": "No run since Wed 25 Nov 02:00 (expected by cron `0 2 * * *`, waited 45m); \
                        the last one was FAILED, Tue 24 Nov 02:07",
            "finishedAt": "2026-11-25T01:45:00Z",
            "expectedAt": "2026-11-25T01:00:00Z",
            "expectedBy": "cron `0 2 * * *`",
            "lastSeenAt": "2026-11-24T01:07:00Z",
        })]
    );
    let reading = Reading::of(said[0].to_string().as_bytes());
    assert_eq!(reading.status, Some(Status::Missing));
    assert_eq!(reading.finished_at, Some(at("2026-11-25T01:45:00Z")));
}

#[test]
fn a_group_that_is_named_is_missed_even_if_it_never_reported() {
    let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
    let said = nightly.until("2026-11-24T12:00Z");
    assert_eq!(said.len(), 1);
    let summary = said[0]["summary"].as_str().unwrap();
    assert!(summary.ends_with("; none was ever seen"), "{summary}");
    assert_eq!(said[0]["lastSeenAt"], Value::Null);
}

#[test]
fn it_is_missed_again_at_each_time_until_it_reports() {
    let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
    let nights = ["2026-11-24T01:45:00Z", "2026-11-25T01:45:00Z", "2026-11-26T01:45:00Z"];
    assert_eq!(nightly.missing("2026-11-26T12:00Z"), nights);
    nightly.arrives("nightly", "PASSED", "2026-11-26T13:00:00Z");
    assert_eq!(nightly.missing("2026-11-27T12:00Z"), ["2026-11-27T01:45:00Z"]);
}

#[test]
fn any_status_says_that_the_run_was_there() {
    for status in ["PASSED", "FAILED", "ERROR", "UNSTABLE", "WHATEVER", ""] {
        let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
        nightly.arrives("nightly", status, "2026-11-24T01:30:00Z");
        assert_eq!(nightly.missing("2026-11-25T01:44Z"), [""; 0], "{status}");
    }
}

#[test]
fn a_run_counts_from_its_time_on_or_a_minute_before() {
    for (when, missed) in [
        ("2026-11-24T00:58:59Z", 1),
        ("2026-11-24T00:59:00Z", 0),
        ("2026-11-24T01:00:00Z", 0),
        ("2026-11-24T01:44:59Z", 0),
    ] {
        let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
        nightly.arrives("nightly", "PASSED", when);
        assert_eq!(nightly.missing("2026-11-24T12:00Z").len(), missed, "{when}");
    }
}

#[test]
fn what_is_no_run_of_the_group_does_not_count() {
    let replayed = run_at("nightly", "PASSED", "2026-11-24T01:10Z");
    let others = [
        Event { replay_of: Some(EventSeq(1)), ..replayed.clone() },
        Event { source: OWN_SOURCE.into(), ..replayed.clone() },
        Event { source: "partner".into(), ..replayed },
        run_at("nightly", "MISSING", "2026-11-24T01:10Z"),
        run_at("nightly-2", "PASSED", "2026-11-24T01:10Z"),
    ];
    for other in others {
        let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
        missed::arrived(&mut nightly.state, &nightly.missed, &other);
        assert_eq!(nightly.missing("2026-11-24T12:00Z").len(), 1, "{other:?}");
    }
}

#[test]
fn one_run_stands_for_all_that_should_have_started_before_it() {
    let yaml = "[{group: smoke, cron: '*/10 * * * *', grace: 15m}]";
    let mut smoke = Watched::start(yaml, &[], "2026-11-24T11:55Z");
    assert_eq!(
        smoke.missing("2026-11-24T12:30Z"),
        ["2026-11-24T12:15:00Z", "2026-11-24T12:25:00Z"]
    );
    // 12:20 was waited for; 12:30 comes next.
    smoke.arrives("smoke", "PASSED", "2026-11-24T12:31:00Z");
    assert_eq!(smoke.missing("2026-11-24T12:54Z"), [""; 0]);
    assert_eq!(smoke.missing("2026-11-24T12:55Z"), ["2026-11-24T12:55:00Z"]);
}

#[test]
fn an_interval_counts_from_the_last_run() {
    let yaml = "[{group: smoke, every: 1h, grace: 10m}]";
    let mut smoke = Watched::start(yaml, &[], "2026-11-24T12:00Z");
    smoke.arrives("smoke", "PASSED", "2026-11-24T12:30:00Z");
    smoke.arrives("smoke", "FAILED", "2026-11-24T13:05:00Z");
    let said = smoke.until("2026-11-24T15:20Z");
    let times: Vec<_> = said.iter().map(|body| body["finishedAt"].as_str().unwrap()).collect();
    assert_eq!(times, ["2026-11-24T14:15:00Z", "2026-11-24T15:15:00Z"]);
    let summary = said[0]["summary"].as_str().unwrap();
    assert_eq!(summary, "No run since Tue 24 Nov 14:05 (FAILED; expected every 1h, waited 10m)");
    assert_ne!(said[0].to_string(), said[1].to_string());
    // An older one that comes late changes nothing.
    smoke.arrives("smoke", "PASSED", "2026-11-24T15:21:00Z");
    smoke.arrives("smoke", "PASSED", "2026-11-24T15:19:00Z");
    assert_eq!(smoke.missing("2026-11-24T17:00Z"), ["2026-11-24T16:31:00Z"]);
    let never = Watched::start(yaml, &[], "2026-11-24T12:00Z").until("2026-11-24T13:10Z");
    assert!(never[0]["summary"].as_str().unwrap().starts_with("No run yet"));
}

#[test]
fn on_nights_on_which_clocks_change_one_run_is_waited_for() {
    let yaml = "[{group: nightly, cron: '30 2 * * *', grace: 30m}]";
    // There is no 02:30 on this night; the clocks jump at 01:00 UTC.
    let mut spring = Watched::start(yaml, &[], "2026-03-28T12:00Z");
    assert_eq!(spring.missing("2026-03-29T12:00Z"), ["2026-03-29T01:30:00Z"]);
    let mut spring = Watched::start(yaml, &[], "2026-03-28T12:00Z");
    spring.arrives("nightly", "PASSED", "2026-03-29T01:05:00Z");
    assert_eq!(spring.missing("2026-03-30T00:59Z"), [""; 0]);
    // There are two; one is enough.
    let mut autumn = Watched::start(yaml, &[], "2026-10-24T12:00Z");
    assert_eq!(autumn.missing("2026-10-25T12:00Z"), ["2026-10-25T01:00:00Z"]);
    let mut autumn = Watched::start(yaml, &[], "2026-10-24T12:00Z");
    autumn.arrives("nightly", "PASSED", "2026-10-25T00:40:00Z");
    assert_eq!(autumn.missing("2026-10-26T01:59Z"), [""; 0]);
}

#[test]
fn a_pattern_stands_for_groups_that_have_reported() {
    let yaml = "[{group: 'nightly-*', cron: '0 2 * * *', grace: 45m}]";
    let mut nightly = Watched::start(yaml, &["nightly-eu", "smoke"], "2026-11-23T12:00Z");
    let groups = |said: Vec<Value>| -> Vec<String> {
        said.iter().map(|body| body["groupName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(groups(nightly.until("2026-11-24T12:00Z")), ["nightly-eu"]);
    nightly.arrives("nightly-us", "PASSED", "2026-11-24T12:30:00Z");
    nightly.arrives("smoke", "PASSED", "2026-11-24T12:30:00Z");
    assert_eq!(groups(nightly.until("2026-11-25T12:00Z")), ["nightly-eu", "nightly-us"]);
    // New, and right before the time: the run that was to start then.
    nightly.arrives("nightly-asia", "PASSED", "2026-11-26T00:59:30Z");
    assert_eq!(groups(nightly.until("2026-11-26T12:00Z")), ["nightly-eu", "nightly-us"]);
}

#[test]
fn names_that_nobody_would_write_are_watched_like_others() {
    let yaml = "[{group: '*', cron: '0 2 * * *', grace: 45m}]";
    let mut watched = Watched::start(yaml, &[], "2026-11-23T12:00Z");
    let long = "x".repeat(1 << 20);
    for group in ["", "a\u{1f}b", "a", "\u{1e}s", "\n\0", &long] {
        watched.arrives(group, "PASSED", "2026-11-23T13:00Z");
    }
    let said = watched.until("2026-11-24T12:00Z");
    let mut groups: Vec<_> = said.iter().map(|body| body["groupName"].as_str().unwrap()).collect();
    groups.sort_unstable();
    assert_eq!(groups, ["\n\0", "\u{1e}s", "__ungrouped__", "a", "a\u{1f}b"]);
}

#[test]
fn nothing_is_noted_where_nothing_is_watched() {
    let mut watched = Watched::start("[]", &["nightly"], "2026-11-23T12:00Z");
    watched.arrives("nightly", "PASSED", "2026-11-24T01:30:00Z");
    assert!(watched.journal.is_empty());
    assert!(!watched.missed.watches_patterns());
}

#[test]
fn a_name_that_several_sources_could_have_needs_its_source() {
    let (_, problems) = compile_runs(NIGHTLY, &["main", "partner"]);
    assert_eq!(problems[0].path, "missed_runs[0].group");
    assert_eq!(problems[0].hint.as_deref(), Some("add `source:`, one of main, partner"));
    let (_, problems) = compile_runs("[{group: 'n-*', every: 1h}]", &["main", "partner"]);
    assert_eq!(problems, []);
    let named = "[{group: nightly, source: partner, cron: '0 2 * * *'}]";
    let (missed, problems) = compile_runs(named, &["main", "partner"]);
    assert_eq!(problems, []);
    assert_eq!(missed.of("partner", "nightly").len(), 1);
    assert_eq!(missed.of("main", "nightly").len(), 0);
}

#[test]
fn what_is_wrong_with_an_entry_is_said_at_its_place() {
    for (yaml, path, says) in [
        ("{group: a, cron: '0 2 * *'}", ".cron", "it has 4 fields"),
        ("{group: a, every: 10s}", ".every", "a minute is the shortest"),
        ("{group: a}", "", "write `cron` or `every`"),
        ("{group: a, cron: '@daily', every: 1h}", "", "both `cron` and `every`"),
        ("{group: a, every: 1h, source: mian}", ".source", "`main`"),
        ("{group: [a, '[b'], every: 1h}", ".group[1]", "no `]`"),
        ("{group: [], every: 1h}", ".group", "names no group"),
        ("{group: [a, ''], every: 1h}", ".group[1]", "the name is empty"),
        ("{group: a, cron: '@daily', timezone: Berlin}", ".timezone", "no time zone"),
        ("{group: [a, a], every: 1h}", ".group", "twice"),
    ] {
        let (_, problems) = compile_runs(&format!("[{yaml}]"), &["main"]);
        let [problem] = &problems[..] else { panic!("{yaml}: {problems:#?}") };
        assert_eq!(problem.path, format!("missed_runs[0]{path}"), "{yaml}");
        let said = format!("{}; {}", problem.message, problem.hint.as_deref().unwrap_or_default());
        assert!(said.contains(says), "{yaml}: {said}");
    }
    let twice = "[{group: a, every: 1h}, {group: a, every: 2h}, {group: a, every: 1h, grace: 1m}]";
    let (_, problems) = compile_runs(twice, &["main"]);
    assert_eq!(problems.iter().map(|p| &*p.path).collect::<Vec<_>>(), ["missed_runs[2].group"]);
}

#[test]
fn a_long_list_of_names_is_one_watch_for_each() {
    let groups: Vec<String> = (0..2_000).map(|number| format!("g-{number}")).collect();
    let yaml = format!("[{{group: [{}], every: 1h}}]", groups.join(", "));
    let watched = Watched::start(&yaml, &[], "2026-11-24T12:00Z");
    assert_eq!(watched.missed.of("main", "g-1999").len(), 1);
    assert_eq!(watched.journal.len(), 2_000);
    let hour = SignedDuration::from_mins(75);
    assert_eq!(watched.state.next_due(), Some(at("2026-11-24T12:00Z") + hour));
}

#[test]
fn missed_runs_that_no_rule_tells_anybody_of_are_warned_of() {
    for (rules, warned) in [
        ("[{name: a, when: {status: [FAILED, ERROR]}, send: chat}]", true),
        ("[{name: a, when: {status: MISSING}, stop: true}]", true),
        ("[{name: a, when: {status: [FAILED, MISSING]}, send: chat}]", false),
        ("[{name: a, when: {transition: first_failure}, send: chat}]", false),
        ("[{name: a, when: {transition: recovered}, send: chat}]", true),
        ("[{name: a, when: {event: execution.missing}, send: chat}]", false),
        ("[{name: a, when: always, send: chat}]", false),
    ] {
        let mut router = router(rules, "[]");
        let of_missed =
            |router: &Router| router.warnings().iter().any(|warning| warning.path == "missed_runs");
        assert!(!of_missed(&router), "{rules}: nothing is waited for");
        router.missed = compiled("[{group: nightly, every: 1h}]");
        assert_eq!(of_missed(&router), warned, "{rules}");
    }
}
