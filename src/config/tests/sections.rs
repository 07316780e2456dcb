//! The sections `windows`, `missed_runs` and `tests`, and the keys of a rule that come with them:
//! what is read, and what is said where.

use super::Desk;
use crate::model::{Event, EventSeq, Reading};
use crate::route::State;

const SOUND: &str = "sources:\n  main:\n    secret: ${SECRET}\nsinks:\n  terminal:\n    console: {}\nrules:\n  - name: all\n    when: always\n    send: terminal\n";

fn desk(more: &str) -> Desk {
    Desk::new(&format!("{SOUND}{more}")).var("SECRET", "canary-0123456789-0123456789-0123456789")
}

/// A rule with one more key.
fn rule(key: &str) -> Desk {
    desk(&format!("  - name: one\n    when: {{status: FAILED}}\n    send: terminal\n    {key}\n"))
}

/// What is said at a line, which is named by what stands on it.
fn said(desk: &Desk, line: &str, message: &str, help: &str) {
    let found = match desk.load() {
        Ok(loaded) => loaded.warnings,
        Err(report) => report.diagnostics,
    };
    let meant = found.iter().any(|one| {
        one.spot.text.contains(line)
            && one.message.contains(message)
            && one.help.as_deref().unwrap_or_default().contains(help)
    });
    assert!(meant, "at `{line}`: `{message}` with `{help}`, and not:\n{}", desk.seen());
}

#[test]
fn a_key_of_a_rule_that_is_written_otherwise_is_answered_with_how_it_is_written() {
    for (key, message, help) in [
        ("throttle: 1", "a map is expected", "{limit: 1, per: 1h}"),
        ("throttle: {limit: 0, per: 1h}", "a whole number from 1 on", ""),
        ("throttle: {limit: 1, per: 1 hour}", "length of time", ""),
        ("throttle: {limit: 1}", "`per` is missing", "add `per:`"),
        ("throttle: {limit: 1, per: 1h, by: team}", "nothing to keep apart", ""),
        ("mute: nights", "a map is expected", "{during: a-window"),
        ("mute: {during: nights, then: wait}", "`wait` is not known here", "defer"),
        ("digest: daily", "a map is expected", "{cron:"),
        ("digest: {evry: 1h}", "`evry` is no option here", "did you mean `every`?"),
        ("once_per: group", "`group` is not known here", "incident"),
        ("send_recovery: yes", "true or false", "write `true`"),
    ] {
        said(&rule(key), key.split(':').next().unwrap(), message, help);
    }
}

#[test]
fn problems_of_missed_runs_and_tests_lead_to_their_own_lines() {
    let desk = desk(
        "missed_runs:\n  - {grup: x}\n  - {group: nightly-*}\ntests:\n  - {nme: x}\n  \
         - name: second\n    event: {status: FAILED, source: mian}\n    expect: {send: [termnal]}\n",
    );
    said(&desk, "{grup: x}", "`grup` is no option here", "did you mean `group`?");
    said(&desk, "{nme: x}", "`nme` is no option here", "did you mean `name`?");
    said(&desk, "source: mian", "there is no source `mian`", "did you mean `main`?");
    said(&desk, "send: [termnal]", "there is no sink `termnal`", "did you mean `terminal`?");
}

#[test]
fn a_test_that_can_not_run_or_can_not_fail_is_an_error() {
    for (line, message) in [
        ("event: {}", "expects nothing"),
        ("expect: {send: terminal}", "nothing happens"),
        ("start: noon", "`noon` is no time"),
        ("expect: {only: true}", "nothing is expected"),
        ("expect: {not_send: []}", "the list is empty"),
        ("expect: {send: {sink: terminal, rule: al}}", "there is no rule \"al\""),
        ("expect: {send: {sink: terminal, times: 0}}", "can't be never"),
        ("expect: {not_send: {sink: terminal, times: 2}}", "has no `times`"),
        ("expect: {send: {sink: terminal, text: \"\"}}", "holds nothing"),
        ("steps: [{at: +1 hour}]", "no length of time"),
        ("steps: [{at: +1h}, {at: \"2026-03-02 09:30\"}]", "is before the step before"),
        ("steps: [{down: termnal}]", "there is no sink `termnal`"),
        ("steps: [{event: {finished: later}}]", "`later` is no time"),
    ] {
        let desk = desk(&format!("tests:\n  - name: a test\n    {line}\n"));
        let whole = ["expects nothing", "nothing happens"].contains(&message);
        let at = if whole { "name" } else { line };
        said(&desk, at, message, "");
    }
    let twice = "  - {name: x, event: {}, expect: {send: []}}\n";
    said(&desk(&format!("tests:\n{twice}{twice}")), "name: x", "named \"x\" already", "");
}

#[test]
fn included_files_add_windows_missed_runs_and_tests() {
    let desk = desk("include: more.yaml\nwindows:\n  nights: {times: \"22:00-07:00\"}\n").file(
        "more.yaml",
        "windows:\n  weekends: {days: [SAT, SUN]}\nmissed_runs:\n  - {group: nightly, every: 1d}\ntests:\n  \
         - {name: one, event: {status: FAILED}, expect: {send: terminal}}\n",
    );
    let loaded = desk.load().map_err(|report| report.to_string()).unwrap();
    assert_eq!(loaded.settings.windows.len(), 2);
    assert_eq!(loaded.settings.missed_runs.len(), 1);
    assert_eq!(loaded.cases.len(), 1);
}

#[test]
fn a_window_that_two_files_define_is_an_error_with_both_places() {
    let window = "windows:\n  nights: {times: \"22:00-07:00\"}\n";
    let desk = desk(&format!("include: more.yaml\n{window}")).file("more.yaml", window);
    let report = desk.load().err().unwrap();
    let twice = report.diagnostics.iter().find(|one| one.message.contains("twice")).unwrap();
    let (first, _) = twice.also.as_ref().unwrap();
    assert!(twice.spot.file.ends_with("more.yaml") && first.file.ends_with("bridge.yaml"));
}

#[test]
fn a_rule_that_names_a_broken_window_is_not_blamed_for_it() {
    let rule = "  - {name: one, when: {status: FAILED}, send: terminal, mute: {during: nights}}\n";
    let desk = desk(&format!("{rule}windows:\n  nights: {{tmes: \"22:00-07:00\"}}\n"));
    let report = desk.load().err().unwrap();
    assert_eq!(report.errors(), 1, "{report}");
}

#[test]
fn a_window_that_no_rule_uses_is_told_of() {
    let desk = desk("windows:\n  nights: {times: \"22:00-07:00\"}\n");
    said(&desk, "nights:", "no rule is muted in the window `nights`", "mute: {during");
}

#[test]
fn accounts_name_the_version_of_the_configuration() {
    let loaded = desk("").load().unwrap();
    let body = br#"{"status": "FAILED", "groupName": "checkout"}"#;
    let event = Event {
        seq: EventSeq(1),
        id: uuid::Uuid::nil(),
        source: "main".into(),
        received_at: jiff::Timestamp::UNIX_EPOCH,
        reading: Reading::of(body),
        body: body.as_slice().into(),
        replay_of: None,
    };
    let account = loaded.router.decide(&event, &mut State::default()).account.unwrap();
    assert_eq!(account.version, loaded.version);
    assert!(!account.version.is_empty());
}

#[test]
fn a_rule_that_is_there_twice_is_told_of() {
    let twice = "  - {name: one, when: {status: FAILED}, send: terminal}\n  - {name: two, when: {status: FAILED}, send: terminal}\n";
    said(&desk(twice), "name: two", "this is the rule \"one\" again", "remove one");
    let differs = twice
        .replace("terminal}\n  - {name: two", "terminal, send_recovery: true}\n  - {name: two");
    assert!(!desk(&differs).seen().contains("again"));
}

#[test]
fn whatever_is_unknown_in_rules_windows_and_missed_runs_is_found_in_one_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/tests/unknown.yaml");
    let text = std::fs::read_to_string(folder).unwrap();
    insta::assert_snapshot!(Desk::new(&text).seen());
}
