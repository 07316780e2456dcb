//! The events of a case: made up as Agnox would send them, the same in every run.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::{Builder, Uuid};

use super::case::Arriving;
use crate::model::{Event, EventSeq, OwnEvent, Reading};

/// How long a run takes that doesn't say.
const USUAL: SignedDuration = SignedDuration::from_mins(4);

/// The event that a step lets arrive, the so-many-th of its case.
pub(super) fn made_up(arriving: &Arriving, number: u32, at: Timestamp) -> Event {
    event(&arriving.source, number, at, body(arriving, number))
}

/// An event of the bridge's own.
pub(super) fn own(own: OwnEvent, number: u32) -> Event {
    event(&own.source, number, own.at, own.body)
}

/// An id that is the same in every run: of the time, and with the number in it.
pub(super) fn id(number: u32, at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
    let mut rest = [0; 10];
    rest[6..].copy_from_slice(&number.to_be_bytes());
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

fn event(source: &str, number: u32, at: Timestamp, body: Vec<u8>) -> Event {
    Event {
        seq: EventSeq(i64::from(number)),
        id: id(number, at),
        source: source.into(),
        received_at: at,
        reading: Reading::of(&body),
        body: body.into(),
        replay_of: None,
    }
}

fn body(arriving: &Arriving, number: u32) -> Vec<u8> {
    let config = &arriving.config;
    let took = config.duration.and_then(|span| SignedDuration::try_from(span.0).ok());
    let finished = arriving.finished;
    let started = finished.checked_sub(took.unwrap_or(USUAL)).unwrap_or(finished);
    let status = config.status.as_deref().unwrap_or("FAILED").to_uppercase();
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("event", json!("execution.finished"));
    put("executionId", json!(format!("exec_{number}")));
    put("taskId", json!(format!("task_{number}")));
    put("status", json!(status));
    for (name, text) in [("groupName", &config.group), ("summary", &config.summary)] {
        if let Some(text) = text {
            put(name, json!(text));
        }
    }
    put("startedAt", json!(format!("{started:.3}")));
    put("finishedAt", json!(format!("{finished:.3}")));
    for (name, value) in &config.body {
        put(name, value.clone());
    }
    Value::Object(body).to_string().into_bytes()
}
