//! Entries, read and held against answers: which fits, what it means, what is said of it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::client::{Content, End};
use crate::message::{HeaderValue, Request};
use crate::secret::Secret;
use crate::template::{Escape, Extras, Names, Templates};

mod hostile;
mod limits;

/// When every answer here comes.
const NOW: i64 = 1_800_000_000;

fn templates() -> ServiceTemplates {
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    templates.of_service(&Extras::default(), Escape::Plain).unwrap()
}

/// Compiles what stands under `answers` and `reason` of a service's file.
fn compiled(file: &str) -> Result<Answers, BuildError> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        answers: Vec<form::Answer>,
        #[serde(default)]
        reason: Vec<String>,
    }
    let value: Value = serde_yaml::from_str(file).unwrap();
    let file: File = crate::options::read(value)?;
    Answers::compile(&file.answers, &file.reason, &templates())
}

fn seen(status: u16, headers: &[(&str, &str)], body: impl Into<Content>) -> Seen {
    let headers = headers.iter().copied();
    let seen = Seen::new("api.pigeon.example", status, headers, body.into());
    seen.at(jiff::Timestamp::from_second(NOW).unwrap())
}

fn said(status: u16, body: &Value) -> Seen {
    seen(status, &[], body.to_string().into_bytes())
}

fn judge_for(file: &str, seen: &Seen, scene: &Value) -> Result<Receipt, Judged> {
    let (templates, trees) = (BTreeMap::new(), BTreeMap::new());
    let filling = Filling {
        data: scene,
        words: None,
        templates: &templates,
        trees: &trees,
        most: usize::MAX,
    };
    compiled(file).unwrap().judge(seen, &filling)
}

fn judge(file: &str, seen: &Seen) -> Result<Receipt, Judged> {
    judge_for(file, seen, &json!({ "with": {} }))
}

/// The name of what an answer means.
fn means(file: &str, seen: &Seen) -> &'static str {
    match judge(file, seen) {
        Ok(_) => "delivered",
        Err(Judged { gone: true, .. }) => "gone",
        Err(Judged { failure, .. }) => failure.fault.name(),
    }
}

fn reason(file: &str, seen: &Seen) -> String {
    judge(file, seen).unwrap_err().failure.reason
}

#[test]
fn what_no_entry_speaks_of_means_the_usual() {
    let file = "answers: [{status: 418, means: delivered}]";
    for (status, name) in
        [(204, "delivered"), (400, "refused"), (404, "suspended"), (503, "unavailable")]
    {
        assert_eq!(means(file, &seen(status, &[], vec![])), name);
        assert_eq!(means("{}", &seen(status, &[], vec![])), name);
    }
    assert_eq!(means(file, &seen(418, &[], vec![])), "delivered");
}

#[test]
fn a_status_is_a_code_a_class_or_one_of_several() {
    let file = "answers: [{status: 409, means: delivered}, {status: [400, 5xx], means: refused}, \
                {status: 2xx, means: suspended}]";
    for (status, name) in [
        (409, "delivered"),
        (400, "refused"),
        (500, "refused"),
        (599, "refused"),
        (202, "suspended"),
        (429, "unavailable"),
    ] {
        assert_eq!(means(file, &seen(status, &[], vec![])), name, "{status}");
    }
}

#[test]
fn json_is_held_against_values_by_kind_and_number() {
    for (condition, there, fits) in [
        (r#"{a: "*"}"#, json!({"a": false}), true),
        (r#"{a: "*"}"#, json!({"a": null}), false),
        (r#"{a: "*"}"#, json!({}), false),
        ("{a: null}", json!({}), true),
        ("{a: null}", json!({"a": null}), true),
        ("{a: null}", json!({"a": 0}), false),
        ("{a: false}", json!({"a": false}), true),
        ("{a: false}", json!({"a": "false"}), false),
        ("{a: 1}", json!({"a": 1.0}), true),
        ("{a: 1.5}", json!({"a": 1.5}), true),
        ("{a: 9007199254740993}", json!({"a": 9_007_199_254_740_992_u64}), false),
        ("{a: 40101}", json!({"a": "40101"}), false),
        ("{a: [x, 2, null]}", json!({"a": 2}), true),
        ("{a: [x, 2, null]}", json!({"b": 2}), true),
        ("{a: [x, 2]}", json!({"a": "xx"}), false),
        ("{e.0.c: x, ok: false}", json!({"e": [{"c": "x"}], "ok": false}), true),
        ("{e.0.c: x, ok: false}", json!({"e": [{"c": "x"}], "ok": true}), false),
        ("{.: 1}", json!(1), true),
    ] {
        let file = format!("answers: [{{status: 200, json: {condition}, means: refused}}]");
        let name = if fits { "refused" } else { "delivered" };
        assert_eq!(means(&file, &said(200, &there)), name, "{condition} {there}");
    }
}

#[test]
fn a_body_that_is_no_whole_json_meets_no_condition_on_json() {
    let file = "answers: [{json: {error: null}, means: refused}]";
    assert_eq!(means(file, &said(200, &json!({}))), "refused");
    let content = |bytes: &[u8], end| Content { bytes: bytes.to_vec(), end };
    for content in [
        content(b"", End::Whole),
        content(b"ok", End::Whole),
        content(b"{}", End::Capped),
        content(b"{}", End::Broken),
        content("[".repeat(10_000).as_bytes(), End::Whole),
    ] {
        assert_eq!(means(file, &seen(200, &[], content)), "delivered");
    }
    let packed = seen(200, &[("content-encoding", "gzip")], b"{}".to_vec());
    assert_eq!(means(file, &packed), "delivered");
}

#[test]
fn a_text_is_contained_and_a_header_is_there_or_equal() {
    let file = "answers: [{text: [no_service, no_team], means: suspended}, \
                {header: {X-Left: \"0\"}, means: unavailable}, \
                {header: {x-reason: \"*\"}, means: refused}]";
    let with = |name: &'static str, value: &'static str| seen(200, &[(name, value)], vec![]);
    assert_eq!(means(file, &seen(200, &[], b"error: no_team".to_vec())), "suspended");
    assert_eq!(means(file, &seen(200, &[], b"ok".to_vec())), "delivered");
    assert_eq!(means(file, &with("x-left", "0")), "unavailable");
    assert_eq!(means(file, &with("X-LEFT", "00")), "delivered");
    assert_eq!(means(file, &with("X-Reason", "")), "refused");
}

#[test]
fn the_first_entry_that_fits_counts_and_a_steps_own_come_before() {
    let service = compiled("answers: [{status: 404, means: refused}, {status: 4xx, means: gone}]");
    let step = compiled("answers: [{status: 404, text: issue, means: gone}]").unwrap();
    let both = service.unwrap().after(&step);
    let (templates, trees) = (BTreeMap::new(), BTreeMap::new());
    let (data, words) = (&json!({}), None);
    let filling = Filling { data, words, templates: &templates, trees: &trees, most: usize::MAX };
    let gone = |status, body: &str| {
        let judged = both.judge(&seen(status, &[], body.as_bytes().to_vec()), &filling);
        judged.unwrap_err().gone
    };
    assert!(gone(404, "no such issue"));
    assert!(!gone(404, "no such project"));
    assert!(gone(409, ""));
}

#[test]
fn an_entry_may_depend_on_the_message() {
    let file = "answers: [{text: channel_not_found, when: with.channel, means: refused}, \
                {text: channel_not_found, means: suspended}]";
    let answer = seen(404, &[], b"channel_not_found".to_vec());
    let fault = |with: Value| {
        let judged = judge_for(file, &answer, &json!({ "with": with }));
        judged.unwrap_err().failure.fault
    };
    assert_eq!(fault(json!({"channel": "#ops"})), Fault::Refused);
    assert_eq!(fault(json!({})), Fault::Suspended);
}

#[test]
fn what_is_gone_waits_for_the_next_try_and_is_forgotten() {
    let file = "answers: [{status: 404, means: gone}]";
    let Judged { failure, gone } = judge(file, &seen(404, &[], vec![])).unwrap_err();
    assert!(gone);
    assert_eq!((failure.fault, failure.holding), (Fault::Deferred, Some(Holding::Gone)));
    assert_eq!(
        failure.reason,
        "api.pigeon.example answered 404 Not Found: what was opened there isn't there any more"
    );
}

#[test]
fn a_reason_is_quoted_with_what_it_means() {
    let file = "answers: [{status: 2xx, json: {ok: false}, means: refused, say: the perch is full}]
reason: [error.message, errors, detail]";
    let of = |status, body: Value| reason(file, &said(status, &body));
    let start = "api.pigeon.example answered 200 OK: ";
    assert_eq!(
        of(200, json!({"ok": false, "error": {"message": "perch_full"}})),
        format!("{start}it says “perch_full”: the perch is full")
    );
    assert_eq!(of(200, json!({"ok": false})), format!("{start}the perch is full"));
    assert_eq!(
        of(400, json!({"errors": ["one", {"title": ["is too long", 7]}], "detail": "last"})),
        "api.pigeon.example answered 400 Bad Request: it says “one; title: is too long; 7”: \
         it can't make sense of this message"
    );
    for nothing in [json!({"errors": [], "detail": " "}), json!({"error": {"message": null}})] {
        let reason = of(503, nothing);
        assert!(reason.ends_with("503 Service Unavailable: it has trouble of its own"), "{reason}");
    }
}

#[test]
fn the_word_that_an_entry_looked_for_is_quoted_too() {
    let file = "answers: [{text: no_service, means: suspended, say: make a new webhook}]";
    assert_eq!(
        reason(file, &seen(404, &[], b"no_service\n".to_vec())),
        "api.pigeon.example answered 404 Not Found: it says “no_service”: make a new webhook"
    );
}

#[test]
fn an_entry_that_says_nothing_means_the_usual_or_at_least_something() {
    let file = "answers: [{status: [200, 404], means: suspended}]";
    assert!(reason(file, &seen(404, &[], vec![])).ends_with("at this address; check the URL"));
    assert!(reason(file, &seen(200, &[], vec![])).ends_with("takes nothing until somebody acts"));
}

#[test]
fn what_is_quoted_is_one_short_harmless_line_without_secrets() {
    let file = "reason: [error]";
    let request = Request {
        method: "POST".to_owned(),
        url: Secret::new("https://api.pigeon.example/CANARY-IN-PATH/send"),
        headers: vec![(
            "authorization".to_owned(),
            HeaderValue::Secret(Secret::new("Bearer CANARY\"TOKEN")),
        )],
        body: Vec::new(),
    };
    let error = "bad \u{1b}[31mtoken\r\nCANARY\"TOKEN at\u{202e} /CANARY-IN-PATH/send";
    let judged = judge(file, &said(400, &json!({ "error": error })).to(&request)).unwrap_err();
    let reason = &judged.failure.reason;
    assert!(reason.contains("says “bad \u{fffd}[31mtoken *** at\u{fffd} ***”: it"), "{reason}");
    assert!(!format!("{judged:?}").contains("CANARY"), "{judged:?}");

    for before in 280..310 {
        let error = format!("{}CANARY\"TOKEN{}", "x".repeat(before), "y".repeat(1_000));
        let judged = judge(file, &said(400, &json!({ "error": error })).to(&request));
        let reason = judged.unwrap_err().failure.reason;
        assert!(!reason.contains("CAN") && reason.len() < 420, "{reason}");
    }
}

#[test]
fn what_can_not_be_meant_is_an_error_at_its_place() {
    for (entry, place) in [
        ("{status: 99, means: refused}", "answers[0].status"),
        ("{status: 600, means: refused}", "answers[0].status"),
        ("{status: \"404\", means: refused}", "answers[0].status"),
        ("{status: 6xx, means: refused}", "answers[0].status"),
        ("{status: [200, 2x], means: refused}", "answers[0].status[1]"),
        ("{status: [], means: refused}", "answers[0].status"),
        ("{json: {a: []}, means: refused}", "answers[0].json.a"),
        ("{json: {a: {b: 1}}, means: refused}", "answers[0].json.a"),
        ("{json: {a: [\"*\"]}, means: refused}", "answers[0].json.a"),
        ("{json: {/a/b: 1}, means: refused}", "answers[0].json"),
        ("{text: 5, means: refused}", "answers[0].text"),
        ("{text: [ok, \"\"], means: refused}", "answers[0].text[1]"),
        ("{header: {\"a b\": x}, means: refused}", "answers[0].header.a b"),
        ("{status: 200, when: no_such_name, means: refused}", "answers[0].when"),
        ("{status: 429, means: refused, wait: {json: a}}", "answers[0].wait"),
        ("{status: 429, means: unavailable, wait: {unit: ms}}", "answers[0].wait"),
        ("{status: 429, means: unavailable, wait: {json: a..b}}", "answers[0].wait.json"),
        ("{status: 429, means: unavailable, wait: {header: \"a b\"}}", "answers[0].wait.header"),
        ("{means: refused}", "answers[0]"),
        ("{when: failing, means: refused}", "answers[0]"),
        ("{status: 200, means: perhaps}", "answers[0].means"),
    ] {
        let error = compiled(&format!("answers: [{entry}]")).map(drop).unwrap_err();
        assert_eq!(error.path, place, "{entry}: {error}");
    }
    assert_eq!(compiled("reason: [ok, a/b]").map(drop).unwrap_err().path, "reason[1]");
}

#[test]
fn a_wait_without_anything_found_is_the_default() {
    let file = "answers: [{status: 403, means: unavailable, wait: {default: 1m}}]";
    let wait = |headers: &[(&str, &str)]| {
        judge(file, &seen(403, headers, vec![])).unwrap_err().failure.fault
    };
    let seconds = |seconds| Fault::Unavailable { retry_after: Some(Duration::from_secs(seconds)) };
    assert_eq!(wait(&[]), seconds(60));
    assert_eq!(wait(&[("retry-after", "7")]), seconds(7));
}
