//! Agnox's stand-in: bodies as it sends them, signed as it signs them.

use std::net::SocketAddr;

use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::{AgnoxKey, HEADER};
use uuid::Uuid;

use super::http::{self, Answer};

/// The secret of the source `main` in every scenario.
pub const SECRET: &str = "a-secret-that-only-the-tests-and-the-bridge-share";

/// A finished run's body, distinct each time.
pub fn event(group: &str, status: &str) -> Vec<u8> {
    numbered(group, status, 0)
}

/// The same with a number in its summary, to tell the order by.
pub fn numbered(group: &str, status: &str, number: usize) -> Vec<u8> {
    finished(group, status, number, "2026-03-14T12:00:00.000Z")
}

/// The same, so many minutes after the run with the number 0.
pub fn later(group: &str, status: &str, number: usize) -> Vec<u8> {
    let end = format!("2026-03-14T{:02}:{:02}:00.000Z", 12 + number / 60, number % 60);
    finished(group, status, number, &end)
}

fn finished(group: &str, status: &str, number: usize, end: &str) -> Vec<u8> {
    serde_json::json!({
        "event": "execution.finished",
        "executionId": format!("exec_{}", Uuid::new_v4().simple()),
        "taskId": "task_abc123",
        "status": status,
        "summary": format!("run {number}"),
        "groupName": group,
        "startedAt": "2026-03-14T11:56:00.000Z",
        "finishedAt": end,
    })
    .to_string()
    .into_bytes()
}

/// The signature header's value.
pub fn signature(body: &[u8]) -> String {
    AgnoxKey::new(&Secret::new(SECRET)).expect("the secret is not blank").sign(body)
}

/// Posts a signed body to the source `main`.
pub fn post(at: SocketAddr, body: &[u8]) -> std::io::Result<Answer> {
    http::post(at, "/hooks/main", &[(HEADER, &signature(body))], body)
}

/// The execution's id in a body.
pub fn execution(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).expect("a body of ours");
    body["executionId"].as_str().expect("an id").to_owned()
}
