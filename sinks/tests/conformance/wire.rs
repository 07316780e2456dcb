//! What goes over the wire, as the far side gets it.

use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::AgnoxKey;
use agnox_bridge_sinks::variables::sample;
use serde_json::json;

use crate::server::{Received, Script, Server};
use crate::subjects::{DEADLINE, SUBJECTS, Subject, try_once};

async fn sent(subject: &Subject) -> Received {
    let server = Server::start(Script::Answer(200, "", vec![])).await;
    try_once(&subject.at(&server.origin())).await.result.unwrap();
    server.received().remove(0)
}

#[tokio::test]
async fn every_request_says_who_sends_it_how_long_it_is_and_which_delivery_it_is() {
    for subject in SUBJECTS {
        let request = sent(subject).await;
        assert_eq!(request.header("idempotency-key"), Some(&*sample().delivery_id));
        let agent = request.header("user-agent").unwrap();
        assert!(agent.starts_with("agnox-bridge/"), "{agent}");
        assert_eq!(request.header("content-length"), Some(&*request.body.len().to_string()));
        assert_eq!(request.header("transfer-encoding"), None);
        assert_eq!(request.header("accept-encoding"), None);
        assert!(!request.body.is_empty());
    }
}

#[tokio::test]
async fn a_forward_carries_the_very_bytes_with_a_signature_that_verifies() {
    let secret = "a-secret-that-only-the-target-knows";
    let key = AgnoxKey::new(&Secret::new(secret)).unwrap();
    for form in ["prefixed", "bare"] {
        let server = Server::start(Script::Answer(200, "", vec![])).await;
        let options = json!({"url": server.origin(), "secret": secret, "signature": form});
        let sink = crate::subjects::build("forward", options);
        let mut notice = sample();
        notice.raw = b"\xef\xbb\xbf{\"a\" :1,\"b\":\"\\ud83d\"}\r\n\xff".to_vec();
        let message = sink.render(&notice, None).unwrap();
        sink.send(&message, &crate::subjects::attempt()).await.unwrap();
        let request = server.received().remove(0);
        assert_eq!(request.body, notice.raw);
        assert_eq!(request.header("content-type"), Some("application/json"));
        let signature = request.header("x-agnox-signature").unwrap();
        let prefixed = match form {
            "bare" => format!("sha256={signature}"),
            _ => signature.to_owned(),
        };
        assert_eq!(key.verify(prefixed.as_bytes(), &request.body), Ok(()));
    }
}

#[tokio::test]
async fn standard_webhooks_headers_carry_the_deliverys_id_and_the_attempts_time() {
    let forward = SUBJECTS.iter().find(|subject| subject.kind == "forward").unwrap();
    let request = sent(forward).await;
    assert_eq!(request.header("webhook-id"), Some(&*sample().delivery_id));
    assert_eq!(request.header("webhook-timestamp"), Some("0"));
    assert!(request.header("webhook-signature").unwrap().starts_with("v1,"));
}

#[tokio::test]
async fn a_connection_is_used_again() {
    for subject in SUBJECTS {
        let server = Server::start(Script::Answer(200, "", b"ok".to_vec())).await;
        let sink = subject.at(&server.origin());
        for _ in 0..3 {
            try_once(&sink).await.result.unwrap();
        }
        assert_eq!((server.received().len(), server.dials()), (3, 1));
    }
}

#[tokio::test]
async fn reaching_connects_and_sends_nothing() {
    for subject in SUBJECTS {
        let server = Server::start(Script::Answer(200, "", vec![])).await;
        let reached = subject.at(&server.origin()).reach(DEADLINE).await.unwrap();
        assert!(reached.contains(&server.address.to_string()), "{reached}");
        assert!(server.received().is_empty());
    }
}
