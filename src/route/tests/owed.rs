//! Who is owed the recovery where a destination was told several times, later, or by several rules:
//! it hears once. The story begins at noon; nights begin at minute 600 and end at 1140.

use super::story::{held, told};
use super::*;
use crate::model::Net;

const NIGHT: i64 = 600;
const MORNING: i64 = 1140;
const DAY: i64 = 1440;

const EACH: &str = "[{name: r, when: {status: [FAILED, ERROR]}, send: chat, send_recovery: true, \
                      mute: {during: nights}}]";

/// What the bridge's own messages say at this minute: each group with how it stands.
fn said(story: &mut Story, at: i64) -> Vec<Vec<(String, Net)>> {
    story.until(at).iter().map(|own| net(story, own)).collect()
}

fn net(story: &Story, decision: &Decision) -> Vec<(String, Net)> {
    let own = &story.own[&decision.event];
    own.digest.rows.iter().map(|row| (row.key.group.to_string(), row.net)).collect()
}

fn one(net: Net) -> Vec<Vec<(String, Net)>> {
    vec![vec![("g".to_owned(), net)]]
}

#[test]
fn a_recovery_in_a_window_is_one_message_however_many_nights_were_told() {
    let mut story = Story::new(EACH);
    for night in 0..4 {
        story.run("FAILED", night * DAY + NIGHT + 10);
        assert_eq!(said(&mut story, night * DAY + MORNING), one(Net::Failing));
        assert_eq!(told(&story.run("FAILED", night * DAY + MORNING + 10)), ["chat: r"]);
    }
    let end = story.run("PASSED", 4 * DAY + NIGHT + 10);
    assert_eq!((told(&end).len(), held(&end)), (0, vec!["r > chat: deferred".to_owned()]));
    assert_eq!(said(&mut story, 4 * DAY + MORNING), one(Net::Recovered));
}

#[test]
fn a_recovery_by_day_answers_what_was_told_at_once_in_the_incident() {
    let mut story = Story::new(EACH);
    let first = story.run("FAILED", 10);
    story.run("FAILED", NIGHT + 10);
    story.until(MORNING);
    let end = story.run("PASSED", MORNING + 10);
    assert_eq!(told(&end), ["chat: r"]);
    assert_eq!(Some(end.planned[0].answers.unwrap().duty), first.planned[0].duty);
}

#[test]
fn a_night_that_is_told_in_the_morning_tells_of_the_end_of_what_was_told_by_day() {
    let mut story = Story::new(EACH);
    story.run("FAILED", 10);
    story.run("FAILED", NIGHT + 10);
    let end = story.run("PASSED", NIGHT + 20);
    assert_eq!(held(&end), ["r > chat: superseded"]);
    assert_eq!(said(&mut story, MORNING), one(Net::Recovered));
}

#[test]
fn what_recovered_and_fails_again_in_one_night_is_one_line_that_says_failing() {
    let mut story = Story::new(EACH);
    story.run("FAILED", 10);
    story.run("PASSED", NIGHT + 10);
    story.run("FAILED", NIGHT + 20);
    assert_eq!(said(&mut story, MORNING), one(Net::Failing));
}

#[test]
fn a_rule_that_tells_of_recoveries_itself_tells_of_one_once_when_the_window_ends() {
    let mut story = Story::new(
        "[{name: r, when: {transition: [first_failure, recovered]}, send: chat, \
           send_recovery: true, mute: {during: nights}}]",
    );
    story.run("FAILED", 10);
    story.run("PASSED", NIGHT + 10);
    assert_eq!(said(&mut story, MORNING), one(Net::Recovered));
}

#[test]
fn a_rule_that_speaks_at_night_tells_of_the_recovery_for_the_one_that_is_muted() {
    let mut story = Story::new(
        "[{name: quiet, when: {status: FAILED}, send: chat, send_recovery: true, \
           mute: {during: nights}}, \
          {name: loud, when: {group: g, status: FAILED}, send: chat, send_recovery: true}]",
    );
    assert_eq!(told(&story.run("FAILED", 10)), ["chat: quiet loud"]);
    let end = story.run("PASSED", NIGHT + 10);
    assert_eq!(told(&end), ["chat: loud quiet"]);
    assert!(said(&mut story, MORNING).is_empty());
}

const FLAKY: &str = "[{name: r, when: {status: [FAILED, ERROR]}, send: chat, send_recovery: true, \
                       throttle: {limit: 1, per: 1h}}]";

#[test]
fn a_recovery_passes_the_throttle_where_its_failure_was_told_at_once() {
    let mut story = Story::new(FLAKY);
    let first = story.run("FAILED", 0);
    story.run("FAILED", 10);
    let end = story.run("PASSED", 20);
    assert_eq!(told(&end), ["chat: r"]);
    assert_eq!(Some(end.planned[0].answers.unwrap().duty), first.planned[0].duty);
}

#[test]
fn an_incident_that_is_throttled_for_months_remembers_little_of_it() {
    let mut story = Story::new(FLAKY);
    for hour in 0..400 {
        story.run("FAILED", hour * 60);
        story.run("FAILED", hour * 60 + 10);
        story.until(hour * 60 + 60);
    }
    let remembered = story.memory("g").incident.as_ref().unwrap().told.len();
    assert!(remembered < 10, "{remembered}");
    assert!(story.row("g").value.len() < 10_000);
    assert_eq!(told(&story.run("PASSED", 24_100)), ["chat: r"]);
}

#[test]
fn a_rule_tells_once_in_an_incident_also_where_another_told_hundreds_of_places() {
    let mut story = Story::new(
        "[{name: many, when: {status: FAILED}, send: {sink: chat, with: {thread: '{{ summary }}'}}}, \
          {name: once, when: {failures_in_a_row: '>= 300'}, send: mail, once_per: incident}]",
    );
    for at in 0..310 {
        let body = json!({"status": "FAILED", "groupName": "g", "summary": at.to_string()});
        let event = story.next(&body, at);
        let told = told(&story.decide(&event));
        assert_eq!(told.contains(&"mail: once".to_owned()), at == 299, "run {at}: {told:?}");
    }
}

#[test]
fn what_strangers_write_into_a_place_and_a_run_takes_little_room() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: {sink: chat, with: {thread: '{{ summary }}'}}}, \
          {name: d, when: {status: [FAILED, WEIRD]}, send: mail, digest: {every: 1h}}]",
    );
    for at in 0..20 {
        let summary = format!("{at}{}", "x".repeat(100_000));
        let body = json!({"status": "FAILED", "groupName": "g", "summary": summary,
            "taskId": "t".repeat(100_000)});
        let event = story.next(&body, at);
        assert_eq!(story.decide(&event).planned.len(), 1);
    }
    assert!(story.row("g").value.len() < 200_000, "one of twenty");
    let own = story.until(80);
    let [row] = &*story.own[&own[0].event].digest.rows else { panic!("one group") };
    assert_eq!(row.summary.as_ref().map(String::len), Some(500));
    assert_eq!(row.task_id, None);
}

#[test]
fn what_a_sink_holds_open_is_closed_at_once_whatever_the_window() {
    let mut story = Story::new(&EACH.replace("send: chat", "send: tracker"));
    let first = story.run("FAILED", 10);
    story.run("FAILED", NIGHT + 10);
    let end = story.run("PASSED", NIGHT + 20);
    assert_eq!(told(&end), ["tracker: r"]);
    assert_eq!(Some(end.planned[0].answers.unwrap().duty), first.planned[0].duty);

    let second = story.run("FAILED", DAY + 10);
    let end = story.run("PASSED", DAY + NIGHT + 10);
    story.run("FAILED", DAY + NIGHT + 20);
    assert_eq!(told(&end), ["tracker: r"], "no later failure takes it back");
    assert_eq!(Some(end.planned[0].answers.unwrap().duty), second.planned[0].duty);
}
