//! What a bad far side may answer: none of it leaves the place that it is printed at.

use rstest::rstest;

use super::server::{Received, Server};
use super::*;
use crate::contract::{Failure, Fault, Receipt};

/// Opens an issue at a server that gives this number and this key.
async fn opened(number: &Value) -> (Result<Receipt, Failure>, Vec<Received>) {
    let issue = json!({"issue": {"number": number, "key": number}}).to_string();
    answered(&[(201, &issue), (200, "{}")]).await
}

async fn answered(answers: &[(u16, &str)]) -> (Result<Receipt, Failure>, Vec<Received>) {
    let server = Server::start().await;
    server.answers(answers);
    let sink = sink(json!({ "url": server.origin }));
    let message = sink.render(&first_failure(), None).unwrap();
    let result = sink.send(&message, &attempt()).await;
    assert!(!format!("{result:?}").contains(TOKEN), "{result:?}");
    (result, server.received())
}

#[rstest]
#[case::number(json!(7), "/issues/7/links")]
#[case::text(json!("seven"), "/issues/seven/links")]
#[case::flag(json!(true), "/issues/true/links")]
#[case::path(json!("../../admin?all=1#x"), "/issues/..%2F..%2Fadmin%3Fall%3D1%23x/links")]
#[case::template(json!("{{ options.token }}"), "/issues/%7B%7B%20options.token%20%7D%7D/links")]
#[case::lines(json!("7\r\nx-evil: 1\r\n\r\n"), "/issues/7%0D%0Ax-evil:%201%0D%0A%0D%0A/links")]
#[case::host(json!("//evil.example/"), "/issues/%2F%2Fevil.example%2F/links")]
#[case::unseen(json!("7\u{202e}\u{0}"), "/issues/7%E2%80%AE%00/links")]
#[tokio::test]
async fn what_is_captured_is_a_value_and_nothing_else(#[case] value: Value, #[case] path: &str) {
    let (result, received) = opened(&value).await;
    result.unwrap();
    assert_eq!(received[1].line, format!("POST {path} HTTP/1.1"));
    assert_eq!(received[1].header("x-evil"), None);
    let body: Value = serde_json::from_str(&received[1].body).unwrap();
    assert!(body.as_object().unwrap().len() == 2 && !received[1].body.contains(TOKEN), "{body}");
}

#[rstest]
#[case::upwards("..")]
#[case::here(".")]
#[tokio::test]
async fn dots_that_would_lead_elsewhere_end_the_delivery(#[case] dots: &str) {
    let (result, received) = opened(&dots.into()).await;
    let failure = result.unwrap_err();
    assert_eq!((&failure.fault, failure.maybe_arrived), (&Fault::Refused, true));
    assert!(failure.reason.contains("only dots"), "{failure}");
    assert_eq!(received.len(), 1);
}

#[tokio::test]
async fn a_secret_that_comes_back_is_not_kept() {
    let (result, received) = opened(&format!("see {TOKEN}").into()).await;
    let failure = result.unwrap_err();
    assert!(failure.reason.contains("a secret of this sink stands at"), "{failure}");
    assert_eq!((failure.fault, failure.holding, received.len()), (Fault::Refused, None, 1));
}

#[rstest]
#[case::deep(format!("{}{}", "[".repeat(32_000), "]".repeat(32_000)), "the answer is no JSON")]
#[case::long(
    format!(r#"{{"issue": {{"number": 7, "key": "QA-7"}}, "more": "{}"}}"#, "x".repeat(70_000)),
    "the answer is longer than 64 KiB"
)]
#[case::other_shape(r#"{"issue": [7, 8]}"#.to_owned(), "nothing stands at `issue.number`")]
#[case::list(r#"{"issue": {"number": [7], "key": {}}}"#.to_owned(), "a list stands at")]
#[tokio::test]
async fn an_answer_that_cant_be_read_ends_the_delivery_and_says_why(
    #[case] answer: String,
    #[case] why: &str,
) {
    let (result, received) = answered(&[(201, &answer)]).await;
    let failure = result.unwrap_err();
    assert!(failure.reason.contains(why), "{failure}");
    assert_eq!((failure.fault, failure.maybe_arrived), (Fault::Refused, true));
    assert!(failure.excerpt.unwrap_or_default().len() <= 1024);
    assert_eq!(received.len(), 1);
}

#[tokio::test]
async fn what_changes_its_type_later_is_taken_as_it_is() {
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    file["update"]["when"] = "humanize captured.number".into();
    let server = Server::start().await;
    let options = json!({"url": server.origin, "token": TOKEN});
    let sink = built(&Service::read(file).unwrap(), options).unwrap().sink;
    let mut captured = held().unwrap();
    captured.insert("number".to_owned(), "seven".into());
    let notice = Notice { held: Some(captured), ..sample() };
    let why = sink.render(&notice, None).unwrap_err().to_string();
    assert!(why.starts_with("update.when: "), "{why}");
    let failure = sink.send(&sink.minimal(&notice, &why), &attempt()).await.unwrap_err();
    assert_eq!((&failure.fault, server.received().len()), (&Fault::Refused, 0));
    assert!(failure.reason.contains("update.when: "), "{failure}");
}
