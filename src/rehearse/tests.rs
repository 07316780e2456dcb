//! The runner, against whole configurations: what passes, and what is said of what doesn't.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::kind::{Pace, Surroundings};
use agnox_bridge_sinks::service::Compiled;
use agnox_bridge_sinks::template::{Names, Templates};
use jiff::tz::TimeZone;
use serde_json::json;

use super::*;
use crate::model::Status;
use crate::notice::Context;
use crate::route::{Ingredients, MissedConfig};

const SINKS: [&str; 3] = ["chat", "mail", "pager"];

/// A configuration with three sinks and these rules.
struct World {
    router: Router,
    rules: Vec<RuleConfig>,
    outlets: BTreeMap<String, Arc<Outlet>>,
    zone: TimeZone,
}

fn world(rules: &str) -> World {
    with_missed(rules, "[]")
}

fn with_missed(rules: &str, missed: &str) -> World {
    let rules: Vec<RuleConfig> = serde_yaml::from_str(rules).unwrap();
    let missed: Vec<MissedConfig> = serde_yaml::from_str(missed).unwrap();
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let templates = Templates::new(Names { labels: Vec::new() }, zone.clone());
    let compiled = Compiled::default();
    let client = Client::new(DialPolicy { private: true });
    let console = Catalog::built_in().kind("console").unwrap();
    let options =
        || json!({"template": "{{ group }} is {{ status }}: {{ default summary \"-\" }}"});
    let outlet = |name: &str| {
        let surroundings = Surroundings::new(name, &templates, &client, &compiled);
        let built = console.build(options(), &surroundings).ok().unwrap();
        let options = serde_json::from_value(json!({})).unwrap();
        Arc::new(Outlet {
            name: name.into(),
            kind: "console".into(),
            pace: Pace::UNKNOWN,
            sink: built.sink,
            options,
        })
    };
    let router = Router::compile(Ingredients {
        rules: &rules,
        groups: &[],
        failing: &[Status::Failed, Status::Error],
        sinks: &SINKS.map(|name| (name.to_owned(), console.clone())).into(),
        templates: &templates,
        context: Context { zone: zone.clone(), dashboard: String::new(), labels: Vec::new() },
        windows: &BTreeMap::new(),
        missed: &missed,
        sources: &["main".to_owned()],
    });
    let router = router.map_err(|problems| format!("{problems:#?}")).unwrap();
    let outlets = SINKS.map(|name| (name.to_owned(), outlet(name))).into();
    World { router, rules, outlets, zone }
}

impl World {
    fn run(&self, case: &str) -> CaseResult {
        let mut config: CaseConfig = serde_yaml::from_str(case).unwrap();
        config.name = "a case".into();
        let known = Known {
            sinks: &SINKS.into(),
            rules: None::<&BTreeSet<&str>>,
            sources: &["main".to_owned()],
            zone: &self.zone,
        };
        let cases = Case::compile_all(&[config], &known);
        let case = cases.map_err(|problems| format!("{problems:#?}")).unwrap().remove(0);
        run(&case, &Stage { router: &self.router, rules: &self.rules, outlets: &self.outlets })
    }

    fn passes(&self, case: &str) {
        let result = self.run(case);
        assert!(result.passed, "{case}\n{:#?}", result.failures);
    }

    /// The one failure of a case that must fail.
    fn failure(&self, case: &str) -> Failure {
        let mut result = self.run(case);
        assert_eq!(result.failures.len(), 1, "{case}\n{:#?}", result.failures);
        result.failures.remove(0)
    }
}

const RED: &str = "[{name: red, when: {status: [FAILED, ERROR]}, send: [chat, mail]}, \
                    {name: prod, when: {group: prod-*}, send: {sink: pager, with: {to: ops}}}]";

#[test]
fn what_is_sent_and_what_is_not_is_compared() {
    let world = world(RED);
    for case in [
        "{name: '', event: {status: FAILED, group: x}, expect: {send: [chat, mail], not_send: pager}}",
        "{name: '', event: {group: x}, expect: {send: chat}}",
        "{name: '', event: {status: passed, group: x}, expect: {send: []}}",
        "{name: '', event: {group: x, summary: 3 of 12}, expect: {send: {sink: chat, text: [3 of 12, x is], not_text: PASSED, rule: red, times: 1}}}",
        "{name: '', event: {group: prod-1}, expect: {send: [chat, mail, {sink: pager, with: {to: ops}}], only: true}}",
        "{name: '', event: {body: {groupName: prod-2}}, expect: {send: pager}}",
    ] {
        world.passes(case);
    }
}

#[test]
fn a_sink_that_is_not_told_is_named_with_the_condition_that_did_not_hold() {
    let case = "{name: '', event: {group: x}, expect: {send: [chat, pager]}}";
    let failure = world(RED).failure(case);
    assert_eq!(failure.expected, "a message to `pager`");
    assert_eq!(failure.at, "Mon 2026-03-02 09:00");
    assert_eq!(failure.sent, ["chat (rule \"red\")", "mail (rule \"red\")"]);
    assert_eq!(failure.why, ["rule \"prod\" did not match: group is `x`, wanted `prod-*`"]);
}

#[test]
fn a_message_too_many_is_shown_with_what_it_says() {
    let world = world(RED);
    let nothing = world.failure("{name: '', event: {group: x}, expect: {send: []}}");
    assert_eq!(nothing.expected, "nothing is sent");
    let all = ["chat (rule \"red\") was told:", "  | x is FAILED: -"].map(str::to_owned).to_vec();
    assert_eq!(nothing.found[..2], all);
    let only = world.failure("{name: '', event: {group: x}, expect: {send: mail, only: true}}");
    assert_eq!((only.expected, only.found), ("nothing else is sent".to_owned(), all.clone()));
    let not = world.failure("{name: '', event: {group: x}, expect: {not_send: chat}}");
    assert_eq!((not.expected, not.found), ("no message to `chat`".to_owned(), all));
    let twice = "{name: '', event: {group: x}, expect: {send: {sink: chat, times: 2}}}";
    assert_eq!(world.failure(twice).found, ["1 message sent"]);
}

#[test]
fn a_text_that_is_missing_is_shown_beside_the_message() {
    let world = world(RED);
    let text = "{name: '', event: {group: x}, expect: {send: {sink: chat, text: 3 of 12}}}";
    let failure = world.failure(text);
    assert_eq!(failure.expected, "a message to `chat`, with the text \"3 of 12\"");
    assert_eq!(failure.found[0], "nowhere in it: \"3 of 12\"");
    assert!(failure.found.contains(&"  | x is FAILED: -".to_owned()), "{failure:#?}");
    let not = "{name: '', event: {group: x}, expect: {send: {sink: chat, not_text: FAIL}}}";
    assert_eq!(world.failure(not).found[0], "in it: \"FAIL\", in the line \"x is FAILED: -\"");
}

#[test]
fn an_incident_is_told_once_and_its_recovery_to_whoever_was_told() {
    let world = world(
        "[{name: red, when: {status: FAILED}, send: chat, once_per: incident, send_recovery: true}]",
    );
    world.passes(
        "{name: '', steps: [{event: {group: x}, expect: {send: chat}}, \
         {at: +1d, event: {group: x}, expect: {send: []}}, \
         {at: +1d, event: {group: x, status: PASSED}, expect: {send: {sink: chat, text: PASSED}}}, \
         {at: +1d, event: {group: x, status: PASSED}, expect: {send: []}}], \
         expect: {send: {sink: chat, times: 2}}}",
    );
    let failure = world.failure(
        "{name: '', steps: [{event: {group: x}}, {at: +1d, event: {group: x}, expect: {send: chat}}]}",
    );
    assert_eq!((failure.step, failure.at.as_str()), (Some(2), "Tue 2026-03-03 09:00"));
    let why = "rule \"red\" held it back: the rule told of this incident already";
    assert_eq!(failure.why, [why]);
}

#[test]
fn a_late_run_is_made_by_saying_when_it_finished() {
    let world = world("[{name: late, when: {late: true}, send: chat}]");
    world.passes(
        "{name: '', steps: [{event: {group: x}, expect: {send: []}}, \
         {at: +1m, event: {group: x, finished: -1h}, expect: {send: chat}}]}",
    );
}

#[test]
fn what_is_for_a_sink_that_is_down_waits_and_goes_out_with_its_recovery_as_one_message() {
    let world =
        world("[{name: red, when: {status: FAILED}, send: [chat, mail], send_recovery: true}]");
    world.passes(
        "{name: '', steps: [{down: chat, event: {group: x}, expect: {send: mail, not_send: chat}}, \
         {at: +1h, event: {group: x, status: PASSED}, expect: {send: mail, not_send: chat}}, \
         {at: +1h, up: chat, expect: {send: {sink: chat, text: PASSED, times: 1}, only: true}}]}",
    );
    let waits = "{name: '', steps: [{down: chat, event: {group: x}, expect: {send: chat}}]}";
    assert_eq!(world.failure(waits).why, ["a message waits: the sink is down"]);
}

#[test]
fn time_alone_lets_runs_be_missed_and_digests_go_out() {
    let missed = "[{group: nightly, cron: '0 2 * * *', grace: 45m}]";
    let world = with_missed("[{name: red, when: {status: MISSING}, send: chat}]", missed);
    world.passes(
        "{name: '', start: '2026-03-02 12:00', steps: [{at: '2026-03-03 02:44', expect: {send: []}}, \
         {at: +1m, expect: {send: {sink: chat, text: nightly is MISSING, times: 1}}}]}",
    );
    let digest = "[{name: report, when: {group: nightly}, send: mail, digest: {every: 1h}}]";
    let world = with_missed(digest, "[]");
    world.passes(
        "{name: '', steps: [{event: {group: nightly}, expect: {send: []}}, \
         {at: +59m, expect: {send: []}}, {at: +1m, expect: {send: {sink: mail, times: 1}}}, \
         {at: +1d, expect: {send: []}}]}",
    );
    let early = "{name: '', steps: [{event: {group: nightly}, expect: {send: mail}}]}";
    let why = "rule \"report\" held it back: it is collected for the rule's digest";
    assert_eq!(world.failure(early).why, [why]);
}

#[test]
fn a_case_begins_with_the_first_time_that_it_says() {
    let world = world(RED);
    for (case, at) in [
        (
            "{name: '', steps: [{at: '2026-01-01 07:00', expect: {send: chat}}]}",
            "Thu 2026-01-01 07:00",
        ),
        (
            "{name: '', start: '2026-01-01 06:00', steps: [{at: +1h, expect: {send: chat}}]}",
            "Thu 2026-01-01 07:00",
        ),
        ("{name: '', steps: [{at: +1h, expect: {send: chat}}]}", "Mon 2026-03-02 10:00"),
    ] {
        let failure = world.failure(case);
        assert_eq!(failure.at, at);
        assert_eq!(failure.why, ["no event arrived, and no timer made one"]);
    }
}

#[test]
fn a_case_ends_alike_each_time() {
    let world = world(RED);
    let case = "{name: '', event: {group: prod-1}, expect: {send: []}}";
    assert_eq!(world.run(case), world.run(case));
}
