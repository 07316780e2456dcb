//! What templates are told, moment by moment, and that hostile texts stay clean.

use std::fmt::Write;

use super::*;
use crate::moments::{self, moment};

#[test]
fn every_moment_is_told() {
    let mut told = String::new();
    for (name, notice) in moments::all() {
        let said = said(&notice, 3);
        writeln!(told, "# {name}").unwrap();
        for (key, value) in said.as_object().unwrap() {
            match value {
                Value::String(text) => writeln!(told, "{key}: {}", text.replace('\n', "\n  ")),
                value => writeln!(told, "{key}: {value}"),
            }
            .unwrap();
        }
        told.push('\n');
    }
    insta::assert_snapshot!("said", told);
}

#[test]
fn every_documented_field_is_there_and_no_other() {
    let documented: Vec<&str> = include_str!("../../../docs/services.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `said.")?.split('`').next())
        .filter(|name| *name != "…")
        .collect();
    assert_eq!(documented, FIELDS);
    let said = said(&moment("digest").unwrap(), 1);
    let names: Vec<&str> = said.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, FIELDS);
    let rows: Vec<String> =
        said["rows"][0].as_object().unwrap().keys().map(|key| format!("rows.{key}")).collect();
    assert_eq!(rows, ROW_FIELDS);
}

#[test]
fn only_what_is_wanted_is_said() {
    let digest = moment("digest").unwrap();
    let said = said_of(&digest, 2, &|name| matches!(name, "title" | "rows" | "rows.net"));
    assert_eq!(said["title"], "morning report");
    assert_eq!((&said["text"], &said["rows"][1]["line"]), (&Value::Null, &Value::Null));
    assert_eq!(said["rows"][1]["net"], "failing");
}

#[test]
fn a_report_counts_what_it_leaves_out() {
    let digest = moment("digest").unwrap();
    let said = |rows| said(&digest, rows);
    assert_eq!(said(100)["rest"], "and 5 more groups");
    assert_eq!(said(4)["rest"], "and 13 more groups");
    assert_eq!(said(0)["rows"], json!([]));
}

#[test]
fn a_test_says_so_first() {
    let said = said(&Notice { test: true, delayed: Some("2h".into()), ..moments::failed() }, 1);
    assert_eq!(said["notes"][0], "🧪 A test message, sent by hand");
    assert!(said["headline"].as_str().unwrap().starts_with("🧪 Test: 🔴 "), "{said}");
    assert!(said["text"].as_str().unwrap().starts_with("🧪 A test"), "{said}");
}

#[test]
fn a_level_is_as_grave_as_the_gravest_group() {
    let level = |name: &str| said(&moment(name).unwrap(), 1)["level"].clone();
    for (name, expected) in [
        ("failed", "error"),
        ("recovered", "ok"),
        ("untold", "ok"),
        ("throttled", "warning"),
        ("digest", "error"),
        ("empty_digest", "ok"),
        ("dead", "error"),
        ("bare", "info"),
    ] {
        assert_eq!(level(name), expected, "{name}");
    }
}

#[test]
fn only_a_web_address_becomes_a_link() {
    let link = |link: &str| {
        let notice = Notice { link: Some(link.into()), ..moments::failed() };
        said(&notice, 1)["link"].clone()
    };
    assert_eq!(link("https://x.test/?a=<b>\"c d"), "https://x.test/?a=%3Cb%3E%22c%20d");
    assert_eq!(link("HTTP://X.test"), "http://x.test/");
    for none in ["javascript:alert(1)", "//x.test", "mailto:a@x.test", "x", ""] {
        assert_eq!(link(none), Value::Null, "{none}");
    }
    assert_eq!(link(&format!("https://x.test/{}", "a".repeat(3_000))), Value::Null);
}

#[test]
fn whatever_an_event_brings_comes_out_clean_and_bounded() {
    let text = "\u{202e}a\r\nb\0\u{1b}[2J👩‍💻\u{200b}".repeat(5_000);
    let some = || Some(text.clone());
    let row = Row {
        group: text.clone(),
        net: text.clone(),
        status: some(),
        emoji: text.clone(),
        color: text.clone(),
        summary: some(),
        slowest: some(),
        link: some(),
        failing_since: some(),
        ..Row::default()
    };
    let digest = Digest { rule: text.clone(), by: some(), rows: vec![row; 3], ..Digest::default() };
    let run = Notice {
        status: some(),
        group: text.clone(),
        emoji: text.clone(),
        color: text.clone(),
        summary: some(),
        rule: some(),
        delayed: some(),
        previous_status: some(),
        link: some(),
        labels: (0..90).map(|n| (format!("{n}{text}"), some())).collect(),
        ..moments::failed()
    };
    let report = Notice { digest: Some(Box::new(digest)), ..run.clone() };
    let mut dead = moment("dead").unwrap();
    dead.dead.as_mut().unwrap().sink = text.clone();
    for notice in [run, report, dead] {
        clean("", &said(&notice, 30));
    }
}

/// Every text below is clean: no control character, and line breaks only where lines are meant.
fn clean(name: &str, value: &Value) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| clean(name, value)),
        Value::Array(items) => items.iter().for_each(|item| clean(name, item)),
        Value::String(text) => {
            let lines = matches!(name, "summary" | "text");
            let hostile = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\t'));
            assert!(!text.contains(hostile) && !text.contains('\u{202e}'), "{name}: {text}");
            let most = if name == "text" { 40_000 } else { 20_001 };
            assert!(text.chars().count() < most, "{name} is {} long", text.len());
        }
        _ => {}
    }
}
