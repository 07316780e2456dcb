//! Synapse, the homeserver of the Matrix foundation: messages, threads, repeats, and what it refuses.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use agnox_bridge_sinks::contract::{Fault, Holding, Notice, Sink};
use reqwest::Method;
use serde_json::{Value, json};

use crate::corpus::{hostile, notices_of};
use crate::parts::Part;
use crate::process::{Process, folder, free_port, write};
use crate::telling::{fails, now, of_now, opened, sink, suspends, tell};
use crate::web;

/// A homeserver with one account, which has joined one room.
struct Homeserver {
    origin: String,
    token: String,
    room: String,
    _process: Process,
}

impl Homeserver {
    /// One that takes so many messages a second, and so many at once.
    async fn start(per_second: f64, burst: u32) -> Option<Self> {
        let packages = Part::Python.found()?;
        let (folder, port) = (folder(), free_port());
        write(folder.path(), "homeserver.yaml", &configuration(port, per_second, burst));
        write(folder.path(), "signing.key", &format!("ed25519 a_test {}\n", "A".repeat(43)));
        let mut command = Command::new(packages.join("bin/python"));
        command.args(["-m", "synapse.app.homeserver", "--config-path", "homeserver.yaml"]);
        let mut process = Process::start(command, folder);
        let origin = format!("http://127.0.0.1:{port}");
        process.answers(&format!("{origin}/health")).await;
        let account =
            json!({"auth": {"type": "m.login.dummy"}, "username": "bot", "password": "p"});
        let account = posted(&origin, "register", None, &account).await;
        let token = account["access_token"].as_str().unwrap().to_owned();
        let room = posted(&origin, "createRoom", Some(&token), &json!({"name": "alerts"})).await;
        let room = room["room_id"].as_str().unwrap().to_owned();
        Some(Homeserver { origin, token, room, _process: process })
    }

    fn sink(&self) -> Arc<dyn Sink> {
        self.sink_with(&self.token, &self.room)
    }

    fn sink_with(&self, token: &str, room: &str) -> Arc<dyn Sink> {
        sink("matrix", json!({"server": self.origin, "token": token, "room": room}))
    }

    async fn seen(&self, path: &str) -> Value {
        let url = format!("{}/_matrix/client/v3/rooms/{}/{path}", self.origin, self.room);
        web::ask(Method::GET, &url, Some(&self.token), None).await.1
    }

    /// The messages of the room, oldest first.
    async fn messages(&self) -> Vec<Value> {
        let page = self.seen("messages?dir=f&limit=1000").await;
        let all = page["chunk"].as_array().unwrap().iter();
        all.filter(|event| event["type"] == "m.room.message").cloned().collect()
    }
}

fn configuration(port: u16, per_second: f64, burst: u32) -> String {
    let listener = json!({"port": port, "type": "http", "tls": false,
        "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]});
    let configuration = json!({
        "server_name": "localhost", "report_stats": false, "pid_file": "pid",
        "trusted_key_servers": [], "signing_key_path": "signing.key",
        "media_store_path": "media", "macaroon_secret_key": "macaroon", "form_secret": "form",
        "enable_registration": true, "enable_registration_without_verification": true,
        "presence": {"enabled": false}, "listeners": [listener], "bcrypt_rounds": 4,
        "database": {"name": "sqlite3", "args": {"database": "database"}},
        "rc_message": {"per_second": per_second, "burst_count": burst},
    });
    configuration.to_string()
}

async fn posted(origin: &str, path: &str, token: Option<&str>, body: &Value) -> Value {
    let url = format!("{origin}/_matrix/client/v3/{path}");
    let (status, said) = web::ask(Method::POST, &url, token, Some(body)).await;
    assert_eq!(status, 200, "{path}: {said}");
    said
}

#[tokio::test]
async fn an_incident_is_a_thread_whose_first_message_says_how_it_stands() {
    let Some(homeserver) = Homeserver::start(1000.0, 1000).await else { return };
    let sink = homeserver.sink();
    let held = opened(tell(&sink, &now("failed")).await);
    let [first] = &homeserver.messages().await[..] else { panic!("one message") };
    assert_eq!(json!(held["event"]), first["event_id"]);
    let content = &first["content"];
    assert_eq!(content["format"], "org.matrix.custom.html");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.contains("<strong>FAILED</strong>"), "{html}");
    assert!(content["body"].as_str().unwrap().starts_with("🔴 checkout-eu · FAILED\n"));

    let later = Notice { held: Some(held.clone()), ..now("still_failing") };
    tell(&sink, &later).await.unwrap();
    let end = Notice { held: Some(held.clone()), ..now("recovered") };
    let receipt = tell(&sink, &end).await.unwrap();
    assert_eq!(receipt.holding, Some(Holding::Closed));
    let root = held["event"].as_str().unwrap();
    let root = homeserver.seen(&format!("event/{root}")).await;
    let relations = &root["unsigned"]["m.relations"];
    assert_eq!(relations["m.thread"]["count"], 2, "{root}");
    let now = &relations["m.replace"]["content"]["m.new_content"];
    assert!(now["body"].as_str().unwrap().starts_with("✅ checkout-eu · RECOVERED"), "{root}");
}

#[tokio::test]
async fn a_message_that_is_sent_twice_is_there_once_and_every_hostile_text_is_taken() {
    let Some(homeserver) = Homeserver::start(1000.0, 1000).await else { return };
    let sink = homeserver.sink();
    let notice = now("digest");
    for _ in 0..2 {
        tell(&sink, &notice).await.unwrap();
    }
    assert_eq!(homeserver.messages().await.len(), 1);
    for text in hostile() {
        for notice in notices_of(&text).map(of_now) {
            let result = tell(&sink, &notice).await;
            result.unwrap_or_else(|failure| panic!("{text:.40?}: {failure:?}"));
        }
    }
    for message in homeserver.messages().await {
        assert_eq!(message["content"]["m.mentions"], json!({}));
    }
}

#[tokio::test]
async fn what_it_refuses_is_understood() {
    let Some(homeserver) = Homeserver::start(1000.0, 1000).await else { return };
    let stranger = fails(&homeserver.sink_with("nobody's", &homeserver.room), &now("failed")).await;
    assert!(suspends(&stranger) && stranger.status == Some(401), "{stranger:?}");
    let outside = homeserver.sink_with(&homeserver.token, "!elsewhere:localhost");
    let outside = fails(&outside, &now("failed")).await;
    assert!(suspends(&outside) && outside.status == Some(403), "{outside:?}");
    let gone = [("event".to_owned(), json!("$a-message-that-nobody-has-ever-sent-anywhere"))];
    let notice = Notice { held: Some(gone.into()), ..now("still_failing") };
    let failure = fails(&homeserver.sink(), &notice).await;
    assert_eq!(failure.holding, Some(Holding::Gone), "{failure:?}");
}

#[tokio::test]
async fn its_limit_says_how_long_to_wait() {
    let Some(homeserver) = Homeserver::start(0.1, 1).await else { return };
    let sink = homeserver.sink();
    let mut last = tell(&sink, &now("failed")).await;
    for _ in 0..20 {
        if last.is_err() {
            break;
        }
        last = tell(&sink, &now("failed")).await;
    }
    let failure = last.unwrap_err();
    assert_eq!(failure.status, Some(429));
    let Fault::Unavailable { retry_after: Some(wait) } = failure.fault else {
        panic!("{failure:?}")
    };
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(10), "{wait:?}");
}
