//! Who hears of an incident once, and of its end.

use super::story::{held, minute, standing, told, transition};
use super::*;
use crate::model::{Answers, DigestKind, Duty, OwnMessage};

const ONCE: &str = "[{name: red, when: {status: [FAILED, ERROR]}, send: [chat, mail], \
                      once_per: incident, send_recovery: true}]";

#[test]
fn a_week_of_red_nights_is_told_once_and_its_end_to_whoever_was_told() {
    let mut story = Story::new(ONCE);
    let first = story.run("FAILED", 1);
    assert_eq!(told(&first), ["chat: red", "mail: red"]);
    for night in 2..7 {
        let repeat = story.run(if night == 4 { "ERROR" } else { "FAILED" }, night);
        assert_eq!((told(&repeat).len(), held(&repeat).len()), (0, 2));
        assert_eq!(held(&repeat)[0], "red > chat: repeat");
    }
    let end = story.run("PASSED", 8);
    assert_eq!(told(&end), ["chat: red", "mail: red"]);
    for (failure, recovery) in first.planned.iter().zip(&end.planned) {
        let duty = failure.duty.unwrap();
        assert_eq!(recovery.answers, Some(Answers { duty, conditional: true, supersedes: true }));
        assert_eq!((recovery.duty, recovery.brief.failing), (None, Some(false)));
        assert!(recovery.brief.recovery.is_some() && failure.brief.recovery.is_none());
        assert_eq!(recovery.brief.standing.as_ref(), Some(standing(&end)));
    }
    assert_ne!(first.planned[0].duty, first.planned[1].duty);
    assert!(story.run("PASSED", 9).planned.is_empty());
    let again = story.run("FAILED", 10);
    assert_eq!(told(&again).len(), 2, "a new incident");
    assert_ne!(again.planned[0].duty, first.planned[0].duty);
}

#[test]
fn runs_that_do_not_fail_are_told_each_time() {
    let mut story = Story::new("[{name: r, when: {group: g}, send: chat, once_per: incident}]");
    let counts: Vec<usize> = ["PASSED", "PASSED", "FAILED", "FAILED", "WEIRD", "WEIRD", "PASSED"]
        .iter()
        .zip(0..)
        .map(|(status, at)| story.run(status, at).planned.len())
        .collect();
    assert_eq!(counts, [1, 1, 1, 0, 1, 1, 1]);
}

#[test]
fn the_third_failure_is_this_rules_first_match() {
    let mut story = Story::new(
        "[{name: third, when: {failures_in_a_row: '>= 3'}, send: chat, once_per: incident, \
           send_recovery: true}, \
          {name: first, when: {transition: first_failure}, send: mail}]",
    );
    let counts: Vec<Vec<String>> = (1..6).map(|at| told(&story.run("FAILED", at))).collect();
    let empty = Vec::<String>::new;
    let expected =
        [vec!["mail: first".into()], empty(), vec!["chat: third".into()], empty(), empty()];
    assert_eq!(counts, expected);
    assert_eq!(told(&story.run("PASSED", 7)), ["chat: third"], "mail is not owed the recovery");
}

#[test]
fn whoever_was_not_told_does_not_hear_of_the_recovery() {
    let mut story = Story::new(
        "[{name: errors, when: {status: ERROR}, send: chat, send_recovery: true}, \
          {name: silent, when: {status: FAILED}, send: mail}]",
    );
    story.run("FAILED", 1);
    let end = story.run("PASSED", 2);
    assert_eq!((transition(&end), end.planned.len()), ("recovered", 0));
}

#[test]
fn several_rules_that_told_one_destination_make_one_recovery_with_their_names() {
    let mut story = Story::new(
        "[{name: a, when: {status: FAILED}, send: [chat], send_recovery: true, once_per: incident}, \
          {name: b, when: {group: g, status: FAILED}, send: {sink: chat, template: b}, \
           send_recovery: true}]",
    );
    let first = story.run("FAILED", 1);
    assert_eq!(told(&first), ["chat: a b"]);
    assert_eq!(held(&first), ["b > chat: same_destination"]);
    assert_eq!(told(&story.run("FAILED", 2)), ["chat: b"], "a repeat doesn't take the place");
    let end = story.run("PASSED", 3);
    assert_eq!(told(&end), ["chat: a b"]);
    assert_eq!(end.planned[0].answers.unwrap().duty, first.planned[0].duty.unwrap());
    assert_eq!(end.planned[0].brief.words, None, "the first rule's words");
}

#[test]
fn a_rule_of_its_own_that_tells_of_the_recovery_is_joined_and_sends_it_in_any_case() {
    let mut story = Story::new(
        "[{name: red, when: {status: FAILED}, send: chat, send_recovery: true}, \
          {name: green, when: {transition: recovered}, send: chat}]",
    );
    let duty = story.run("FAILED", 1).planned[0].duty.unwrap();
    let end = story.run("PASSED", 2);
    assert_eq!(told(&end), ["chat: green red"]);
    let answers = Answers { duty, conditional: false, supersedes: true };
    assert_eq!(end.planned[0].answers, Some(answers));
}

#[test]
fn a_renamed_rule_and_a_removed_sink_orphan_nothing() {
    let mut story = Story::new(
        "[{name: old, when: {status: FAILED}, send: {sink: mail, template: x, \
           with: {channel: '{{ group }}'}}, send_recovery: true, once_per: incident}]",
    );
    let first = story.run("FAILED", 1);
    story.restart();
    story.router = router(
        "[{name: new, when: {status: FAILED}, send: chat, send_recovery: true, once_per: incident}]",
        "[]",
    );
    assert_eq!(told(&story.run("FAILED", 2)), ["chat: new"]);
    let end = story.run("PASSED", 3);
    assert_eq!(told(&end), ["mail: old", "chat: new"]);
    assert_eq!(end.planned[0].brief.with, first.planned[0].brief.with);
    assert_eq!(end.planned[0].brief.words, Some(Words { rule: "old".into(), entry: 0 }));
    let matched = &end.account.as_ref().unwrap().matched;
    assert_eq!((&*matched[0].rule, &matched[0].told), ("old", &vec!["mail".to_owned()]));
}

#[test]
fn a_destination_that_is_another_one_for_each_run_does_not_grow_an_incident_for_ever() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: {sink: chat, with: {thread: '{{ summary }}'}}}]",
    );
    for at in 0..300 {
        let body = json!({"status": "FAILED", "groupName": "g", "summary": at.to_string()});
        let event = story.next(&body, at);
        assert_eq!(story.router.decide(&event, &mut story.state).planned.len(), 1);
    }
    assert_eq!(story.memory("g").incident.as_ref().unwrap().told.len(), 256);
}

#[test]
fn the_account_says_what_decided_and_whom_it_told() {
    let mut story = Story::new(
        "[{name: a, when: {status: FAILED}, send: [chat, chat, mail]}, {name: b, when: always, stop: true}]",
    );
    story.router = story.router.versioned("v7");
    let decision = story.run("FAILED", 1);
    let account = decision.account.as_ref().unwrap();
    assert_eq!(account.version, "v7");
    assert_eq!(account.standing.incident, Some(Uuid::from_u128(1)));
    let rules: Vec<_> =
        account.matched.iter().map(|m| (m.rule.as_str(), m.told.join(" "))).collect();
    assert_eq!(rules, [("a", "chat mail".to_owned()), ("b", String::new())]);
    assert!(decision.planned.iter().all(|p| p.brief.standing.as_ref() == Some(&account.standing)));
}

#[test]
fn a_message_of_the_bridges_own_is_exactly_one_delivery() {
    let mut story = Story::new("[{name: all, when: always, send: [chat, mirror]}]");
    let own = OwnMessage {
        sink: "mail".into(),
        with: BTreeMap::from([("channel".into(), "#x".into())]),
        words: None,
        labels: BTreeMap::new(),
        duty: Some(Duty(5)),
        digest: crate::model::Digest {
            kind: DigestKind::Deferred,
            rule: "quiet".into(),
            window: None,
            by: None,
            since: minute(0),
            until: minute(1),
            runs: 1,
            groups: 1,
            rows: Vec::new(),
            more: 0,
        },
    };
    let body = json!({"event": "bridge.digest", "status": "FAILED", "bridge": own});
    let event = Event { source: "(bridge)".into(), ..story.next(&body, 1) };
    let decision = story.decide(&event);
    assert_eq!((told(&decision), decision.unmatched), (vec!["mail: quiet".into()], false));
    assert_eq!(decision.planned[0].duty, Some(Duty(5)));
    assert_eq!(decision.planned[0].brief.with["channel"], "#x");
    assert_eq!(story.state.groups(), 0, "it has no group and no history");
}
