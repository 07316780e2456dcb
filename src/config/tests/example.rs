//! The example runs as it stands, and shows every option that there is.

use std::collections::BTreeSet;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::kind::Kind;
use serde_json::Value;

use super::services::PIGEON;
use super::{Desk, valid};
use crate::config::schema::{self, schema};

const EXAMPLE: &str = include_str!("../../../config.example.yaml");
const MARK: &str = "#~ ";

/// The example with the commented blocks that are asked for switched on.
fn with(wanted: impl Fn(usize) -> bool) -> String {
    let mut block = 0;
    let mut inside = false;
    let lines = EXAMPLE.lines().map(|line| {
        let marked = line.trim_start().starts_with(MARK);
        block += usize::from(marked && !inside);
        inside = marked;
        if marked && wanted(block) { line.replacen(MARK, "", 1) } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn blocks() -> usize {
    let marked: Vec<bool> =
        EXAMPLE.lines().map(|line| line.trim_start().starts_with(MARK)).collect();
    usize::from(marked[0]) + marked.windows(2).filter(|two| !two[0] && two[1]).count()
}

fn desk(text: &str) -> Desk {
    let team = "rules:\n  - {name: a team, when: {group: x-*}, send: terminal}\n";
    Desk::new(text)
        .file("teams/payments.yaml", team)
        .file("services/pigeon.yaml", PIGEON)
        .file("templates/short.hbs", "{{ group }}")
        .file("certs/bridge.pem", "")
        .file("certs/bridge.key", "")
}

#[test]
fn the_example_runs_as_it_stands() {
    let desk = desk(EXAMPLE);
    let loaded = desk.load().map_err(|report| report.to_string()).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", desk.seen());
    assert_eq!(loaded.settings.sources["main"].all_secrets().count(), 1);
}

#[test]
fn each_commented_block_of_the_example_loads_alone() {
    for block in 1..=blocks() {
        let desk = desk(&with(|at| at == block));
        desk.without_secrets().map_err(|report| format!("block {block}:\n{report}")).unwrap();
    }
}

#[test]
fn all_commented_blocks_of_the_example_load_together() {
    assert!(blocks() > 8);
    let desk = desk(&with(|_| true));
    desk.without_secrets().map_err(|report| report.to_string()).unwrap();
}

#[test]
fn the_example_is_valid_by_the_schema_and_a_wrong_one_is_not() {
    let schema = schema(Catalog::built_in());
    let check = |text: &str| {
        let value: Value = serde_yaml::from_str(text).unwrap();
        valid::fault(&schema, &schema, &value, "")
    };
    assert_eq!(check(EXAMPLE), None);
    assert_eq!(check(&with(|_| true)), None);
    for wrong in [
        "servr: {}",
        "server: {body_limit: 10}",
        "sinks: {a: {}}",
        "sinks: {a: {console: {}, http: {url: x}}}",
        "sinks: {a: {slack: {url: x, format: text, blocks: [{}]}}}",
        "rules: [{name: x, when: sometimes}]",
        "rules: [{name: x, when: {grup: y}}]",
    ] {
        assert!(check(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn the_example_shows_every_option() {
    // A service's own options stand on its page.
    let in_rust = Catalog::built_in().kinds().filter(|kind| matches!(kind, Kind::Native(_)));
    let schema = schema::of(&in_rust.collect::<Vec<_>>());
    let mut names = BTreeSet::new();
    options(&schema, &mut names);
    let text = with(|_| true);
    let shown = |name: &str| {
        text.match_indices(&format!("{name}:")).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            before.is_none_or(|before| !before.is_alphanumeric() && before != '_')
        })
    };
    let missing: Vec<&String> = names.iter().filter(|name| !shown(name)).collect();
    assert!(missing.is_empty(), "the example doesn't show {missing:?}");
    assert!(names.len() > 50, "{names:?}");
}

fn options(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                names.extend(properties.keys().cloned());
            }
            object.values().for_each(|below| options(below, names));
        }
        Value::Array(items) => items.iter().for_each(|below| options(below, names)),
        _ => {}
    }
}
