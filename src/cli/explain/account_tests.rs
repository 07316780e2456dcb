//! Each reason for an absence, as a person reads it.

use serde_json::json;
use uuid::Uuid;

use super::*;

const SILENCE: Uuid = Uuid::from_u128(7);

fn detail() -> EventDetail {
    let told = json!({
        "rule": "red", "sink": "chat", "with": {}, "recovery": true, "collected": false,
        "event": SILENCE, "at": "2026-11-20T02:10:00Z",
    });
    let incident = json!({
        "id": SILENCE, "source": "main", "group": "g", "open": true, "status": "FAILED",
        "opened_at": "2026-11-20T02:10:00Z", "last_at": "2026-11-20T02:10:00Z",
        "last_event": SILENCE, "count": 1, "told": [told],
    });
    let silence = json!({
        "id": SILENCE, "start": "2026-11-20T02:10:00Z", "end": "2026-11-24T06:00:00Z",
        "author": "anna", "comment": "the database moves",
    });
    let detail = json!({
        "id": SILENCE, "source": "main", "group": "g", "received_at": "2026-11-23T02:10:00Z",
        "replay": false, "bytes": 2, "body": "{}", "deliveries": [], "decided": true,
        "unmatched": false, "incident": incident, "silences": [silence],
    });
    serde_json::from_value(detail).unwrap()
}

fn said(why: Absence) -> String {
    said_of("red", why)
}

fn said_of(rule: &str, why: Absence) -> String {
    reason(&HeldView { sink: "chat".into(), why }, rule, &detail(), &TimeZone::UTC)
}

#[test]
fn a_repeat_says_when_it_was_told_first() {
    let first = said(Absence::Repeat);
    assert!(first.starts_with("told of this incident already, on 2026-11-20 02:10 UTC"), "{first}");
    let other = said_of("a rule that is forgotten", Absence::Repeat);
    assert_eq!(other, "the rule told of this incident already");
}

#[test]
fn a_silence_says_whose_it_is_and_until_when() {
    let known = said(Absence::Silenced { silence: SILENCE });
    assert!(known.starts_with("silenced until 2026-11-24 06:00 UTC by the silence"), "{known}");
    assert!(known.ends_with("of anna: \"the database moves\""), "{known}");
    let gone = said(Absence::Silenced { silence: Uuid::from_u128(8) });
    assert!(gone.ends_with("which is forgotten by now"), "{gone}");
}

#[test]
fn what_comes_later_says_so() {
    let window = || "nights".to_owned();
    assert_eq!(said(Absence::Muted { window: window() }), "muted by the window `nights`");
    assert!(said(Absence::Deferred { window: window() }).contains("told of when that ends"));
    assert!(said(Absence::Throttled).contains("the count is told later"));
    assert!(said(Absence::Collected).contains("digest"));
    assert!(said(Absence::Late).contains("late"));
    assert!(said(Absence::SameDestination { rule: "other".into() }).contains("`other`"));
}
