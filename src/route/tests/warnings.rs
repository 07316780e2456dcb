//! What works but is probably not meant.

use super::*;

/// The warnings as `path: message`, without the one on failing events.
fn warnings(rules: &str) -> Vec<String> {
    let all = router(rules, "[{match: '*', labels: {team: qa}}]").warnings();
    let own = all.iter().filter(|warning| warning.path != "rules");
    own.map(|warning| format!("{}: {}", warning.path, warning.message)).collect()
}

#[test]
fn a_rule_that_can_never_fire_is_told_of() {
    for (rules, expected) in [
        ("[{name: a, when: always, stop: true}, {name: b, when: {group: x}, send: chat}]", true),
        (
            "[{name: a, when: {status: [FAILED, ERROR]}, stop: true}, \
           {name: b, when: {status: ERROR, group: x}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: {status: FAILED}, stop: true}, \
           {name: b, when: {status: [FAILED, ERROR]}, send: chat}]",
            false,
        ),
        (
            "[{name: a, when: {group: prod-*}, stop: true}, \
           {name: b, when: {group: [prod-1, prod-*]}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: {group: prod-*}, stop: true}, \
           {name: b, when: {any: [{group: prod-1}, {group: x}]}, send: chat}]",
            false,
        ),
        ("[{name: a, when: {all: [{status: FAILED}, {status: ERROR}]}, send: chat}]", true),
        ("[{name: a, when: {status: FAILED, not: {status: FAILED}}, send: chat}]", true),
        (
            "[{name: a, when: {status: FAILED}, send: mail}, \
           {name: b, when: {unmatched: true, status: FAILED}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: always, send: mail}, {name: b, when: {unmatched: true}, send: chat}]",
            false,
        ),
        (
            "[{name: a, when: {not: {status: PASSED}}, stop: true}, \
           {name: b, when: {status: FAILED}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: {not: {status: PASSED}}, stop: true}, \
           {name: b, when: {group: x}, send: chat}]",
            false,
        ),
        (
            "[{name: a, when: {not: {group: x}}, stop: true}, \
           {name: b, when: {not: {group: [x, z]}}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: {not: {group: [x, z]}}, stop: true}, \
           {name: b, when: {not: {group: x}}, send: chat}]",
            false,
        ),
        (
            "[{name: a, when: {transition: [first_failure, recovered]}, stop: true}, \
           {name: b, when: {transition: recovered, group: x}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: {failures_in_a_row: '>= 3'}, stop: true}, \
           {name: b, when: {failures_in_a_row: 3}, send: chat}]",
            false,
        ),
        (
            "[{name: a, when: {group: '*'}, stop: true}, \
           {name: b, when: {status: FAILED}, send: chat}]",
            true,
        ),
        (
            "[{name: a, when: {group: {exact: '*'}}, stop: true}, \
           {name: b, when: {status: FAILED}, send: chat}]",
            false,
        ),
        ("[{name: a, when: {group: x, all: [{group: z}]}, send: chat}]", true),
        ("[{name: a, when: {group: x*, all: [{group: z*}]}, send: chat}]", false),
        ("[{name: a, when: {late: true, transition: recovered}, send: chat}]", true),
    ] {
        let found = warnings(rules);
        assert_eq!(found.iter().any(|w| w.contains("never fires")), expected, "{rules}: {found:?}");
    }
}

#[test]
fn an_unknown_status_or_label_and_a_rule_without_effect_are_told_of() {
    let rules = "[{name: a, when: {status: FAILD, labels: {taem: x}}, send: chat}, \
                  {name: b, when: {group: x}}]";
    let router = router(rules, "[{match: '*', labels: {team: qa}, failing: [UNSTABEL]}]");
    let hints: Vec<(String, String)> = router
        .warnings()
        .into_iter()
        .map(|warning| (warning.path, warning.hint.unwrap_or_default()))
        .collect();
    for (path, hint) in [
        ("groups[0].failing[0]", "did you mean `UNSTABLE`?"),
        ("rules[0].when.status", "did you mean `FAILED`?"),
        ("rules[0].when.labels.taem", "did you mean `team`?"),
        ("rules[1]", "give it a `send`, or `stop: true` to silence what matches"),
    ] {
        assert!(hints.contains(&(path.to_owned(), hint.to_owned())), "{path}: {hints:?}");
    }
}

#[test]
fn failing_events_that_can_fall_through_are_told_of() {
    let falls = |rules: &str| {
        let all = router(rules, "[]").warnings();
        all.into_iter().find(|w| w.path == "rules").map(|w| w.message).unwrap_or_default()
    };
    assert!(falls("[{name: a, when: {status: FAILED}, send: chat}]").contains("status ERROR"));
    assert!(falls("[{name: a, when: {group: x}, send: chat}]").contains("FAILED, ERROR"));
    for caught in [
        "[{name: a, when: always, send: chat}]",
        "[{name: a, when: {unmatched: true}, send: chat}]",
        "[{name: a, when: {group: '*'}, send: chat}]",
        "[{name: a, when: {status: FAILED}, send: chat}, \
          {name: b, when: {unmatched: true, status: [ERROR]}, send: chat}]",
    ] {
        assert_eq!(falls(caught), "", "{caught}");
    }
}

#[test]
fn what_a_rule_asks_of_incidents_and_never_meets_is_told_of() {
    for (when, expected) in [
        ("{status: PASSED}", Some("never matches a failing run")),
        ("{status: [PASSED, ABORTED]}", Some("never matches a failing run")),
        ("{transition: [recovered, still_passing]}", Some("never matches a failing run")),
        ("{not: {status: [FAILED, ERROR, MISSING]}}", Some("never matches a failing run")),
        ("{passes_in_a_row: '>= 3'}", Some("never matches a failing run")),
        ("{group: [__ungrouped__, Smart-PR-Run]}", Some("have no history")),
        ("{status: [PASSED, FAILED]}", None),
        ("{status: MISSING}", None),
        ("{not: {status: [FAILED, ERROR]}}", None),
        ("{not: {status: FAILED, group: x}}", None),
        ("{any: [{status: PASSED}, {group: x}]}", None),
        ("{group: [__ungrouped__, x]}", None),
        ("{group: '*'}", None),
        ("{passes_in_a_row: '< 3'}", None),
    ] {
        for option in ["once_per: incident", "send_recovery: true"] {
            let found = warnings(&format!("[{{name: a, when: {when}, send: chat, {option}}}]"));
            let told = found.iter().any(|one| expected.is_some_and(|text| one.contains(text)));
            assert_eq!((told, found.is_empty()), (expected.is_some(), !told), "{when}: {found:?}");
        }
    }
}

#[test]
fn a_source_that_nobody_has_is_told_of() {
    for (when, expected) in [
        ("{source: mian}", "rules[0].when.source: no source is named `mian`"),
        ("{not: {source: [main, x-*]}}", "rules[0].when.not.source: no source is named `x-*`"),
    ] {
        let found = warnings(&format!("[{{name: a, when: {when}, send: chat}}]"));
        assert_eq!(found, [expected]);
    }
    assert!(warnings("[{name: a, when: {source: ma*}, send: chat}]").is_empty());
}
