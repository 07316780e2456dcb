//! `test`: a configuration's own tests, run by the real program without a secret in sight.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::bridge::{PROGRAM, Setup};

const SINKS: &str = "  chat: {slack: {url: \"${NOT_THERE}\"}}\n  pager: {console: {}}";
const RULES: &str = "  - {name: red, when: {status: FAILED}, send: chat, once_per: incident}";
const TESTS: &str = "tests:
  - name: a red run reaches the chat
    event: {status: FAILED, group: checkout}
    expect: {send: [{sink: chat, text: checkout}], not_send: [pager]}
  - name: a second red run does too
    steps:
      - event: {status: FAILED, group: checkout}
      - at: +10m
        event: {status: FAILED, group: checkout}
        expect: {send: [chat]}";

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_test_that_fails_says_where_and_why_and_ends_with_one() {
    let setup = Setup::with_more(TESTS, SINKS, RULES);
    let ran = setup.run(&["test"]);
    let said = text(&ran);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    for part in [
        "✓ a red run reaches the chat",
        "✗ a second red run does too",
        "step 2, Mon 2026-03-02 09:10",
        "expected: a message to `chat`",
        "found: nothing was sent",
        "rule \"red\" held it back: the rule told of this incident already",
        "1 failed, 1 passed",
    ] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    assert!(!setup.path().join("bridge.db").exists(), "no journal is touched");
}

#[test]
fn a_part_of_a_name_chooses_and_json_is_for_programs() {
    let setup = Setup::with_more(TESTS, SINKS, RULES);
    let ran = setup.run(&["test", "REACHES", "--json"]);
    assert!(ran.status.success(), "{}", text(&ran));
    let value: Value = serde_json::from_slice(&ran.stdout).expect("it is JSON");
    assert_eq!((&value["passed"], &value["failed"]), (&1.into(), &0.into()));
    assert_eq!(value["tests"][0]["name"], "a red run reaches the chat");
    let none = setup.run(&["test", "nothing like it"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none).contains("a second red run does too"), "{}", text(&none));
}

#[test]
fn a_configuration_without_tests_or_with_a_broken_one_says_so() {
    let bare = Setup::new(SINKS, RULES).run(&["test"]);
    assert_eq!(bare.status.code(), Some(1));
    assert!(text(&bare).contains("no tests"), "{}", text(&bare));
    let wrong = TESTS.replace("not_send: [pager]", "not_send: [pagr]");
    let ran = Setup::with_more(&wrong, SINKS, RULES).run(&["test"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(text(&ran).contains("did you mean `pager`?"), "{}", text(&ran));
}

#[test]
fn the_tests_of_every_example_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = std::fs::read_dir(root.join("examples")).expect("the examples are there");
    let mut configs: Vec<_> =
        folders.flatten().map(|folder| folder.path().join("agnox-bridge.yaml")).collect();
    configs.push(root.join("config.example.yaml"));
    let mut ran = 0;
    for config in configs {
        let written = std::fs::read_to_string(&config).unwrap_or_default();
        if !written.contains("\ntests:") {
            continue;
        }
        let output = Command::new(PROGRAM).arg("test").arg("-c").arg(&config).output();
        let output = output.expect("the program starts");
        assert!(output.status.success(), "{}:\n{}", config.display(), text(&output));
        ran += 1;
    }
    assert!(ran >= 7, "only {ran} configurations with tests were found");
}
