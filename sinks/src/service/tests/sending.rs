//! What becomes of a service's message at a real server.

use super::server::Server;
use super::*;
use crate::contract::{Failure, Fault, Holding, Receipt};

const CREATED: (u16, &str) = (201, r#"{"issue": {"number": 7, "key": "QA-7"}}"#);
const OK: (u16, &str) = (200, r#"{"ok": true}"#);

/// Renders a notice and tries once, as the bridge does.
async fn try_once(server: &Server, notice: &Notice) -> Result<Receipt, Failure> {
    let sink = sink(json!({ "url": server.origin }));
    let message = sink.render(notice, None).unwrap();
    let attempt = Attempt { progress: notice.progress.clone(), ..attempt() };
    let result = sink.send(&message, &attempt).await;
    assert!(!format!("{result:?}").contains(TOKEN));
    result
}

#[tokio::test]
async fn an_issue_is_opened_added_to_and_closed() {
    let server = Server::start().await;
    server.answers(&[CREATED, OK]);
    let receipt = try_once(&server, &first_failure()).await.unwrap();
    assert_eq!(
        (receipt.status, &receipt.holding),
        (Some(200), &Some(Holding::Open(held().unwrap())))
    );
    let received = server.received();
    assert_eq!(received[1].line, "POST /issues/7/links HTTP/1.1");
    let body: Value = serde_json::from_str(&received[1].body).unwrap();
    assert_eq!(body["number"], 7);
    assert_eq!(received[0].header("authorization"), Some(&*format!("Bearer {TOKEN}")));
    let ids = received.iter().map(|one| one.header("idempotency-key").unwrap().to_owned());
    assert_eq!(
        ids.collect::<Vec<_>>(),
        [attempt().delivery_id.clone(), attempt().delivery_id + "-2"]
    );

    server.answers(&[OK]);
    let receipt = try_once(&server, &Notice { held: held(), ..sample() }).await.unwrap();
    assert_eq!(receipt.holding, None);
    assert_eq!(server.received()[0].line, "POST /issues/7/comments HTTP/1.1");

    server.answers(&[(200, r#"{"transitions": [{"id": 31}]}"#), (204, "")]);
    let receipt = try_once(&server, &Notice { held: held(), ..recovered() }).await.unwrap();
    assert_eq!(receipt.holding, Some(Holding::Closed));
    assert_eq!(server.received()[1].body, "key=QA-7&transition=31&labels=a&labels=PASSED");
}

#[tokio::test]
async fn a_second_step_that_fails_is_tried_again_alone() {
    let server = Server::start().await;
    server.answers(&[CREATED, (503, "")]);
    let failure = try_once(&server, &first_failure()).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Unavailable { retry_after: None });
    assert!(failure.reason.starts_with("open[1]: ") && failure.maybe_arrived, "{failure}");
    assert_eq!(failure.holding, Some(Holding::Open(held().unwrap())));
    let before = server.received();

    server.answers(&[OK]);
    let again = Notice { progress: failure.progress, held: held(), ..first_failure() };
    let receipt = try_once(&server, &again).await.unwrap();
    assert_eq!(receipt.holding, Some(Holding::Open(held().unwrap())));
    let after = server.received();
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0].line, &after[0].body), (&before[1].line, &before[1].body));
    assert_eq!(after[0].header("idempotency-key"), before[1].header("idempotency-key"));
}

#[tokio::test]
async fn a_message_that_was_rendered_before_goes_on_where_its_last_try_stopped() {
    let server = Server::start().await;
    let sink = sink(json!({ "url": server.origin }));
    let message = sink.render(&first_failure(), None).unwrap();
    server.answers(&[CREATED, (503, ""), OK]);
    let failure = sink.send(&message, &attempt()).await.unwrap_err();
    let again = Attempt { progress: failure.progress, number: 2, ..attempt() };
    assert!(sink.send(&message, &again).await.is_ok());
    let lines: Vec<String> = server.received().into_iter().map(|one| one.line).collect();
    let link = "POST /issues/7/links HTTP/1.1";
    assert_eq!(lines, ["POST /projects/QA/issues HTTP/1.1", link, link]);
}

#[tokio::test]
async fn what_an_update_captures_is_known_from_then_on() {
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    file["update"]["capture"] = json!({"key": "key"});
    let server = Server::start().await;
    server.answers(&[(200, r#"{"key": "OPS-1"}"#)]);
    let options = json!({"url": server.origin, "token": TOKEN});
    let sink = built(&Service::read(file).unwrap(), options).unwrap().sink;
    let message = sink.render(&Notice { held: held(), ..sample() }, None).unwrap();
    let receipt = sink.send(&message, &attempt()).await.unwrap();
    let Some(Holding::Open(captured)) = receipt.holding else { panic!("{receipt:?}") };
    assert_eq!((&captured["number"], &captured["key"]), (&json!(7), &json!("OPS-1")));
}

#[tokio::test]
async fn a_first_step_that_fails_leaves_nothing_behind() {
    let server = Server::start().await;
    server.answers(&[(503, "")]);
    let failure = try_once(&server, &first_failure()).await.unwrap_err();
    assert_eq!((failure.progress, failure.holding, failure.maybe_arrived), (None, None, false));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn what_is_gone_is_forgotten_and_opened_anew() {
    let server = Server::start().await;
    server.answers(&[(404, "")]);
    let failure = try_once(&server, &Notice { held: held(), ..sample() }).await.unwrap_err();
    assert_eq!((failure.fault, failure.progress), (Fault::Deferred, None));
    assert_eq!(failure.holding, Some(Holding::Gone));
    server.answers(&[CREATED, OK]);
    try_once(&server, &sample()).await.unwrap();
    assert_eq!(server.received()[1].line, "POST /projects/QA/issues HTTP/1.1");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_suspends_the_sink_where_nothing_was_opened() {
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    file["answers"] = json!([{"status": 404, "means": "gone"}]);
    let server = Server::start().await;
    server.answers(&[(404, "")]);
    let options = json!({"url": server.origin, "token": TOKEN});
    let sink = built(&Service::read(file).unwrap(), options).unwrap().sink;
    let message = sink.render(&first_failure(), None).unwrap();
    let failure = sink.send(&message, &attempt()).await.unwrap_err();
    assert_eq!((failure.fault, failure.holding), (Fault::Suspended, None));
    assert!(failure.reason.contains("there is nothing at this address"), "{}", failure.reason);
}

#[tokio::test]
async fn an_answer_without_what_is_captured_ends_the_delivery_with_the_reason() {
    let server = Server::start().await;
    server.answers(&[(201, r#"{"issue": {"number": 7}}"#)]);
    let failure = try_once(&server, &first_failure()).await.unwrap_err();
    assert_eq!((failure.fault, failure.maybe_arrived), (Fault::Refused, true));
    assert!(
        failure.reason.contains("open[0]: ") && failure.reason.contains("`issue.key`"),
        "{failure}"
    );
    assert!(failure.excerpt.unwrap().contains("\"number\": 7"));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_success_that_is_none_is_a_failure_and_its_secrets_are_covered() {
    let server = Server::start().await;
    let echo = format!(r#"{{"ok": false, "error": {{"message": "no {TOKEN}"}}}}"#);
    server.answers(&[(200, &echo)]);
    let failure = try_once(&server, &Notice { held: held(), ..sample() }).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Refused);
    assert!(failure.reason.contains("no ***"), "{failure}");
}

#[tokio::test]
async fn the_deadline_covers_all_steps() {
    let server = Server::start().await;
    let sink = sink(json!({ "url": server.origin }));
    let message = sink.render(&first_failure(), None).unwrap();
    let attempt = Attempt { deadline: Duration::ZERO, ..attempt() };
    let failure = sink.send(&message, &attempt).await.unwrap_err();
    assert_eq!(failure.fault.name(), "unavailable");
}

#[tokio::test]
async fn the_host_is_reached_without_a_request() {
    let server = Server::start().await;
    let sink = sink(json!({ "url": server.origin }));
    let reached = sink.reach(Duration::from_secs(10)).await.unwrap();
    assert!(reached.contains("takes connections"), "{reached}");
    assert!(server.received().is_empty());
}
