//! The Apprise library, behind a stand-in for its server: what our request says reaches the services
//! that it knows, and what it couldn't deliver is understood.

use std::process::Command;
use std::sync::Arc;

use agnox_bridge_sinks::contract::{Fault, Sink};
use serde_json::{Value, json};

use crate::corpus::{hostile, notices_of};
use crate::parts::{Part, own};
use crate::process::{Process, folder, free_port, number_after};
use crate::server::{Script, Server};
use crate::telling::{fails, now, of_now, sink, suspends, tell};

struct Apprise {
    origin: String,
    _process: Process,
    target: Server,
}

impl Apprise {
    /// With two services under the key `ops`, one of them tagged, and one that is down under `down`.
    async fn start() -> Option<Self> {
        let packages = Part::Python.found()?;
        let target = Server::start(Script::Answer(200, "", Vec::new())).await;
        let mut command = Command::new(packages.join("bin/python"));
        command.arg(own().join("python/apprise_server.py"));
        for (key, tag, path) in [("ops", "-", "all"), ("ops", "devops", "tagged")] {
            command.args([key, tag, &format!("json://{}/{path}", target.address)]);
        }
        command.args(["down", "-", &format!("json://127.0.0.1:{}/", free_port())]);
        let mut process = Process::start(command, folder());
        let port = process.says(|log| number_after(log, "listening ")).await;
        Some(Apprise { origin: format!("http://127.0.0.1:{port}"), _process: process, target })
    }

    fn sink(&self, key: &str, tag: &str) -> Arc<dyn Sink> {
        sink("apprise", json!({"url": self.origin, "key": key, "tag": tag}))
    }

    /// What its services were sent: where, and the message.
    fn sent(&self) -> Vec<(String, Value)> {
        let received = self.target.received();
        let one = received.iter().map(|received| {
            let path = received.head.split(' ').nth(1).unwrap_or_default().to_owned();
            (path, serde_json::from_slice(&received.body).unwrap())
        });
        one.collect()
    }
}

#[tokio::test]
async fn a_message_reaches_every_service_or_those_of_a_tag() {
    let Some(apprise) = Apprise::start().await else { return };
    tell(&apprise.sink("ops", "all"), &now("failed")).await.unwrap();
    let mut sent = apprise.sent();
    sent.sort_by(|a, b| a.0.cmp(&b.0));
    let paths: Vec<&str> = sent.iter().map(|(path, _)| &**path).collect();
    assert_eq!(paths, ["/all", "/tagged"]);
    for (_, message) in &sent {
        assert_eq!(message["title"], "🔴 checkout-eu · FAILED");
        assert_eq!(message["type"], "failure");
        let text = message["message"].as_str().unwrap();
        assert!(text.contains("3 tests failed in My Test Suite"), "{text}");
    }
    tell(&apprise.sink("ops", "devops"), &now("recovered")).await.unwrap();
    let sent = apprise.sent();
    let [_, _, (path, message)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((&**path, &message["type"]), ("/tagged", &json!("success")));
}

#[tokio::test]
async fn the_library_takes_every_hostile_text_and_pings_nobody() {
    let Some(apprise) = Apprise::start().await else { return };
    let sink = apprise.sink("ops", "devops");
    for text in hostile() {
        for notice in notices_of(&text).map(of_now) {
            let result = tell(&sink, &notice).await;
            result.unwrap_or_else(|failure| panic!("{text:.40?}: {failure:?}"));
        }
    }
    for (_, message) in apprise.sent() {
        let [title, text] = ["title", "message"].map(|field| message[field].as_str().unwrap());
        for ping in ["@everyone", "@here", "@channel"] {
            assert!(!title.contains(ping) && !text.contains(ping), "{ping} in {title}\n{text}");
        }
        // Its service for Slack makes the title harmless itself.
        assert!(!text.contains("<!here>"), "{text}");
    }
}

#[tokio::test]
async fn what_it_could_not_deliver_waits_and_a_key_that_it_does_not_know_suspends() {
    let Some(apprise) = Apprise::start().await else { return };
    let failure = fails(&apprise.sink("down", "all"), &now("failed")).await;
    assert_eq!((failure.fault, failure.status), (Fault::Deferred, Some(424)));
    let failure = fails(&apprise.sink("nobody", "all"), &now("failed")).await;
    assert!(suspends(&failure), "{failure:?}");
    assert_eq!(failure.status, Some(204));
}
