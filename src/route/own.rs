//! The body of an event of the bridge's own: written when a collection is told of, and read back
//! when that event is decided.
//!
//! It reads like the body of an ordinary event, so that every sink, template and table can show it;
//! what only the bridge understands stands under `bridge`. The event's decision is exactly the one
//! delivery that the body names, whatever the rules say by then.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::memory::OWN_SOURCE;
use crate::model::{
    Answers, Brief, Digest, DigestRow, Duty, Event, Net, OwnMessage, Planned, RecoveryNote,
};

/// The kind of such events.
pub(super) const DIGEST: &str = "bridge.digest";

/// What a deferred recovery answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owed {
    /// The deliveries of this duty.
    pub(super) duty: Duty,
    /// Whether it takes the place of those that still wait.
    pub(super) supersedes: bool,
}

/// What is written.
pub(super) struct Letter {
    pub(super) message: OwnMessage,
    /// The sentence for a person.
    pub(super) summary: String,
    /// The event that opened the collection; with the times it makes each body another.
    pub(super) opened_by: Option<Uuid>,
    pub(super) owed: Option<Owed>,
}

impl Letter {
    /// The body as bytes.
    pub(super) fn body(&self) -> Vec<u8> {
        let digest = &self.message.digest;
        let mut body = json!({
            "event": DIGEST,
            "status": status(digest),
            "summary": self.summary,
            "groupName": digest.rule,
            "startedAt": digest.since,
            "finishedAt": digest.until,
            "firstEvent": self.opened_by,
            "answers": self.owed,
            "bridge": self.message,
        });
        if let ([row], 0) = (&*digest.rows, digest.more) {
            body["groupName"] = json!(row.key.group);
            for (name, value) in of_run(row) {
                body[name] = value;
            }
        }
        if let Value::Object(fields) = &mut body {
            fields.retain(|_, value| !value.is_null());
        }
        body.to_string().into_bytes()
    }
}

/// What links to the run, where the message is about one group.
fn of_run(row: &DigestRow) -> [(&'static str, Value); 4] {
    [
        ("taskId", json!(row.task_id)),
        ("executionId", json!(row.execution_id)),
        ("startedAt", json!(row.started_at)),
        ("finishedAt", json!(row.finished_at)),
    ]
}

/// The status of the worst group that fails in the end, or else that all is well.
fn status(digest: &Digest) -> &str {
    let worst = digest.rows.first().filter(|row| row.net == Net::Failing);
    worst.and_then(|row| row.status.as_deref()).unwrap_or("PASSED")
}

/// The delivery that an event of the bridge's own asks for; `None` where it is no such event.
pub(super) fn plan(event: &Event) -> Option<Planned> {
    if &*event.source != OWN_SOURCE {
        return None;
    }
    let message = OwnMessage::deserialize(event.reading.body.get("bridge")?).ok()?;
    let owed = event.reading.body.get("answers").and_then(|owed| Owed::deserialize(owed).ok());
    let digest = &message.digest;
    let failing = digest.rows.first().map(|row| row.net == Net::Failing);
    let brief = Brief {
        rules: vec![digest.rule.clone()],
        words: message.words,
        labels: message.labels,
        with: message.with,
        failing,
        recovery: owed.map(|_| RecoveryNote::default()),
        ..Brief::default()
    };
    let answers =
        owed.map(|Owed { duty, supersedes }| Answers { duty, conditional: true, supersedes });
    Some(Planned { duty: message.duty, answers, ..Planned::new(message.sink, brief) })
}
