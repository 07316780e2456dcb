//! The table of kinds that speak HTTP, how each is configured here, and one attempt with it.

use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::contract::{Attempt, Failure, Notice, Receipt, Sink};
use agnox_bridge_sinks::kind::{NATIVE, Surroundings};
use agnox_bridge_sinks::message::Message;
use agnox_bridge_sinks::service::Compiled;
use agnox_bridge_sinks::template::{Names, Templates};
use agnox_bridge_sinks::variables::sample;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// A kind with options that hold a canary in each secret. The URL that they are given has one in
/// its path and one in its query.
pub struct Subject {
    pub kind: &'static str,
    pub options: fn(&str) -> Value,
}

/// Every kind in Rust that speaks HTTP, and services. What services share is tried with a few of
/// them; what is each one's own, by the examples of its file.
pub const SUBJECTS: &[Subject] = &[
    Subject { kind: "http", options: |url| json!({"url": url, "bearer": "CANARY-IN-THE-TOKEN"}) },
    Subject {
        kind: "http",
        options: |url| {
            json!({
                "url": url,
                "basic": {"username": "bridge", "password": "CANARY-IN-THE-PASSWORD"},
                "headers": {"X-Api-Key": "CANARY-IN-THE-HEADER"},
                "json": {"text": "{{ group }}: {{ summary }}", "deep": ["{{ rule }}"]},
            })
        },
    },
    Subject {
        kind: "http",
        options: |url| json!({"url": url, "form": {"text": "{{ group }}: {{ summary }}"}}),
    },
    Subject { kind: "slack", options: |url| json!({"url": url}) },
    Subject { kind: "slack", options: |url| json!({"url": url, "format": "attachments"}) },
    Subject { kind: "slack", options: |url| json!({"url": url, "format": "text"}) },
    Subject {
        kind: "forward",
        options: |url| {
            json!({
                "url": url,
                "secret": "CANARY-IN-THE-SECRET-of-32-characters",
                "standard_webhooks": {"secret": "whsec_CANARYCANARYCANARYCANARYCANARYCA"},
            })
        },
    },
];

/// Kinds that speak something else, and are tested where they live; `local` holds hostile texts
/// against those that stay on this machine.
const NOT_HTTP: &[&str] = &["console", "email", "exec", "file"];

/// What every canary contains.
const CANARY: &str = "CANARY";

/// How long an attempt may take that is to be answered. A machine that is busy needs seconds for a
/// handshake, so this ends only what hangs.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// How long an attempt may take that is to time out: enough to hand the request over, since how far
/// an attempt came is part of its failure.
pub const SHORT: Duration = Duration::from_secs(2);

/// How much later than its deadline an attempt may end on a machine that is busy.
const SLACK: Duration = Duration::from_secs(3);

/// One attempt and what came of it.
pub struct Tried {
    pub result: Result<Receipt, Failure>,
    pub took: Duration,
}

impl Subject {
    /// The sink at `http://{authority}` or any other beginning of a URL.
    pub fn at(&self, origin: &str) -> Arc<dyn Sink> {
        self.with_policy(origin, DialPolicy { private: true })
    }

    /// The same, dialling by a policy.
    pub fn with_policy(&self, origin: &str, policy: DialPolicy) -> Arc<dyn Sink> {
        let url = format!("{origin}/services/CANARY-IN-THE-PATH?key=CANARY-IN-THE-QUERY");
        build_with(self.kind, (self.options)(&url), policy)
    }
}

/// A sink of this kind with these options.
pub fn build(kind: &str, options: Value) -> Arc<dyn Sink> {
    build_with(kind, options, DialPolicy { private: true })
}

fn build_with(name: &str, options: Value, policy: DialPolicy) -> Arc<dyn Sink> {
    install_rustls();
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let compiled = Compiled::default();
    let client = Client::new(policy);
    let programs = &[PathBuf::from("/bin/sh")];
    let surroundings =
        Surroundings { programs, ..Surroundings::new("sink", &templates, &client, &compiled) };
    let kind = Catalog::built_in().kind(name).expect("the table names kinds that are there");
    kind.build(options, &surroundings).expect("the options build").sink
}

/// Renders the sample notice and tries once to send it; no text of it all may hold a canary.
pub async fn try_once(sink: &Arc<dyn Sink>) -> Tried {
    try_within(sink, DEADLINE).await
}

/// The same within another deadline, which is kept.
pub async fn try_within(sink: &Arc<dyn Sink>, deadline: Duration) -> Tried {
    let message = sink.render(&sample(), None).expect("the sample renders");
    assert_covered(&format!("{message}"));
    assert_covered(&format!("{message:?}"));
    let began = Instant::now();
    let result = sink.send(&message, &Attempt { deadline, ..attempt() }).await;
    let took = began.elapsed();
    assert!(took < deadline + SLACK, "the deadline was not kept: {took:?}");
    assert_covered(&format!("{result:?}"));
    if let Err(failure) = &result {
        assert_covered(&failure.to_string());
        assert!(!failure.reason.is_empty());
    }
    Tried { result, took }
}

/// The failure of one attempt.
pub async fn fails(sink: &Arc<dyn Sink>) -> Failure {
    try_once(sink).await.result.expect_err("the attempt fails")
}

/// Renders a notice, and its built-in message too.
pub fn render_both(sink: &Arc<dyn Sink>, notice: &Notice) -> Vec<Message> {
    vec![sink.render(notice, None).expect("it renders"), sink.minimal(notice, "a test asks for it")]
}

pub fn attempt() -> Attempt {
    Attempt {
        delivery_id: sample().delivery_id,
        number: 1,
        at: jiff::Timestamp::UNIX_EPOCH,
        deadline: DEADLINE,
        progress: None,
    }
}

fn assert_covered(text: &str) {
    assert!(!text.contains(CANARY), "a secret shows: {text}");
}

/// Which TLS is spoken where a test's own parts ask for it.
pub fn install_rustls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("it is the first");
    });
}

#[test]
fn every_kind_in_rust_is_a_subject_or_speaks_no_http() {
    for kind in NATIVE {
        let subject = SUBJECTS.iter().any(|subject| subject.kind == kind.name);
        let elsewhere = NOT_HTTP.contains(&kind.name);
        assert!(subject != elsewhere, "`{}` needs to stand in SUBJECTS or in NOT_HTTP", kind.name);
    }
}
