//! Node-RED: what begins a workflow arrives as it was sent, and what its answers mean is understood.

use std::process::Command;

use agnox_bridge_sinks::contract::Fault;
use agnox_bridge_sinks::moments;
use serde_json::{Value, json};

use crate::corpus::{hostile, notices_of};
use crate::parts::{Part, own};
use crate::process::{Process, folder, free_port};
use crate::server::{Script, Server};
use crate::telling::{fails, now, sink, suspends, tell};
use crate::web;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct NodeRed {
    origin: String,
    _process: Process,
}

impl NodeRed {
    async fn start() -> Option<Self> {
        let packages = Part::Node.found()?;
        let folder = folder();
        for file in ["flows.json", "settings.js"] {
            std::fs::copy(own().join("node").join(file), folder.path().join(file)).unwrap();
        }
        let port = free_port();
        let mut command = Command::new("node");
        command.arg(packages.join("node_modules/node-red/red.js"));
        command.args(["--userDir", ".", "--settings", "settings.js"]).env("PORT", port.to_string());
        let mut process = Process::start(command, folder);
        let origin = format!("http://127.0.0.1:{port}");
        process.answers(&format!("{origin}/seen")).await;
        Some(NodeRed { origin, _process: process })
    }

    async fn seen(&self) -> Vec<Value> {
        let seen = web::get(&format!("{}/seen", self.origin)).await;
        seen.as_array().unwrap().clone()
    }
}

/// Every kind that begins a workflow, at this address.
fn kinds(url: &str) -> [(&'static str, Value); 4] {
    [
        ("n8n", json!({"url": url, "key": "s3cret"})),
        ("zapier", json!({"url": url})),
        ("standard_webhooks", json!({"url": url, "secret": SECRET})),
        ("http", json!({"url": url})),
    ]
}

#[tokio::test]
async fn what_is_sent_arrives_as_it_was_sent() {
    let Some(node_red) = NodeRed::start().await else { return };
    let recorder = Server::start(Script::Answer(200, "", Vec::new())).await;
    let texts = hostile();
    let notices: Vec<_> = moments::all()
        .map(|(_, notice)| notice)
        .chain(texts.iter().flat_map(|text| notices_of(text)))
        .collect();
    let there = kinds(&format!("{}/hook/200", node_red.origin));
    for ((kind, options), (_, twin)) in there.into_iter().zip(kinds(&recorder.origin())) {
        let (real, twin) = (sink(kind, options), sink(kind, twin));
        for notice in &notices {
            tell(&real, notice).await.unwrap_or_else(|failure| panic!("{kind}: {failure:?}"));
            tell(&twin, notice).await.unwrap();
        }
    }
    let (seen, sent) = (node_red.seen().await, recorder.received());
    assert_eq!((seen.len(), sent.len()), (4 * notices.len(), 4 * notices.len()));
    for (seen, sent) in seen.iter().zip(&sent) {
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&seen["body"][name], value, "{name}: {}", sent.head);
        }
        assert_eq!(seen["body"].as_object().unwrap().len(), body.as_object().unwrap().len());
        for name in ["content-type", "idempotency-key", "webhook-id", "x-agnox-key"] {
            assert_eq!(seen["headers"][name].as_str(), sent.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_workflow_that_fails_waits_and_one_that_is_not_there_suspends() {
    let Some(node_red) = NodeRed::start().await else { return };
    for (kind, options) in kinds(&format!("{}/hook/503", node_red.origin)) {
        let failure = fails(&sink(kind, options), &now("failed")).await;
        assert_eq!(failure.fault, Fault::Unavailable { retry_after: None }, "{kind}");
    }
    for (kind, options) in kinds(&format!("{}/nowhere", node_red.origin)) {
        let failure = fails(&sink(kind, options), &now("failed")).await;
        assert!(suspends(&failure), "{kind}: {failure:?}");
    }
}
