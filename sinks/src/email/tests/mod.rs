//! How the mail sink behaves: what it writes, and what it makes of every kind of server.

mod faults;
mod look;
mod real;
mod server;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustls::ClientConfig;
use serde_json::{Value, json};

use super::Email;
use super::options::Options;
use crate::client::{Client, DialPolicy};
use crate::contract::{Attempt, Failure, Notice, Receipt, Sink};
use crate::kind::{BuildError, Surroundings};
use crate::template::{Names, Templates};

/// A failed run of which everything is known.
fn notice() -> Notice {
    Notice {
        event_id: "0192e4a0-0000-7000-8000-000000000001".into(),
        event: Some("execution.finished".into()),
        execution_id: Some("exec_xyz789".into()),
        task_id: Some("task_abc123".into()),
        status: Some("FAILED".into()),
        failing: Some(true),
        group: "checkout-e2e".into(),
        source: "main".into(),
        labels: BTreeMap::from([("team".into(), Some("payments".into())), ("owner".into(), None)]),
        summary: Some("3 tests failed in Checkout".into()),
        started_at: Some("2026-03-14T12:56:00+01:00".into()),
        finished_at: Some("2026-03-14T13:00:00+01:00".into()),
        received_at: "2026-03-14T13:00:01+01:00".into(),
        duration: Some("4m".into()),
        duration_seconds: Some(240.0),
        link: Some("https://agnox.dev/dashboard?drawerId=task_abc123&x=1".into()),
        color: "#dc2626".into(),
        emoji: "❌".into(),
        rule: Some("production is red".into()),
        rules: vec!["production is red".into()],
        sink: "qa-mail".into(),
        delivery_id: "0192e4a0-0000-7000-8000-0000000000aa".into(),
        ..Notice::default()
    }
}

fn trusting_nobody() -> ClientConfig {
    server::certificate("nobody.test").1
}

fn build(options: Value, tls: ClientConfig) -> Result<Email, BuildError> {
    let options: Options = crate::options::read(options)?;
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let compiled = crate::service::Compiled::default();
    let surroundings = Surroundings::new("qa-mail", &templates, &client, &compiled);
    Email::new(&options, &surroundings, tls)
}

/// A sink that talks to this server in the clear, to `a@x.test`, `b@x.test` and `c@x.test`.
fn sink(post: &server::Post, more: Value) -> Email {
    let mut options = json!({
        "host": "127.0.0.1",
        "port": post.address.port(),
        "tls": "none",
        "from": "Agnox <agnox@x.test>",
        "to": ["a@x.test", "b@x.test"],
        "cc": "c@x.test",
    });
    for (name, value) in more.as_object().unwrap() {
        options[name] = value.clone();
    }
    build(options, trusting_nobody()).unwrap()
}

fn attempt(progress: Option<String>) -> Attempt {
    Attempt {
        delivery_id: notice().delivery_id,
        number: 1,
        at: Timestamp::UNIX_EPOCH,
        deadline: Duration::from_secs(5),
        progress,
    }
}

async fn send(email: &Email, progress: Option<String>) -> Result<Receipt, Failure> {
    let message = email.render(&notice(), None).unwrap();
    email.send(&message, &attempt(progress)).await
}
