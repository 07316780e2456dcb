//! Answers as they come over a real socket, before anything is judged: what of them is seen, kept,
//! and shown.

use agnox_bridge_sinks::client::{Client, DialPolicy, Seen};
use agnox_bridge_sinks::contract::{Captured, Failure, Fault};
use agnox_bridge_sinks::message::{HeaderValue, Request};
use agnox_bridge_sinks::secret::{Redactor, Secret};
use agnox_bridge_sinks::service::capture::Captures;
use serde_json::json;
use tokio::time::Instant;

use crate::server::{Script, Server};
use crate::subjects::{DEADLINE, SHORT, attempt, install_rustls};

const CAP: usize = 64 * 1024;

async fn exchange(server: &Server, within: std::time::Duration) -> Result<Seen, Failure> {
    install_rustls();
    let request = Request {
        method: "POST".to_owned(),
        url: Secret::new(format!("{}/services/CANARY-IN-THE-PATH", server.origin())),
        headers: vec![(
            "authorization".to_owned(),
            HeaderValue::Secret(Secret::new("Bearer CANARY-IN-THE-TOKEN")),
        )],
        body: b"{}".to_vec(),
    };
    let client = Client::new(DialPolicy { private: true });
    client.exchange(Instant::now() + within, &request, &attempt()).await
}

async fn seen(script: Script) -> Seen {
    let server = Server::start(script).await;
    exchange(&server, DEADLINE).await.unwrap()
}

fn captured(seen: &Seen, path: &str) -> Result<Captured, String> {
    let wanted = serde_json::from_value(json!({ "it": path })).unwrap();
    Captures::compile(&wanted).unwrap().of(seen, &Redactor::new(["CANARY-IN-THE-TOKEN"]))
}

#[tokio::test]
async fn an_answer_is_seen_as_it_came_and_nothing_is_judged() {
    let body = br#"{"error": {"code": 7}}"#.to_vec();
    let seen = seen(Script::Answer(500, "X-Left: 0\r\nx-left:  1 \r\n", body)).await;
    assert_eq!(seen.status(), 500);
    assert_eq!(seen.header("x-LEFT").collect::<Vec<_>>(), ["0", "1"]);
    assert_eq!(seen.json(), Some(&json!({"error": {"code": 7}})));
    assert_eq!(captured(&seen, "error.code").unwrap()["it"], 7);
    let usual = seen.usual().unwrap_err();
    assert_eq!(usual.fault, Fault::Unavailable { retry_after: None });
}

#[tokio::test]
async fn a_body_counts_as_whole_up_to_the_cap_and_not_beyond() {
    let json = |length: usize| format!("\"{}\"", "x".repeat(length - 2)).into_bytes();
    let whole = seen(Script::Answer(200, "", json(CAP))).await;
    assert!(whole.json().is_some_and(|text| text.as_str().unwrap().len() == CAP - 2));
    let cut = seen(Script::Answer(200, "", json(CAP + 1))).await;
    assert_eq!((cut.json(), cut.text().len()), (None, CAP));
    assert!(captured(&cut, ".").unwrap_err().ends_with("the answer is longer than 64 KiB"));
    let endless = seen(Script::Endless(200, "")).await;
    assert!(captured(&endless, ".").unwrap_err().ends_with("the answer is longer than 64 KiB"));
}

#[tokio::test]
async fn a_body_that_never_ends_leaves_the_status_and_no_json() {
    let broken = seen(Script::CutBody(201)).await;
    assert_eq!((broken.status(), broken.text().as_ref()), (201, "only this"));
    assert!(captured(&broken, "id").unwrap_err().ends_with("the answer broke off"));
    let server = Server::start(Script::DripBody(201)).await;
    let late = exchange(&server, SHORT).await.unwrap();
    assert!(captured(&late, "id").unwrap_err().ends_with("the answer broke off"));
    assert!(late.usual().is_ok());
}

#[tokio::test]
async fn what_is_quoted_shown_or_kept_of_an_echo_holds_no_secret() {
    let seen = seen(Script::Echo(403)).await;
    assert!(seen.text().contains("CANARY-IN-THE-TOKEN"));
    for shown in [
        seen.quoted(&seen.text(), 10_000),
        format!("{seen:?}"),
        format!("{:?}", seen.receipt()),
        format!("{:?}", seen.failure(Fault::Refused, "it says so")),
        format!("{:?}", seen.usual()),
    ] {
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    let echo = br#"{"id": "for CANARY-IN-THE-TOKEN"}"#.to_vec();
    let seen = self::seen(Script::Answer(200, "", echo)).await;
    assert!(captured(&seen, "id").unwrap_err().contains("a secret of this sink"));
}

#[tokio::test]
async fn where_there_is_no_answer_there_is_nothing_to_see() {
    let server = Server::start(Script::Silence).await;
    let failure = exchange(&server, SHORT).await.unwrap_err();
    assert!(failure.maybe_arrived && failure.status.is_none(), "{failure:?}");
}
