//! What a notice says of an event.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::model::{EventSeq, RecoveryNote};

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

fn standing_of(transition: Transition) -> Standing {
    Standing {
        transition: Some(transition),
        failures_in_a_row: 4,
        previous_status: Some("ERROR".into()),
        failing_since: Some("2026-03-13T22:10:00Z".parse().unwrap()),
        failing_for: Some(50_000),
        incident: Some(Uuid::nil()),
        ..Standing::default()
    }
}

fn noticed(body: &serde_json::Value, brief: &Brief) -> Notice {
    let event = event(body);
    context().notice(&event, brief, "chat", "d1", event.received_at)
}

#[test]
fn what_the_event_meant_against_its_history_is_there() {
    let standing = standing_of(Transition::StillFailing);
    let brief = Brief { standing: Some(standing), ..Brief::default() };
    let notice = noticed(&json!({"status": "FAILED"}), &brief);
    assert_eq!(notice.transition.as_deref(), Some("still_failing"));
    assert_eq!((notice.failures_in_a_row, notice.passes_in_a_row), (Some(4), Some(0)));
    assert_eq!(notice.previous_status.as_deref(), Some("ERROR"));
    assert_eq!(notice.failing_since.as_deref(), Some("2026-03-13T23:10:00+01:00"));
    assert_eq!(
        (notice.failing_for.as_deref(), notice.failing_for_seconds),
        (Some("13h 53m"), Some(50_000))
    );
    assert_eq!((notice.recovered_after, notice.recovered_after_seconds), (None, None));
    assert_eq!(notice.incident, Some(Uuid::nil().to_string()));
    assert!(!notice.recovery && !notice.untold && !notice.late && !notice.new_group);
}

#[test]
fn a_recovery_looks_like_a_pass_whatever_its_status_is() {
    let standing = Standing { recovered_from: 7, ..standing_of(Transition::Recovered) };
    let brief = Brief {
        standing: Some(standing),
        recovery: Some(RecoveryNote { untold: true }),
        ..Brief::default()
    };
    let notice = noticed(&json!({"status": "UNSTABLE"}), &brief);
    assert_eq!((notice.emoji.as_str(), notice.recovered_from), ("✅", Some(7)));
    assert!(notice.recovery && notice.untold);
}

fn own(rows: serde_json::Value, more: u32) -> Event {
    let count = rows.as_array().unwrap().len();
    let body = json!({
        "event": "bridge.digest",
        "summary": "as plain readers see it",
        "bridge": {
            "sink": "chat",
            "digest": {
                "kind": "deferred",
                "rule": "quiet nights",
                "window": "nights",
                "since": "2026-03-13T21:00:00Z",
                "until": "2026-03-14T06:00:00Z",
                "runs": 3 * count,
                "groups": count,
                "rows": rows,
                "more": more,
            },
        },
    });
    Event { source: "(bridge)".into(), ..event(&body) }
}

fn row(source: &str, group: &str, net: &str) -> serde_json::Value {
    json!({
        "source": source, "group": group, "net": net, "status": "FAILED",
        "runs": 3, "passed": 1, "failures_in_a_row": 2,
        "failing_since": "2026-03-13T22:10:00Z", "recovered_at": "2026-03-14T00:20:00Z",
        "slowest": 372.0, "summary": "3 tests failed", "task_id": "t 1",
        "started_at": "2026-03-14T03:56:00Z", "finished_at": "2026-03-14T04:00:00Z",
    })
}

fn digested(event: &Event) -> Notice {
    context().notice(event, &Brief::default(), "chat", "d1", event.received_at)
}

#[test]
fn a_digest_is_told_with_a_look_a_link_and_a_line_for_each_group() {
    let rows = json!([row("main", "checkout", "failing"), row("main", "search", "recovered")]);
    let notice = digested(&own(rows, 5));
    let digest = notice.digest.unwrap();
    assert_eq!((digest.groups, digest.failing, digest.more, digest.runs), (2, 1, 5, 6));
    assert_eq!(digest.since, "2026-03-13T22:00:00+01:00");
    let [failing, recovered] = &digest.rows[..] else { panic!("{digest:?}") };
    assert_eq!((failing.emoji.as_str(), recovered.emoji.as_str()), ("🔴", "✅"));
    assert_eq!(failing.line, "checkout: FAILED, 2 in a row since Fri 23:10 — 3 tests failed");
    assert_eq!(recovered.line, "search: failed Fri 23:10, recovered 01:20");
    assert_eq!(failing.link.as_deref(), Some("https://agnox.dev/dashboard?drawerId=t%201"));
    assert_eq!((failing.pass_rate.as_deref(), failing.pass_rate_percent), (Some("33 %"), Some(33)));
    assert_eq!(failing.slowest.as_deref(), Some("6m 12s"));
    assert_eq!((notice.source.as_str(), notice.emoji.as_str()), ("main", "🔴"));
}

#[test]
fn a_digest_of_several_sources_counts_to_none_of_them() {
    let rows = json!([row("main", "a", "failing"), row("other", "b", "failing")]);
    assert_eq!(digested(&own(rows, 0)).source, "(bridge)");
}

#[test]
fn a_digest_of_one_group_describes_its_run() {
    let notice = digested(&own(json!([row("main", "checkout", "failing")]), 0));
    assert_eq!((notice.group.as_str(), notice.status.as_deref()), ("checkout", Some("FAILED")));
    assert_eq!((notice.failing, notice.failures_in_a_row), (Some(true), Some(2)));
    assert_eq!(notice.summary.as_deref(), Some("3 tests failed"));
    assert_eq!(notice.duration.as_deref(), Some("4m"));
    assert!(notice.link.unwrap().ends_with("t%201"));
    let recovered = digested(&own(json!([row("main", "checkout", "recovered")]), 0));
    assert_eq!(recovered.transition.as_deref(), Some("recovered"));
    assert_eq!((recovered.status.as_deref(), recovered.emoji.as_str()), (Some("PASSED"), "✅"));
}

#[test]
fn nobody_can_post_a_digest() {
    let own = own(json!([row("main", "checkout", "failing")]), 0);
    assert!(digested(&Event { source: "main".into(), ..own.clone() }).digest.is_none());
    let broken = Event { source: "(bridge)".into(), ..event(&json!({"bridge": {"digest": 1}})) };
    assert!(digested(&broken).digest.is_none());
}

#[test]
fn a_message_about_a_dead_digest_tells_of_its_death() {
    let event = own(json!([row("main", "checkout", "failing")]), 0);
    let dead = DeadNote { sink: "qa-mail".into(), reason: "gone".into(), count: 1 };
    let brief = Brief { dead: Some(dead), ..Brief::default() };
    let notice = context().notice(&event, &brief, "chat", "d1", event.received_at);
    assert!(notice.digest.is_none() && notice.summary.unwrap().contains("qa-mail"));
}
