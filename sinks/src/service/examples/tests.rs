//! That examples find what is wrong, where it is, and that accepted ones hold.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::rehearse::Played;
use super::*;
use crate::message::HeaderValue;
use crate::secret::Secret;
use crate::service::form::Form;

/// A service that holds a thing, and two examples of it that are right.
fn loft() -> Value {
    serde_yaml::from_str(LOFT).unwrap()
}

const LOFT: &str = r##"
name: loft
title: Loft
about: Keeps doves.
docs: https://loft.test/docs
checked: "no"
parameters:
  url: {type: url, secret: true, required: true, about: Where., example: "https://loft.test/k3y"}
  key: {type: secret, about: A key.}
limits: {title: 40, whole: 20 kB}
open:
  - url: "{{ options.url }}/doves"
    headers: {x-key: "{{ options.key }}"}
    json: {title: "{{ said.headline }}", tags: [a, "{{ status }}"]}
    capture: {dove: id}
  - url: "{{ options.url }}/doves/{{ captured.dove }}"
    method: PUT
    text: "{{#if words}}{{ words }}{{else}}{{ said.history }}{{/if}}"
resolve:
  url: "{{ options.url }}/doves/{{ captured.dove }}"
  method: DELETE
answers:
  - {status: 404, means: gone}
  - {status: 409, means: deferred}
examples:
  - name: a dove flies out
    notice: failed
    options: {url: "https://loft.test/k3y", key: s3cret-key}
    requests:
      - method: POST
        url: https://loft.test/k3y/doves
        headers: {content-type: application/json, X-Key: s3cret-key}
        json: {title: "🔴 checkout-eu · FAILED", tags: [a, FAILED]}
        answer: {json: {id: 7}}
      - method: PUT
        url: https://loft.test/k3y/doves/7
        headers: {content-type: text/plain; charset=utf-8}
        text: New failure; the run before was PASSED
    answers:
      - {status: 204, means: delivered}
      - {status: 429, headers: {retry-after: "30"}, means: unavailable, wait: 30s}
      - {status: 400, text: nope, means: refused}
      - {status: 401, means: suspended}
      - {status: 409, means: deferred}
    captures: {dove: 7}
  - name: it comes home
    notice: {like: recovered, group: a}
    options: {url: "https://loft.test/k3y"}
    captured: {dove: 7}
    requests:
      - {method: DELETE, url: "https://loft.test/k3y/doves/7"}
    answers:
      - {status: 404, means: gone}
"##;

fn service(file: Value) -> Service {
    Service::read(file).unwrap()
}

/// What is wrong once a value in the file is another one.
fn wrong(pointer: &str, value: Value) -> Vec<Mismatch> {
    let mut file = loft();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match file.pointer_mut(parent).unwrap() {
        Value::Array(items) if name == "-" => items.push(value),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    run(&service(file))
}

#[test]
fn examples_that_are_right_have_nothing_to_say() {
    assert_eq!(run(&service(loft())), []);
}

#[rstest]
#[case::notice("0/notice", json!("faild"), "[0].notice", "did you mean `failed`?")]
#[case::variable("0/notice", json!({"like": "failed", "grup": 1}), "[0].notice.grup", "variable")]
#[case::option("0/options/urll", json!(1), "[0].options.urll", "did you mean `url`?")]
#[case::words("0/words", json!("{{ grup }}"), "[0].words", "grup")]
#[case::said("0/words", json!("coo"), "[0].requests[1].text", "not what comes out")]
#[case::method("0/requests/0/method", json!("PUT"), "[0].requests[0].method", "not what")]
#[case::url("0/requests/0/url", json!("https://x.test"), "[0].requests[0].url", "not what")]
#[case::header("0/requests/0/headers/X-Key", json!("b"), "[0].requests[0].headers.X-Key", "not")]
#[case::more("0/requests/0/headers/x-b", json!("b"), "[0].requests[0].headers.x-b", "doesn't go")]
#[case::fewer("0/requests/0/headers", json!({}), "[0].requests[0].headers.content-type", "doesn't say")]
#[case::leaf("0/requests/0/json/title", json!("b"), "[0].requests[0].json.title", "not what")]
#[case::type_("0/requests/0/json/title", json!(1), "[0].requests[0].json.title", "not what")]
#[case::item("0/requests/0/json/tags", json!(["a"]), "[0].requests[0].json.tags[1]", "doesn't say")]
#[case::kind("0/requests/0", json!({"method": "POST", "url": "https://loft.test/k3y/doves",
    "headers": {"content-type": "application/json", "x-key": "s3cret-key"},
    "answer": {"json": {"id": 7}}, "text": "b"}), "[0].requests[0].text", "the body that goes out is")]
#[case::nothing("1/requests/0/text", json!("b"), "[1].requests[0].text", "doesn't go out")]
#[case::number("1/requests/-", json!({"method": "GET", "url": "b"}), "[1].requests", "2 requests, and 1 goes out")]
#[case::captures("0/captures/dove", json!(8), "[0].captures.dove", "not what")]
#[case::kept("1/captures", json!({"dove": 7}), "[1].captures", "nothing is kept")]
#[case::means("0/answers/0/means", json!("refused"), "[0].answers[0].means", "something else")]
#[case::wait("0/answers/1/wait", json!("31s"), "[0].answers[1].wait", "not what")]
#[case::no_wait("0/answers/0/wait", json!("1s"), "[0].answers[0].wait", "how long")]
fn what_differs_is_found_at_its_place(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] path: &str,
    #[case] message: &str,
) {
    let wrong = wrong(&format!("/examples/{pointer}"), value);
    let found = wrong.iter().find(|one| one.path == format!("examples{path}"));
    let found = found.unwrap_or_else(|| panic!("{wrong:#?}"));
    assert!(found.message.contains(message), "{found:#?}");
}

#[rstest]
#[case::characters(r#"{"title": "🔴🔴🔴"}"#, "requests[0].json.title", "6 characters")]
#[case::items(r#"{"tags": [1, 2]}"#, "requests[0].json.tags", "2 items")]
#[case::item(
    r#"{"lines": [{"text": "é"}, {"text": "éé"}]}"#,
    "requests[0].json.lines[1].text",
    "4 b"
)]
#[case::whole(
    r#"{"other": "1234567890123456789012345678901234567890"}"#,
    "requests[0]",
    "allows 50"
)]
#[case::json(r#"{"title": "#, "requests[0].json", "no JSON")]
#[case::secret(r#"{"url": "k3y"}"#, "requests[0]", "a secret shows")]
fn what_holds_for_every_message_is_checked(
    #[case] body: &str,
    #[case] path: &str,
    #[case] message: &str,
) {
    let mut file = loft();
    file["limits"] = json!({"title": 5, "tags": "1 items", "lines.text": "3 bytes",
        "whole": "50 bytes"});
    let header = |name: &str, value: &str| (name.into(), HeaderValue::Plain(value.into()));
    let shown = if body.contains("k3y") { "s3cret" } else { "fine" };
    let request = Request {
        method: "POST".into(),
        url: Secret::new("https://loft.test/s3cret"),
        headers: vec![header("content-type", "application/json"), header("x-key", shown)],
        body: body.into(),
    };
    let played = Played { asked: vec![request], secrets: vec!["s3cret".into()], ..nothing() };
    let wrong = general::check(&Form::read(file).unwrap(), &played);
    let found = wrong.iter().find(|one| one.path == path && one.message.contains(message));
    assert!(found.is_some() && wrong.len() == 1, "{wrong:#?}");
}

#[rstest]
#[case("")]
#[case("\"}}{{#if\r\n\0\u{202e}<!channel> @here")]
#[case(&"👩‍💻é".repeat(20_000))]
fn what_others_choose_breaks_nothing(#[case] text: &str) {
    let endured = endure(&service(loft()), text);
    let asked: Vec<usize> = endured.iter().map(|one| one.asked.len()).collect();
    assert_eq!(asked, [2, 1]);
    for one in endured {
        assert_eq!(one.wrong, [], "{}", one.example);
    }
}

#[test]
fn accepted_examples_hold() {
    let mut file = loft();
    file["examples"][0]["requests"] = json!([{"method": "POST", "url": "https://x.test",
        "answer": {"json": {"id": "9\n8"}}}]);
    file["examples"][0]["captures"] = json!({});
    file["examples"][0]["words"] = "Coo\n\n  {{ group }}: yes".into();
    let block = accept(&service(file)).unwrap();
    insta::assert_snapshot!("accepted", block);
    let text = replaced(LOFT, &block);
    let again: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(again["open"], loft()["open"]);
    assert_eq!(run(&service(again)), []);
}

#[test]
fn what_cant_be_played_is_not_accepted() {
    let mut file = loft();
    file["examples"][1]["notice"] = "nope".into();
    let wrong = accept(&service(file)).unwrap_err();
    assert_eq!(wrong[0].path, "examples[1].notice");
}

#[rstest]
#[case("a: 1\nexamples:\n  - b\n", "a: 1\nexamples: []\n")]
#[case("a: 1\nexamples:\n- b: |\n\n    c\n# end\n", "a: 1\nexamples: []\n")]
#[case("a: 1", "a: 1\nexamples: []\n")]
#[case("examples:\n  - b\nz: 1\n", "examples: []\n\nz: 1\n")]
fn the_block_of_a_file_is_replaced(#[case] file: &str, #[case] expected: &str) {
    assert_eq!(replaced(file, "examples: []\n"), expected);
}

#[test]
fn a_difference_is_shown_so_that_it_can_be_seen() {
    let short = Mismatch::between("a", "one", "two");
    let long = "a text that is so long that nobody sees where it";
    let long = Mismatch::between("b", format!("{long} ends"), format!("{long} stops"));
    let lines = Mismatch::between("c", "one\ntwo\nthree\nfour", "one\nzwei\ndrei\nfour");
    let shown = format!("{short}\n{long}\n{lines}\n{}", Mismatch::new("d", "it is gone"));
    insta::assert_snapshot!("differences", shown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_goes_out_can_be_written_and_read_again(
        text in "(\\PC|[\n\t\r\u{0}\u{7f}\u{85}\u{2028}\u{feff} :#'\"\\-?&*!|>%@`,\\[\\]{}])*"
    ) {
        let notice = json!({"like": "failed", "summary": text});
        let example = json!({"name": text, "notice": notice, "words": text});
        let form = json!({"name": "a", "title": "A", "about": "A.", "docs": "", "checked": "no",
            "examples": [example]});
        let form = Form::read(form).unwrap();
        let nothing = accept::block(&[(&form.examples[0], nothing())]);
        let again: Value = serde_yaml::from_str(&nothing).unwrap();
        prop_assert_eq!(&again["examples"][0]["name"], &text);
        prop_assert_eq!(&again["examples"][0]["notice"]["summary"], &text);
    }
}

fn nothing() -> Played {
    Played {
        message: crate::message::Message { steps: Vec::new(), fallback: None, course: None },
        asked: Vec::new(),
        outcome: Ok(crate::contract::Receipt::default()),
        secrets: Vec::new(),
    }
}
