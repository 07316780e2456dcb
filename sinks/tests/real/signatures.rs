//! The libraries of Standard Webhooks verify what we sign, as it stood on the wire. The Rust one does
//! so in the conformance suite.

use agnox_bridge_sinks::contract::Notice;
use serde_json::{Value, json};

use crate::corpus::{hostile, notices_of};
use crate::messages::{Checked, node, python};
use crate::server::{Received, Script, Server};
use crate::telling::{sink, tell};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test]
async fn libraries_of_other_languages_verify_what_is_signed() {
    let server = Server::start(Script::Answer(200, "", Vec::new())).await;
    let url = server.origin();
    let service = sink("standard_webhooks", json!({"url": url, "secret": SECRET}));
    let forward = sink("forward", json!({"url": url, "standard_webhooks": {"secret": SECRET}}));
    for text in hostile() {
        for notice in notices_of(&text) {
            // The libraries read what they have verified as JSON.
            let notice = Notice { raw: notice.body.to_string().into_bytes(), ..notice };
            tell(&service, &notice).await.unwrap();
            tell(&forward, &notice).await.unwrap();
        }
    }
    let received = server.received();
    let mut messages: Vec<Checked> = received.iter().map(|one| signed(one, "")).collect();
    let right = messages.len();
    messages.extend(received.iter().map(|one| signed(one, "!")));
    for answers in [node(&messages), python(&messages)].into_iter().flatten() {
        for (index, errors) in answers.iter().enumerate() {
            assert_eq!(errors.is_empty(), index < right, "{errors:?} {:?}", messages[index].value);
        }
    }
}

/// A request, with something that nobody signed behind its body.
fn signed(received: &Received, more: &str) -> Checked {
    let body = format!("{}{more}", std::str::from_utf8(&received.body).unwrap());
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: Value =
        names.iter().map(|name| ((*name).to_owned(), json!(received.header(name)))).collect();
    let value = json!({"secret": SECRET, "headers": headers, "body": body});
    Checked { name: "signed".to_owned(), kind: "signed", value }
}
