//! Incidents and windows, throttles and digests: what spends `once_per`, who is owed the recovery,
//! and whose place is taken. The story begins at noon; nights begin at minute 600 and end at 1140.

use super::story::{held, minute, standing, told, transition};
use super::*;

const MORNING: i64 = 1140;

#[test]
fn what_a_window_defers_spends_once_per_and_is_one_line_in_the_morning() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, once_per: incident, send_recovery: true, \
           mute: {during: nights}}]",
    );
    let first = story.run("FAILED", 610);
    assert_eq!((told(&first).len(), held(&first)), (0, vec!["r > chat: deferred".to_owned()]));
    assert_eq!(held(&story.run("FAILED", 620)), ["r > chat: repeat"]);
    let end = story.run("PASSED", 700);
    assert_eq!((told(&end).len(), held(&end)), (0, vec!["r > chat: superseded".to_owned()]));
    let morning = story.until(MORNING);
    assert_eq!(morning.iter().map(told).collect::<Vec<_>>(), [["chat: r"]]);
    assert!(story.until(2 * MORNING).is_empty());
}

#[test]
fn what_was_told_in_the_morning_is_owed_the_recovery_of_that_message() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, once_per: incident, send_recovery: true, \
           mute: {during: nights}}]",
    );
    story.run("FAILED", 610);
    let morning = story.until(MORNING).remove(0);
    assert_eq!(held(&story.run("FAILED", 1200)), ["r > chat: repeat"]);
    let end = story.run("PASSED", 1210);
    let answers = end.planned[0].answers.unwrap();
    assert_eq!(Some(answers.duty), morning.planned[0].duty);
    assert!(answers.conditional && !answers.supersedes, "the message may tell of more");
}

#[test]
fn a_recovery_that_is_owed_waits_for_the_window_to_end() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, send_recovery: true, \
           mute: {during: nights, then: drop}}]",
    );
    let duty = story.run("FAILED", 500).planned[0].duty.unwrap();
    let end = story.run("PASSED", 700);
    assert_eq!((transition(&end), held(&end)), ("recovered", vec!["r > chat: deferred".into()]));
    let morning = story.until(MORNING).remove(0);
    assert_eq!(morning.planned[0].answers.unwrap().duty, duty);
}

#[test]
fn what_is_dropped_or_throttled_is_told_when_the_quiet_is_over() {
    for (hold, why, quiet, later) in [
        ("mute: {during: nights, then: drop}", "muted", 610, MORNING + 1),
        ("throttle: {limit: 1, per: 1h, by: rule}", "throttled", 10, 100),
    ] {
        let mut story = Story::new(&format!(
            "[{{name: r, when: {{status: FAILED}}, send: chat, once_per: incident, {hold}}}]"
        ));
        let other = story.next(&json!({"status": "FAILED", "groupName": "other"}), quiet - 1);
        story.decide(&other);
        assert_eq!(held(&story.run("FAILED", quiet)), [format!("r > chat: {why}")]);
        story.until(later);
        assert_eq!(told(&story.run("FAILED", later)), ["chat: r"], "{why}");
        assert_eq!(held(&story.run("FAILED", later + 1)), ["r > chat: repeat"], "{why}");
    }
}

#[test]
fn whoever_reads_a_throttles_count_of_a_group_hears_when_it_is_over() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, once_per: incident, send_recovery: true, \
           throttle: {limit: 1, per: 1h}}]",
    );
    story.run("FAILED", 1);
    story.run("PASSED", 10);
    assert_eq!(held(&story.run("FAILED", 20)), ["r > chat: throttled"]);
    let count = story.until(62).remove(0);
    story.restart();
    let end = story.run("PASSED", 70);
    assert_eq!(told(&end), ["chat: r"]);
    let answers = end.planned[0].answers.unwrap();
    assert_eq!((Some(answers.duty), answers.conditional), (count.planned[0].duty, true));
}

#[test]
fn what_recovered_while_a_throttle_held_it_back_is_one_line_in_its_count() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, send_recovery: true, \
           throttle: {limit: 1, per: 1h}}]",
    );
    story.run("FAILED", 1);
    story.run("PASSED", 10);
    story.run("FAILED", 20);
    let end = story.run("PASSED", 30);
    assert_eq!((told(&end).len(), held(&end)), (0, vec!["r > chat: superseded".to_owned()]));
    assert_eq!(story.until(62).iter().map(told).collect::<Vec<_>>(), [["chat: r"]]);
    assert!(story.until(200).is_empty());
}

#[test]
fn a_count_of_many_groups_owes_none_of_them_a_recovery() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, send_recovery: true, \
           throttle: {limit: 1, per: 1h, by: rule}}]",
    );
    let other = story.next(&json!({"status": "FAILED", "groupName": "other"}), 1);
    story.decide(&other);
    story.run("FAILED", 20);
    story.until(62);
    assert!(story.run("PASSED", 70).planned.is_empty());
}

#[test]
fn what_is_held_back_takes_no_place_and_a_digest_joins_nobody() {
    let mut story = Story::new(
        "[{name: quiet, when: {status: FAILED}, send: chat, mute: {during: nights}}, \
          {name: report, when: {group: g}, send: chat, digest: {every: 1h}}, \
          {name: loud, when: {group: g, status: FAILED}, send: chat}, \
          {name: daily, when: {group: g}, send: chat, digest: {every: 2h}}]",
    );
    let run = story.run("FAILED", 610);
    assert_eq!(told(&run), ["chat: loud"]);
    assert_eq!(
        held(&run),
        ["quiet > chat: deferred", "report > chat: collected", "daily > chat: collected"]
    );
    let late = story.late_run("FAILED", 605, 620);
    assert!(standing(&late).late);
    assert_eq!(
        held(&late),
        [
            "quiet > chat: late",
            "report > chat: collected",
            "loud > chat: late",
            "daily > chat: collected"
        ],
        "a digest counts late runs too"
    );
}

#[test]
fn a_missing_run_goes_through_the_rules_and_recovers_when_it_arrives() {
    let mut story = Story::new(
        "[{name: r, when: {transition: first_failure}, send: chat, send_recovery: true}]",
    );
    story.run("PASSED", 0);
    let body = json!({"event": "execution.missing", "status": "MISSING", "groupName": "g"});
    let event = story.next(&body, 100);
    assert_eq!(told(&story.decide(&event)), ["chat: r"]);
    let arrived = story.late_run("PASSED", 95, 105);
    assert_eq!((transition(&arrived), told(&arrived)), ("recovered", vec!["chat: r".into()]));
    assert_eq!(story.ended[0].ended.as_ref().unwrap().at, minute(95));
}
