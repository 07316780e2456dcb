//! What runs mean against their group's history.

use super::story::{held, minute, standing, told, transition};
use super::*;

const ALL: &str = "[{name: all, when: always, send: mirror}]";

#[test]
fn each_run_has_its_transition() {
    let mut story = Story::new(ALL);
    let runs = ["PASSED", "FAILED", "FAILED", "ERROR", "PASSED", "UNSTABLE", "ERROR"];
    let transitions: Vec<&str> =
        runs.iter().zip(0..).map(|(status, at)| transition(&story.run(status, at))).collect();
    let expected = [
        "still_passing",
        "first_failure",
        "still_failing",
        "kind_changed",
        "recovered",
        "still_passing",
        "first_failure",
    ];
    assert_eq!(transitions, expected);
}

#[test]
fn a_run_knows_how_long_and_how_often_its_group_failed() {
    let mut story = Story::new(ALL);
    story.run("PASSED", 0);
    let first = standing(&story.run("FAILED", 10)).clone();
    assert_eq!(
        (first.failures_in_a_row, first.passes_in_a_row, first.failing_for),
        (1, 0, Some(0))
    );
    assert_eq!(
        (first.failing_since, first.previous_status),
        (Some(minute(10)), Some("PASSED".into()))
    );
    let second = standing(&story.run("ERROR", 25)).clone();
    assert_eq!((second.failures_in_a_row, second.failing_for), (2, Some(900)));
    assert_eq!((second.incident, second.failing_since), (first.incident, Some(minute(10))));
    let third = standing(&story.run("PASSED", 40)).clone();
    assert_eq!((third.passes_in_a_row, third.recovered_after), (1, Some(1800)));
    assert_eq!((third.recovered_from, second.recovered_from), (2, 0));
    assert_eq!((third.failing_since, third.incident), (Some(minute(10)), first.incident));
    let fourth = standing(&story.run("PASSED", 50)).clone();
    assert_eq!((fourth.passes_in_a_row, fourth.incident, fourth.failing_since), (2, None, None));
}

#[test]
fn only_the_first_event_of_a_group_is_new_whatever_its_status() {
    let mut story = Story::new(ALL);
    let first = story.run("WEIRD", 0);
    assert_eq!((transition(&first), standing(&first).new_group), ("-", true));
    let second = story.run("FAILED", 1);
    assert_eq!((transition(&second), standing(&second).new_group), ("first_failure", false));
}

#[test]
fn an_incident_is_kept_with_its_first_and_last_event_and_its_end() {
    let mut story = Story::new(ALL);
    story.run("FAILED", 1);
    story.run("WEIRD", 2);
    story.run("ERROR", 3);
    assert!(story.ended.is_empty());
    assert_eq!(story.memory("g").incident.as_ref().unwrap().count, 2);
    story.run("PASSED", 4);
    let incident = story.ended.pop().unwrap();
    assert_eq!((incident.id, incident.last_event), (Uuid::from_u128(1), Uuid::from_u128(3)));
    assert_eq!((incident.opened_at, incident.last_at), (minute(1), minute(3)));
    assert_eq!((incident.status.as_str(), incident.count), ("ERROR", 2));
    let ended = incident.ended.unwrap();
    assert_eq!((ended.at, ended.event), (minute(4), Uuid::from_u128(4)));
    assert_eq!(story.memory("g").incident, None);
}

#[test]
fn a_late_older_run_never_fakes_a_recovery_or_a_failure() {
    let mut story = Story::new(ALL);
    story.run("FAILED", 10);
    let before = story.memory("g").clone();
    let late = story.late_run("PASSED", 9, 12);
    assert_eq!((transition(&late), standing(&late).late), ("-", true));
    assert_eq!(standing(&late).failures_in_a_row + standing(&late).passes_in_a_row, 0);
    let after =
        crate::model::GroupMemory { last_seen: before.last_seen, ..story.memory("g").clone() };
    assert_eq!(after, before, "but for when it was seen last, nothing changed");
    assert_eq!(
        transition(&story.late_run("PASSED", 10, 13)),
        "recovered",
        "the same time isn't late"
    );
    assert_eq!(transition(&story.late_run("FAILED", 9, 14)), "-");
}

#[test]
fn a_late_run_is_told_only_by_rules_that_ask_for_it_or_for_everything() {
    let mut story = Story::new(
        "[{name: failures, when: {status: FAILED}, send: chat}, \
          {name: late ones, when: {late: true, status: FAILED}, send: mail}, \
          {name: either, when: {any: [{late: false}, {status: FAILED}]}, send: [chat]}, \
          {name: all, when: always, send: mirror}]",
    );
    story.run("PASSED", 10);
    let late = story.late_run("FAILED", 9, 11);
    assert_eq!(told(&late), ["mail: late ones", "chat: either", "mirror: all"]);
    assert_eq!(held(&late), ["failures > chat: late"]);
    assert!(!late.unmatched);
}

#[test]
fn a_finish_in_the_future_counts_as_now_and_a_missing_one_as_the_arrival() {
    let mut story = Story::new(ALL);
    story.late_run("FAILED", 1000, 10);
    assert_eq!(story.memory("g").newest, Some(minute(10)));
    assert_eq!(transition(&story.run("PASSED", 11)), "recovered");
    let event = story.next(&json!({"status": "FAILED", "groupName": "g"}), 12);
    assert_eq!(transition(&story.decide(&event)), "first_failure");
    assert_eq!(story.memory("g").newest, Some(minute(12)));
}

#[test]
fn a_clock_that_was_wrong_once_makes_no_group_quiet() {
    let mut story = Story::new(ALL);
    story.run("PASSED", 100_000);
    assert_eq!(transition(&story.run("FAILED", 1)), "first_failure");
    assert_eq!(transition(&story.run("FAILED", 2)), "still_failing");
}

#[test]
fn groups_without_a_history_fail_each_time_for_the_first_time_and_never_recover() {
    let rules = "[{name: r, when: {transition: first_failure}, send: chat, \
                   once_per: incident, send_recovery: true}, \
                  {name: back, when: {transition: recovered}, send: mail}]";
    for (group, groups) in [
        ("__ungrouped__", "[]"),
        ("Smart-PR-Run", "[{match: '*', labels: {team: qa}}]"),
        ("pr-1", "[{match: pr-*, history: none}]"),
    ] {
        let mut story = Story::with_groups(rules, groups);
        for (status, at, expected) in
            [("FAILED", 5, true), ("FAILED", 7, true), ("PASSED", 8, false), ("ERROR", 6, true)]
        {
            let body = json!({"status": status, "groupName": group, "finishedAt": minute(at)});
            let event = story.next(&body, 10 + at);
            let decision = story.decide(&event);
            assert_eq!(!decision.planned.is_empty(), expected, "{group} {status}");
            assert!(!standing(&decision).late && decision.planned.iter().all(|p| p.duty.is_none()));
        }
        assert!(story.ended.is_empty() && story.memory(group).incident.is_none());
        assert_eq!(story.memory(group).newest, Some(minute(8)));
    }
}

#[test]
fn an_entry_can_give_an_ungrouped_run_a_history_and_the_last_one_wins() {
    let groups = "[{match: '*', history: none}, {match: [g, __ungrouped__], history: kept}]";
    let mut story = Story::with_groups(ALL, groups);
    story.run("FAILED", 1);
    assert_eq!(transition(&story.run("FAILED", 2)), "still_failing");
    for (at, expected) in [(1, "first_failure"), (2, "still_failing")] {
        let event = story.next(&json!({"status": "FAILED"}), at);
        assert_eq!(transition(&story.decide(&event)), expected);
    }
}

#[test]
fn an_incident_of_a_group_that_lost_its_history_goes_on_to_its_end() {
    let rules = "[{name: r, when: {status: FAILED}, send: chat, send_recovery: true}]";
    let mut story = Story::new(rules);
    story.run("FAILED", 1);
    story.router = router(rules, "[{match: g, history: none}]");
    assert_eq!(transition(&story.run("FAILED", 2)), "still_failing");
    assert_eq!(told(&story.run("PASSED", 3)), ["chat: r"]);
    assert_eq!(story.ended.len(), 1);
    for minute in [4, 5] {
        assert_eq!(transition(&story.run("FAILED", minute)), "first_failure");
    }
    assert_eq!(told(&story.run("PASSED", 6)), [""; 0]);
    assert_eq!(story.ended.len(), 1);
}

#[test]
fn a_run_that_is_missing_fails_whatever_counts_as_failing_and_recovers_when_it_arrives() {
    let mut story = Story::with_groups(ALL, "[{match: '*', failing: [ERROR]}]");
    story.run("PASSED", 0);
    assert_eq!(transition(&story.run("MISSING", 60)), "first_failure");
    assert_eq!(transition(&story.run("MISSING", 120)), "still_failing");
    let arrived = story.late_run("PASSED", 119, 121);
    assert_eq!((transition(&arrived), standing(&arrived).late), ("recovered", false));
}

#[test]
fn a_replay_changes_no_history_and_stands_as_it_did_while_it_is_the_newest() {
    let mut story = Story::new(
        "[{name: r, when: {transition: first_failure}, send: chat}, \
                                 {name: f, when: {status: FAILED}, send: mail}]",
    );
    story.run("PASSED", 0);
    let body = json!({"status": "FAILED", "groupName": "g", "finishedAt": minute(5)});
    let first = story.next(&body, 5);
    story.decide(&first);
    let before = story.memory("g").clone();
    let replay = Event { replay_of: Some(first.seq), ..story.next(&body, 9) };
    let again = story.decide(&replay);
    assert_eq!(told(&again), ["chat: r", "mail: f"]);
    assert_eq!(standing(&again).failures_in_a_row, 1);
    story.run("FAILED", 10);
    let later = Event { replay_of: Some(first.seq), ..story.next(&body, 11) };
    let later = story.decide(&later);
    assert_eq!((told(&later), standing(&later)), (vec!["mail: f".into()], &Standing::default()));
    assert_eq!((before.newest, before.in_a_row), (Some(minute(5)), 1));
    assert_eq!(story.memory("g").in_a_row, 2);
}

#[test]
fn the_newest_runs_are_remembered_as_a_strip_and_no_more() {
    let mut story = Story::new(ALL);
    for at in 0..30 {
        let body = json!({"status": if at % 2 == 0 { "FAILED" } else { "PASSED" }, "groupName": "g",
            "startedAt": minute(at - 1), "finishedAt": minute(at)});
        let event = story.next(&body, at);
        story.decide(&event);
    }
    let runs = &story.memory("g").runs;
    assert_eq!((runs.len(), runs[0].finished_at), (20, minute(10)));
    let newest = runs.back().unwrap();
    assert_eq!(
        (newest.status.as_str(), newest.failing, newest.seconds),
        ("PASSED", false, Some(60))
    );
    assert!(story.row("g").value.len() < 2000, "a group's row stays small");
}

#[test]
fn groups_are_told_apart_by_their_source_and_by_any_name() {
    let mut story = Story::new(ALL);
    let huge = "x".repeat(1 << 20);
    let names = ["", "a\u{1f}b", "a\u{1e}sb", "\u{0}", &huge];
    for round in 0..2 {
        for name in names {
            for source in ["main", "partner"] {
                let body = json!({"status": "FAILED", "groupName": name, "n": round});
                let event = Event { source: source.into(), ..story.next(&body, round) };
                let expected = match (round, name) {
                    (0, _) | (_, "") => "first_failure",
                    _ => "still_failing",
                };
                assert_eq!(transition(&story.decide(&event)), expected, "{name:.9}");
            }
        }
        story.restart();
    }
}

#[test]
fn conditions_ask_for_what_a_run_means() {
    for (when, expected) in [
        ("{transition: still_failing}", "3"),
        ("{transition: [recovered, first_failure]}", "2 5"),
        ("{new_group: true}", "1"),
        ("{failures_in_a_row: 2}", "3"),
        ("{failures_in_a_row: '>= 2'}", "3 4"),
        ("{failures_in_a_row: '< 1'}", "1 5"),
        ("{failures_in_a_row: [1, '> 2']}", "2 4"),
        ("{passes_in_a_row: '1'}", "1 5"),
        ("{previous_status: passed}", "2"),
        ("{previous_status: [ERROR, PASSED]}", "2 5"),
        ("{failing_for: '>= 10m'}", "3 4"),
        ("{recovered_after: '> 20m'}", "5"),
        ("{failing_since: '< 2026-03-14T12:30:00Z'}", "2 3 4 5"),
        ("{failing_since: 2026-03-14}", ""),
        ("{failing_since: '= 2026-03-14'}", "2 3 4 5"),
        ("{not: {failing_since: '>= 2026-03-14'}}", "1 6"),
        ("{late: false, status: WEIRD}", "6"),
        ("{not: {transition: [first_failure, still_failing, kind_changed]}}", "1 5 6"),
    ] {
        let rules = format!("[{{name: r, when: {when}, send: chat}}]");
        if compile(&rules, "[]").is_err() {
            assert_eq!(expected, "", "{when}");
            continue;
        }
        let mut story = Story::new(&rules);
        let runs = ["PASSED", "FAILED", "FAILED", "ERROR", "PASSED", "WEIRD"].into_iter().zip(1..);
        let fired = runs.filter_map(|(status, at)| {
            let fired = !story.run(status, 10 * at).planned.is_empty();
            fired.then(|| at.to_string())
        });
        assert_eq!(fired.collect::<Vec<_>>().join(" "), expected, "{when}");
    }
}

#[test]
fn what_is_wrong_with_a_condition_on_history_is_said_at_its_path() {
    for (when, path, said) in [
        ("{transition: first_failur}", "transition", "did you mean `first_failure`?"),
        ("{transition: []}", "transition", "the list is empty"),
        ("{failures_in_a_row: many}", "failures_in_a_row", "`many` is no number"),
        ("{passes_in_a_row: ['>= 3', true]}", "passes_in_a_row[1]", "no number of runs"),
        ("{failing_for: '> 2'}", "failing_for", "with its unit"),
        ("{recovered_after: 2h}", "recovered_after", "says no comparison"),
        ("{any: [{failing_since: '< soon'}]}", "any[0].failing_since", "`soon` is no date"),
    ] {
        let problems = compile(&format!("[{{name: r, when: {when}, send: chat}}]"), "[]");
        let problem = problems.err().expect(when).remove(0);
        assert_eq!(problem.path, format!("rules[0].when.{path}"));
        let text = format!("{} {}", problem.message, problem.hint.unwrap_or_default());
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_miss_says_what_the_history_had() {
    let standing = Standing {
        transition: Some(crate::model::Transition::StillFailing),
        failures_in_a_row: 2,
        failing_for: Some(5400),
        ..Standing::default()
    };
    for (when, sentence) in [
        (
            "{transition: [first_failure, recovered]}",
            "transition is `still_failing`, wanted `first_failure` or `recovered`",
        ),
        ("{failures_in_a_row: '>= 3'}", "failures_in_a_row is `2`, wanted `>= 3`"),
        ("{failing_for: '> 2h'}", "failing_for is `1h 30m`, wanted `> 2h`"),
        ("{recovered_after: '> 2h'}", "there is no recovered_after, wanted `> 2h`"),
        ("{new_group: true}", "new_group is `false`, wanted `true`"),
        ("{not: {late: false}}", "`not` excludes this: late is `false`"),
    ] {
        let verdict = rule(when).explain(&run("FAILED", "g"), &standing).remove(0);
        let Finding::Missed(miss) = verdict.finding else { panic!("{when}") };
        assert_eq!(miss.why, sentence);
    }
    let late = Standing { late: true, ..Standing::default() };
    let verdict = rule("{status: FAILED}").explain(&run("FAILED", "g"), &late).remove(0);
    let Finding::Matched { tells, .. } = verdict.finding else { panic!() };
    assert_eq!(tells[0].held, Some(Absence::Late));
}
