//! What messages of a service look like.

use super::*;
use crate::contract::Holding;
use crate::digest::{Digest, Row};
use crate::message::HeaderValue;
use crate::template::Escape;

fn report(rows: usize) -> Notice {
    let row = |n| Row {
        group: format!("group-{n}"),
        status: Some("FAILED".into()),
        summary: Some("é".repeat(900)),
        ..Row::default()
    };
    let rows: Vec<Row> = (0..rows).map(row).collect();
    let digest = Digest { kind: "digest".into(), groups: 40, rows, ..Digest::default() };
    Notice { digest: Some(Box::new(digest)), ..sample() }
}

#[test]
fn an_incident_is_opened_with_what_later_steps_will_know_standing_in() {
    let message = sink(json!({"labels": ["a b", "c"]})).render(&first_failure(), None).unwrap();
    let requests = requests(&message);
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].url.expose(), "https://tracker.example/projects/QA/issues");
    assert_eq!(
        body(requests[0]),
        json!({
            "title": "🔴 checkout-eu · FAILED",
            "text": "3 tests failed in My Test Suite",
            "labels": ["a b", "c"],
            "points": 1,
        })
    );
    assert_eq!(body(requests[1])["number"], "‹number›");
    let shown = message.to_string();
    assert!(shown.contains("‹number›") && shown.contains("x-run: exec_xyz789"), "{shown}");
    assert!(!shown.contains(TOKEN) && !format!("{message:?}").contains(TOKEN));
}

#[test]
fn a_step_is_left_out_unless_its_condition_holds() {
    let bare = Notice { link: None, ..first_failure() };
    assert_eq!(sink(json!({})).render(&bare, None).unwrap().steps.len(), 1);
    let open = Notice { held: held(), ..recovered() };
    assert_eq!(sink(json!({"close": false})).render(&open, None).unwrap().steps.len(), 1);
}

#[test]
fn what_is_known_of_the_thing_stands_in_later_messages() {
    let update = sink(json!({})).render(&Notice { held: held(), ..sample() }, None).unwrap();
    let update = requests(&update);
    assert_eq!(update[0].url.expose(), "https://tracker.example/issues/7/comments");
    let closing = sink(json!({})).render(&Notice { held: held(), ..recovered() }, None).unwrap();
    let closing = requests(&closing);
    assert_eq!((closing[0].method.as_str(), closing[1].method.as_str()), ("GET", "PUT"));
    assert!(closing[0].body.is_empty());
    let form = String::from_utf8_lossy(&closing[1].body);
    assert_eq!(form, "key=QA-7&transition=%E2%80%B9done%E2%80%BA&labels=a&labels=PASSED");
    let [(name, HeaderValue::Secret(login))] = &closing[0].headers[..] else {
        panic!("{:?}", closing[0].headers);
    };
    assert!(name == "authorization" && login.expose().starts_with("Basic "));
}

#[test]
fn what_another_file_opened_is_not_taken_for_its_own() {
    let held = Some(Captured::from([("id".to_owned(), json!(1))]));
    let message = sink(json!({})).render(&Notice { held, ..sample() }, None).unwrap();
    assert!(requests(&message)[0].url.expose().ends_with("/projects/QA/issues"));
}

#[test]
fn a_rule_sets_what_it_may_and_brings_its_own_words() {
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let words = templates.compile("*{{ rule }}*", Escape::Markdown).unwrap();
    let with = [("project".to_owned(), "../x".to_owned())].into();
    let notice = Notice { with, rule: Some("a*b".into()), ..first_failure() };
    let message = sink(json!({})).render(&notice, Some(&words)).unwrap();
    let first = requests(&message)[0];
    assert_eq!(first.url.expose(), "https://tracker.example/projects/..%2Fx/issues");
    assert_eq!(body(first)["text"], "*a\\*b*");
}

#[test]
fn a_whole_that_is_too_large_loses_the_ends_of_values_then_rows() {
    let long = Notice { summary: Some("é".repeat(3000)), ..first_failure() };
    let message = sink(json!({})).render(&long, None).unwrap();
    let first = requests(&message)[0];
    let text = body(first)["text"].as_str().unwrap().to_owned();
    assert!(first.body.len() <= 4_000 && text.ends_with('…') && text.len() > 1_000, "{text}");
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    file["limits"]["whole"] = json!("200 bytes");
    let options = json!({"url": "https://tracker.example", "token": TOKEN});
    let sink = built(&Service::read(file).unwrap(), options).unwrap().sink;
    let message = sink.render(&report(12), None).unwrap();
    let text = String::from_utf8(requests(&message)[0].body.clone()).unwrap();
    assert!(text.len() <= 200 && text.contains("group"), "{}: {text}", text.len());
}

#[test]
fn a_persons_own_template_that_fails_gives_way_to_the_built_in_text() {
    let sink = sink(json!({"body": "{{ date group \"%Y\" }}"}));
    let error = sink.render(&first_failure(), None).unwrap_err();
    let message = sink.minimal(&first_failure(), &error.0);
    assert_eq!(message.fallback.as_deref(), Some(&*error.0));
    let text = body(requests(&message)[0])["text"].as_str().unwrap().to_owned();
    assert!(text.contains("template failed") && text.contains("3 tests failed"), "{text}");
}

#[test]
fn what_a_rule_asks_for_in_vain_gives_way_to_the_sinks_own_option() {
    let sink = sink(json!({"points": 3}));
    let with = [("points".to_owned(), "many".to_owned())].into();
    let notice = Notice { with, ..first_failure() };
    let error = sink.render(&notice, None).unwrap_err();
    assert!(error.0.contains("with.points"), "{error}");
    let message = sink.minimal(&notice, &error.0);
    let body = body(requests(&message)[0]);
    assert_eq!(body["points"], 3);
    assert!(body["text"].as_str().unwrap().contains("points"), "{body}");
}

#[tokio::test]
async fn what_can_not_be_said_at_all_is_dead_with_its_reason() {
    let sink = sink(json!({}));
    let with = [("project".to_owned(), "..".to_owned())].into();
    let notice = Notice { with, ..first_failure() };
    let error = sink.render(&notice, None).unwrap_err();
    let message = sink.minimal(&notice, &error.0);
    assert!(message.steps.is_empty());
    let failure = sink.send(&message, &attempt()).await.unwrap_err();
    assert_eq!(failure.fault.name(), "refused");
    assert!(failure.reason.contains("open[0].url: a value of only dots"), "{failure}");
}

#[tokio::test]
async fn a_stage_without_steps_is_delivered_at_once() {
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    let all = file.as_object_mut().unwrap();
    all.remove("send");
    all.remove("resolve");
    let service = Service::read(file).unwrap_err();
    assert_eq!(service[0].path, "parameters.close");
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    file.as_object_mut().unwrap().remove("send");
    let service = Service::read(file).unwrap();
    let options = json!({"url": "https://tracker.example", "token": TOKEN});
    let sink = built(&service, options).unwrap().sink;
    let message = sink.render(&recovered(), None).unwrap();
    assert!(message.to_string().contains("nothing is sent: nothing is open"), "{message}");
    let receipt = sink.send(&message, &attempt()).await.unwrap();
    assert!(receipt.excerpt.unwrap().starts_with("nothing is open"));
    assert_eq!(receipt.holding, None::<Holding>);
}

#[test]
fn a_thousand_sinks_share_one_program() {
    let (service, compiled) = (tracker(), Compiled::default());
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let around = Surroundings::new("issues", &templates, &client, &compiled);
    let options = json!({"url": "https://tracker.example", "token": TOKEN});
    let sinks: Vec<_> =
        (0..1000).map(|_| service.build(options.clone(), &around).unwrap().sink).collect();
    let shared = Arc::strong_count(compiled.0.lock().unwrap().values().next().unwrap());
    assert_eq!(shared, sinks.len() + 1);
}
