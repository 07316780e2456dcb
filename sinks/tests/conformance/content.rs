//! No text of an event breaks the envelope of its message.

use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::message::{HeaderValue, Message, Request, Step};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::corpus::{hostile, notices_of};
use crate::subjects::{SUBJECTS, build, render_both};

const ORIGIN: &str = "https://example.com";

/// The requests of a message.
fn requests(message: &Message) -> Vec<&Request> {
    let mut requests = Vec::new();
    for step in &message.steps {
        match step {
            Step::Http(request) => requests.push(request),
            other => panic!("no HTTP: {other:?}"),
        }
    }
    requests
}

fn content_type(request: &Request) -> &str {
    let found = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match found {
        Some((_, HeaderValue::Plain(kind))) => kind,
        other => panic!("a content type is there and no secret: {other:?}"),
    }
}

fn assert_whole(request: &Request, notice: &Notice) {
    let url = Url::parse(request.url.expose()).unwrap();
    assert_eq!(url.origin().ascii_serialization(), ORIGIN);
    for (name, value) in &request.headers {
        let text = match value {
            HeaderValue::Plain(text) => text,
            HeaderValue::Secret(secret) => secret.expose(),
        };
        assert!(!format!("{name}{text}").contains(['\r', '\n', '\0']), "{name}");
    }
    if request.body == notice.raw {
        return;
    }
    match content_type(request) {
        "application/json" => {
            serde_json::from_slice::<Value>(&request.body).expect("valid JSON");
        }
        "application/x-www-form-urlencoded" => {
            let names: Vec<_> = form_urlencoded::parse(&request.body).map(|(n, _)| n).collect();
            assert!(names.len() <= 2, "a value broke out of its field: {names:?}");
        }
        other => panic!("an unexpected body of {other}"),
    }
}

#[test]
fn every_hostile_text_leaves_the_message_whole() {
    for subject in SUBJECTS {
        let sink = subject.at(ORIGIN);
        for text in hostile() {
            for notice in notices_of(&text) {
                for message in render_both(&sink, &notice) {
                    requests(&message).iter().for_each(|request| assert_whole(request, &notice));
                }
            }
        }
    }
}

#[test]
fn nothing_that_is_printed_moves_the_cursor() {
    for options in [json!({}), json!({"template": "{{ group }}: {{ summary }} {{ body }}"})] {
        let sink = build("console", options);
        for text in hostile() {
            let notices = notices_of(&text);
            for message in notices.iter().flat_map(|notice| render_both(&sink, notice)) {
                let [Step::Print(text)] = message.steps.as_slice() else { panic!("{message:?}") };
                assert!(
                    text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()),
                    "{text:?}"
                );
            }
        }
    }
}

#[test]
fn rendering_is_pure() {
    for subject in SUBJECTS {
        let sink = subject.at(ORIGIN);
        for text in hostile() {
            for notice in notices_of(&text) {
                assert_eq!(render_both(&sink, &notice), render_both(&sink, &notice));
            }
        }
    }
}
