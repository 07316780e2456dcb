//! What a notice says of an event.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::model::EventSeq;

fn context() -> Context {
    Context {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        dashboard: "https://agnox.dev/".into(),
        labels: vec!["team".into(), "channel".into()],
    }
}

fn event(body: &serde_json::Value) -> Event {
    let body = body.to_string().into_bytes();
    Event {
        seq: EventSeq(1),
        id: Uuid::nil(),
        source: "main".into(),
        received_at: "2026-03-14T12:00:01Z".parse().unwrap(),
        reading: Reading::of(&body),
        body: body.into(),
        replay_of: None,
    }
}

fn notice(body: &serde_json::Value, late: i64) -> Notice {
    let event = event(body);
    let now = event.received_at + jiff::SignedDuration::from_secs(late);
    let brief = Brief {
        rules: vec!["first".into(), "second".into()],
        labels: [("team".to_owned(), "qa".to_owned())].into(),
        failing: Some(true),
        ..Brief::default()
    };
    context().notice(&event, &brief, "chat", "d1", now)
}

#[test]
fn everything_that_the_event_says_is_there() {
    let notice = notice(
        &json!({
            "taskId": "a b/ü", "status": "failed",
            "startedAt": "2026-03-14T11:56:00Z", "finishedAt": "2026-03-14T12:00:00Z",
        }),
        0,
    );
    assert_eq!(notice.status.as_deref(), Some("FAILED"));
    assert_eq!(notice.duration.as_deref(), Some("4m"));
    assert_eq!(notice.duration_seconds, Some(240.0));
    assert_eq!(notice.finished_at.as_deref(), Some("2026-03-14T13:00:00+01:00"));
    assert_eq!(notice.link.as_deref(), Some("https://agnox.dev/dashboard?drawerId=a%20b%2F%C3%BC"));
    assert_eq!(notice.rule.as_deref(), Some("first"));
    assert_eq!(notice.labels["team"].as_deref(), Some("qa"));
    assert_eq!(notice.labels["channel"], None);
    let documented = agnox_bridge_sinks::variables::sample();
    assert_eq!((notice.color, notice.emoji), (documented.color, documented.emoji));
}

#[test]
fn what_is_unknown_is_null_and_times_that_make_no_sense_give_no_duration() {
    let notice = notice(
        &json!({"startedAt": "2026-03-14T12:00:00Z", "finishedAt": "2026-03-14T11:00:00Z"}),
        0,
    );
    assert_eq!((notice.duration, notice.duration_seconds), (None, None));
    assert_eq!((notice.status, notice.link), (None, None));
    assert_eq!(notice.group, "__ungrouped__");
}

#[test]
fn only_a_message_that_is_minutes_old_says_how_much_it_was_delayed() {
    assert_eq!(notice(&json!({}), 300).delayed, None);
    let late = notice(&json!({}), 7200);
    assert_eq!((late.delayed.as_deref(), late.delayed_seconds), (Some("2h"), Some(7200)));
    assert_eq!(notice(&json!({}), -7200).delayed_seconds, None);
}

#[test]
fn a_link_in_the_body_stands_in_only_if_it_is_a_web_address() {
    let link = |address: &str| notice(&json!({"executionUrl": address}), 0).link;
    assert_eq!(link("https://x.test/1").as_deref(), Some("https://x.test/1"));
    assert_eq!(link("javascript:alert(1)"), None);
}

#[test]
fn a_message_about_dead_deliveries_says_so_in_its_summary() {
    let event = event(&json!({"summary": "3 tests failed"}));
    let summary = |count| {
        let dead = DeadNote { sink: "qa-mail".into(), reason: "no such mailbox".into(), count };
        let brief = Brief { dead: Some(dead), ..Brief::default() };
        let notice = context().notice(&event, &brief, "chat", "d1", event.received_at);
        assert_eq!(notice.dead.unwrap().count, count);
        notice.summary.unwrap()
    };
    assert_eq!(summary(1), "A message to `qa-mail` could not be delivered: no such mailbox");
    let several = "A message to `qa-mail` (and 3 others) could not be delivered: no such mailbox";
    assert_eq!(summary(4), several);
}
