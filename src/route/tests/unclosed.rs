//! What would be opened and never closed.

use super::*;

/// The warnings about things that stay open, as `path: message`.
fn warnings(rules: &str) -> Vec<String> {
    let all =
        router(rules, "[{match: pr, history: none}, {match: x, failing: [UNSTABLE]}]").warnings();
    let own = all.iter().filter(|warning| warning.path != "rules");
    own.map(|warning| format!("{}: {}", warning.path, warning.message)).collect()
}

const NOBODY: &str = "nobody closes what this rule opens in `tracker`";

#[test]
fn a_rule_that_opens_what_no_recovery_closes_is_told_of_at_its_sink() {
    for (rules, path) in [
        ("[{name: a, when: {status: FAILED}, send: tracker}]", "rules[0].send"),
        ("[{name: a, when: {status: MISSING}, send: [chat, tracker]}]", "rules[0].send[1]"),
        (
            "[{name: a, when: {transition: first_failure}, send: [{sink: tracker}]}]",
            "rules[0].send[0]",
        ),
        (
            "[{name: a, when: {group: a, status: FAILED}, send: tracker}, \
              {name: b, when: {group: b, status: FAILED}, send: chat, send_recovery: true}, \
              {name: c, when: {group: c, status: FAILED}, send: tracker, send_recovery: true}]",
            "rules[0].send",
        ),
        (
            "[{name: a, when: {status: FAILED}, send: tracker}, \
              {name: b, when: {status: PASSED}, send: tracker, digest: {every: 1d}}]",
            "rules[0].send",
        ),
    ] {
        let found = warnings(rules);
        assert!(
            found.iter().any(|one| one.starts_with(path) && one.ends_with(NOBODY)),
            "{found:?}"
        );
        assert_eq!(found.len(), 1, "{rules}: {found:?}");
    }
}

#[test]
fn a_rule_whose_things_may_be_closed_by_any_other_is_not_told_of() {
    for rules in [
        "[{name: a, when: {status: FAILED}, send: tracker, send_recovery: true}]",
        "[{name: a, when: always, send: tracker}]",
        "[{name: a, when: {transition: [first_failure, recovered]}, send: tracker}]",
        "[{name: a, when: {status: FAILED}, send: tracker}, \
          {name: b, when: {transition: recovered}, send: tracker}]",
        "[{name: a, when: {status: FAILED}, send: tracker}, \
          {name: b, when: {status: PASSED}, send: tracker}]",
        "[{name: a, when: {status: FAILED}, send: tracker}, \
          {name: b, when: {passes_in_a_row: 1}, send: tracker}]",
        "[{name: a, when: {transition: first_failure}, send: tracker, send_recovery: true}, \
          {name: b, when: {transition: still_failing}, send: tracker}]",
        // What opens nothing for an incident.
        "[{name: a, when: {status: PASSED}, send: tracker}]",
        "[{name: a, when: {group: pr, status: FAILED}, send: tracker}]",
        "[{name: a, when: {group: g}, send: tracker, digest: {every: 1d}}]",
        // What holds nothing.
        "[{name: a, when: {status: FAILED}, send: chat}]",
    ] {
        assert_eq!(warnings(rules), [""; 0], "{rules}");
    }
}

#[test]
fn what_is_put_off_is_told_of_since_no_recovery_closes_its_report() {
    let rule = |more: &str| {
        let rule = "name: a, when: {status: FAILED}, send: tracker, send_recovery: true";
        warnings(&format!("[{{{rule}, {more}}}]"))
    };
    let throttled = rule("throttle: {limit: 1, per: 1h}");
    assert!(
        throttled[0].starts_with("rules[0].throttle: what `throttle` puts off"),
        "{throttled:?}"
    );
    assert!(rule("mute: {during: nights}")[0].starts_with("rules[0].mute"));
    assert_eq!(rule("mute: {during: nights, then: drop}"), [""; 0]);
}

#[test]
fn a_service_that_tells_the_end_as_it_tells_a_later_run_leaves_nothing_open() {
    let closes = |update: Value, resolve: Value| {
        let form = json!({
            "name": "talk", "title": "Talk", "about": "Talks.", "checked": "no",
            "docs": "https://talk.example", "parameters": {},
            "open": {"url": "https://talk.example/begin"}, "update": update, "resolve": resolve,
        });
        Kind::Service(Arc::new(Service::read(form).unwrap())).closes()
    };
    let (say, tidy) = ("https://talk.example/say", "https://talk.example/tidy");
    let (say, tidy) = (json!({"url": say}), json!({"url": tidy}));
    assert!(!closes(say.clone(), say.clone()));
    assert!(!closes(say.clone(), json!([tidy, say])));
    assert!(!closes(say.clone(), json!([])));
    assert!(closes(say.clone(), json!([say, tidy])));
    assert!(closes(json!([]), tidy));
}
