//! What a configuration becomes, and what is said of one that can't be used.

use std::time::{Duration, Instant};

use super::Desk;
use crate::config::{EXAMPLE_SECRET, Severity};

const LONG: &str = "canary-0123456789-0123456789-0123456789";

/// A configuration that nothing is wrong with, and more after it.
fn sound(more: &str) -> String {
    format!(
        "sources:\n  main:\n    secret: ${{SECRET}}\nsinks:\n  terminal:\n    console: {{}}\nrules:\n  - name: all\n    when: always\n    send: terminal\n{more}"
    )
}

fn desk(more: &str) -> Desk {
    Desk::new(&sound(more)).var("SECRET", LONG)
}

fn errors(desk: &Desk) -> usize {
    desk.load().err().map_or(0, |report| report.errors())
}

#[test]
fn a_sound_configuration_becomes_router_sinks_and_settings() {
    let desk = desk("timezone: Europe/Berlin\nserver: {body_limit: 2MiB}\n");
    let loaded = desk.load().map_err(|report| report.to_string()).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", desk.seen());
    assert_eq!(loaded.outlets["terminal"].kind, "console");
    assert_eq!(loaded.settings.server.body_limit.0, 2 << 20);
    assert_eq!(loaded.settings.timezone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(loaded.redactor.cover(&format!("x {LONG}")), "x ***");
}

#[test]
fn one_run_names_every_broken_item() {
    let desk = Desk::new(
        "sources:\n  main: {secrt: abc}\n  Bad Name: {secret: \"\"}\nsinks:\n  a:\n    http: {}\n  \
         b:\n    consol:\n      x: y\n  c:\n    console: {templat: x}\n    rat: 1/s\n  d:\n    \
         console:\n    rate: fast\nrules:\n  - name: x\n    when: {status: FAILED}\n    send: zz\n  \
         - nme: z\n  - name: q\n    when: {status: 3}\n    send: d\nserver:\n  listen: 8080\n  \
         tls:\non_dead: dd\ntimezone: Europe/Berln\nservr: {}\n",
    );
    insta::assert_snapshot!(desk.seen());
}

#[test]
fn warnings_stand_at_their_line() {
    let desk = Desk::new(
        "sources:\n  main:\n    secret: short\n  open:\n    allow_unsigned: true\nsinks:\n  \
         unused:\n    console: {}\n  n8n:\n    http:\n      url: https://n.example/webhook-test/x\n      \
         bearer: a-token-in-plain-text\nrules:\n  - name: red\n    when: {status: FAILED}\n    \
         send: n8n\n  - name: never\n    when: {status: FAILED, unmatched: true}\n    send: n8n\n",
    );
    let loaded = desk.load().map_err(|report| report.to_string()).unwrap();
    assert!(loaded.warnings.iter().all(|one| one.severity == Severity::Warning));
    insta::assert_snapshot!(desk.seen());
}

#[test]
fn an_unset_variable_is_an_error_with_its_line() {
    let desk = Desk::new(&sound("heartbeat:\n  url: ${file:/nowhere/url}\n"));
    insta::assert_snapshot!(desk.seen());
}

#[test]
fn variables_defaults_files_and_escapes_are_replaced_after_parsing() {
    let desk = desk("agnox:\n  dashboard: ${BOARD:-https://own.example}\njournal:\n  url: sqlite:${file:name}\nserver:\n  connections: ${MANY}\n  listen: ${EMPTY:-127.0.0.1:1}\non_dead: ${SINK}\ntemplates: $${x}\n")
        .file("name", "a.db\n")
        .file("${x}/a.hbs", "x")
        .var("MANY", "77")
        .var("EMPTY", "")
        .var("SINK", "terminal");
    let settings = desk.load().map_err(|report| report.to_string()).unwrap().settings;
    assert_eq!(settings.agnox.dashboard, "https://own.example");
    assert_eq!(settings.journal.url.to_string(), "sqlite:a.db");
    assert_eq!(settings.server.connections.get(), 77);
    assert_eq!(settings.server.listen.port(), 1);
    let injected = desk.var("SINK", "x\nrules: []");
    assert_eq!(errors(&injected), 1, "a value can't change the structure");
}

#[test]
fn a_secret_of_digits_alone_stays_a_text() {
    let digits = "01234567890123456789012345678901";
    let loaded = desk("").var("SECRET", digits).load().unwrap();
    let main = &loaded.settings.sources["main"];
    assert_eq!(main.all_secrets().next().unwrap().expose(), digits);
}

#[test]
fn without_secrets_a_placeholder_stands_in_for_whatever_is_missing() {
    let more = "heartbeat:\n  url: ${PUSH}\n  every: ${EVERY}\nserver:\n  connections: ${MANY}\n  listen: ${LISTEN}\n  body_limit: ${LIMIT}\n";
    let desk = Desk::new(&sound(more));
    assert!(errors(&desk) >= 6);
    desk.without_secrets().map_err(|report| report.to_string()).unwrap();
    let wrong = Desk::new(&sound("heartbeat:\n  url: ${PUSH}\n  evry: 1s\n"));
    assert_eq!(wrong.without_secrets().err().map(|report| report.errors()), Some(1));
}

#[test]
fn included_files_add_sinks_groups_and_rules_in_the_order_of_their_names() {
    let rule = |name: &str| format!("rules:\n  - {{name: {name}, when: always, send: own}}\n");
    let desk = desk("include: teams/*.yaml\n")
        .file("teams/b.yaml", &rule("b"))
        .file("teams/a.yaml", &format!("{}sinks:\n  own:\n    console: {{}}\n", rule("a")))
        .file("teams/notes.txt", "not: [yaml");
    let loaded = desk.load().map_err(|report| report.to_string()).unwrap();
    let names: Vec<&str> = loaded.settings.rules.iter().map(|rule| &*rule.name).collect();
    assert_eq!(names, ["all", "a", "b"]);
    assert!(loaded.outlets.contains_key("own"));
}

#[test]
fn trouble_in_included_files_is_shown_in_those_files() {
    let desk = desk("include: [teams/*.yaml, none/*.yaml]\n")
        .file("teams/a.yaml", "sinks:\n  terminal:\n    console: {}\nserver: {}\n")
        .file("teams/b.yaml", "rules:\n  - name: x\n    when: {grup: y}\n");
    insta::assert_snapshot!(desk.seen());
}

#[test]
fn the_examples_secret_is_refused_beyond_loopback() {
    let text = sound("").replace("${SECRET}", EXAMPLE_SECRET);
    assert_eq!(errors(&Desk::new(&text)), 0);
    let open = Desk::new(&format!("{text}server:\n  listen: 0.0.0.0:8080\n"));
    assert!(open.seen().contains("which everybody knows"), "{}", open.seen());
}

#[test]
fn the_admin_address_beyond_loopback_needs_a_token() {
    assert_eq!(errors(&desk("server:\n  admin: 0.0.0.0:8081\n")), 1);
    let with = desk("server:\n  admin: 0.0.0.0:8081\n  admin_token: ${SECRET}\n");
    assert_eq!(errors(&with), 0);
}

#[test]
fn no_secret_is_ever_shown() {
    let plain = "hunter2hunter2hunter2";
    let desk = desk(&format!(
        "heartbeat:\n  url: ${{SECRET}}\n  every: ${{SECRET}}\nserver:\n  admin_token: {plain} # {plain}\n  listen: ${{SECRET}}\n"
    ));
    let report = desk.load().err().unwrap();
    assert!(report.errors() >= 2);
    let json = serde_json::to_string(&report).unwrap();
    for text in [report.render(false), report.render(true), json, format!("{report:?}")] {
        assert!(!text.contains(LONG) && !text.contains(plain), "{text}");
    }
}

#[test]
fn a_template_files_trouble_is_shown_in_that_file() {
    let desk = desk("templates: words\n").file("words/a.hbs", "fine\n{{#if group}}\n");
    let seen = desk.seen();
    assert!(seen.contains("words/a.hbs") && seen.contains("error"), "{seen}");
}

#[test]
fn the_version_tells_one_configuration_from_another() {
    let version = |desk: Desk| desk.load().unwrap().version;
    let first = version(desk(""));
    assert_eq!(first, version(desk("# a comment changes nothing\n")));
    assert_ne!(first, version(desk("timezone: Europe/Berlin\n")));
    assert_ne!(first, version(desk("").var("SECRET", &LONG.replace("canary", "sparrow"))));
}

#[test]
fn a_file_that_is_missing_empty_or_no_map_is_refused() {
    let desk = Desk::new("");
    assert!(desk.seen().contains("there is no source"), "{}", desk.seen());
    assert_eq!(errors(&Desk::new("- a\n- b\n")), 1);
    std::fs::remove_file(desk.folder().join("bridge.yaml")).unwrap();
    assert!(desk.seen().contains("can't be read"), "{}", desk.seen());
}

#[test]
fn a_thousand_rules_are_read_well_within_a_start() {
    let mut text = sound("");
    for number in 0..1000 {
        text.push_str(&format!(
            "  - name: rule {number}\n    when: {{group: team-{number}-*, status: FAILED}}\n    send: terminal\n"
        ));
    }
    let desk = Desk::new(&text).var("SECRET", LONG);
    let began = Instant::now();
    assert_eq!(desk.load().unwrap().settings.rules.len(), 1001);
    // A guard against quadratic reading, not a benchmark: this is a build without optimisation.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
