//! What each condition means, and what the order of rules does.

use super::*;

#[test]
fn statuses_compare_without_case_and_a_list_means_any() {
    let router = rule("{status: [failed, Error]}");
    assert!(fires(&router, &run("FAILED", "g")));
    assert!(fires(&router, &run("error", "g")));
    assert!(!fires(&router, &run("PASSED", "g")));
    assert!(!fires(&router, &run("WEIRD", "g")));
    assert!(!fires(&router, &event(&json!({}))));
}

#[test]
fn an_unknown_status_can_be_asked_for_by_its_word() {
    let router = rule("{status: cancelled}");
    assert!(fires(&router, &run("Cancelled", "g")));
    assert!(!fires(&router, &run("SKIPPED", "g")));
}

#[test]
fn texts_are_compared_whole() {
    let router = rule(r#"{group: [prod-*, "/smoke-\\d+/", {exact: "a*"}]}"#);
    for (group, expected) in [
        ("prod-eu", true),
        ("x-prod-eu", false),
        ("smoke-12", true),
        ("smoke-1x", false),
        ("a*", true),
        ("ab", false),
    ] {
        assert_eq!(fires(&router, &run("FAILED", group)), expected, "{group}");
    }
}

#[test]
fn all_keys_must_hold() {
    let router = rule("{status: FAILED, group: prod-*, source: main, event: 'execution.*'}");
    let body = |event: &str| {
        event_with(json!({"status": "FAILED", "groupName": "prod-1", "event": event}))
    };
    assert!(fires(&router, &body("execution.finished")));
    assert!(!fires(&router, &body("ping")));
    assert!(!fires(&router, &run("FAILED", "prod-1")));
}

fn event_with(body: Value) -> Event {
    event(&body)
}

#[test]
fn a_missing_field_makes_its_condition_false_and_not_of_it_true() {
    let bare = event(&json!({}));
    for when in
        ["{summary: '*'}", "{duration: '>= 0s'}", "{fields: {a.b: '*'}}", "{status: PASSED}"]
    {
        assert!(!fires(&rule(when), &bare), "{when}");
        assert!(fires(&rule(&format!("{{not: {when}}}")), &bare), "not {when}");
    }
    assert!(fires(&rule("{group: __ungrouped__}"), &bare));
}

#[test]
fn a_duration_is_compared_with_its_unit() {
    let router = rule(r#"{duration: "> 10m"}"#);
    let took = |end: &str| event(&json!({"startedAt": "2026-03-14T11:00:00Z", "finishedAt": end}));
    assert!(fires(&router, &took("2026-03-14T11:10:01Z")));
    assert!(!fires(&router, &took("2026-03-14T11:10:00Z")));
    assert!(!fires(&router, &took("2026-03-14T10:00:00Z")));
}

#[test]
fn any_part_of_the_body_can_be_asked_for() {
    let body = event(&json!({
        "stats": {"failed": 3, "rate": 0.5, "id": 9_007_199_254_740_993_u64, "text": "12"},
        "tags": ["nightly", "eu"], "ok": false, "none": null, "a.b": {"c": [{"d": "x"}]},
    }));
    for (fields, expected) in [
        ("stats.failed: 3", true),
        ("stats.failed: '3'", true),
        ("stats.failed: 3.0", true),
        ("stats.failed: [1, 2]", false),
        ("stats.failed: '>= 3'", true),
        ("stats.failed: '> 3'", false),
        ("stats.text: '> 3'", true),
        ("stats.rate: '< 1'", true),
        ("stats.id: 9007199254740993", true),
        ("stats.id: 9007199254740992", false),
        ("tags: nightly", true),
        ("tags: us", false),
        ("'tags[1]': e*", true),
        ("'tags[2]': '*'", false),
        ("ok: false", true),
        ("ok: true", false),
        ("none: null", true),
        ("none: '*'", false),
        ("missing: null", false),
        ("stats: '*'", false),
        ("'[\"a.b\"].c[0].d': x", true),
    ] {
        assert_eq!(fires(&rule(&format!("{{fields: {{{fields}}}}}")), &body), expected, "{fields}");
    }
}

#[test]
fn all_any_and_not_nest() {
    let router = rule(
        "{any: [{all: [{group: prod-*}, {not: {group: '*-eu'}}]}, {status: ERROR}], \
          not: {group: prod-quiet}}",
    );
    assert!(fires(&router, &run("FAILED", "prod-us")));
    assert!(!fires(&router, &run("FAILED", "prod-eu")));
    assert!(fires(&router, &run("ERROR", "prod-eu")));
    assert!(!fires(&router, &run("ERROR", "prod-quiet")));
}

#[test]
fn labels_of_all_entries_that_match_add_up_and_later_ones_win() {
    let router = router(
        "[{name: r, when: {labels: {team: payments, tier: gold}}, send: chat}]",
        "[{match: '*', labels: {team: qa, tier: gold}}, \
          {match: [checkout-*, pay], labels: {team: payments}}]",
    );
    assert!(fires(&router, &run("FAILED", "checkout-1")));
    assert!(fires(&router, &run("FAILED", "pay")));
    assert!(!fires(&router, &run("FAILED", "search")));
    let decision = router.decide(&run("FAILED", "pay"), &mut State::default());
    assert_eq!(decision.planned[0].brief.labels["team"], "payments");
}

#[test]
fn a_group_has_its_own_idea_of_failing() {
    let router = router(
        "[{name: r, when: always, send: chat}]",
        "[{match: '*', failing: [FAILED, UNSTABLE]}, {match: strict-*, failing: [slow, FAILED]}]",
    );
    let failing = |status: &str, group: &str| router.is_failing(&run(status, group));
    assert_eq!(failing("UNSTABLE", "g"), Some(true));
    assert_eq!(failing("ERROR", "g"), Some(false));
    assert_eq!(failing("slow", "g"), None);
    assert_eq!(failing("slow", "strict-1"), Some(true));
    assert_eq!(failing("UNSTABLE", "strict-1"), Some(false));
    assert_eq!(router.is_failing(&raw_event(b"x")), None);
    assert_eq!(
        router.decide(&run("ERROR", "g"), &mut State::default()).planned[0].brief.failing,
        Some(false)
    );
}

#[test]
fn all_matching_rules_fire_in_order_until_one_stops() {
    let router = router(
        "[{name: a, when: {status: FAILED}, send: chat}, \
          {name: silent, when: {group: noisy-*}, stop: true}, \
          {name: b, when: always, send: mail}]",
        "[]",
    );
    assert_eq!(rules_of(&router.decide(&run("FAILED", "g"), &mut State::default())), ["a", "b"]);
    assert_eq!(rules_of(&router.decide(&run("FAILED", "noisy-1"), &mut State::default())), ["a"]);
    let silenced = router.decide(&run("PASSED", "noisy-1"), &mut State::default());
    assert_eq!((silenced.planned.len(), silenced.unmatched), (0, false));
}

#[test]
fn unmatched_means_that_no_earlier_rule_with_conditions_matched() {
    let router = router(
        "[{name: mirror, when: always, send: mirror}, \
          {name: known, when: {group: prod-*}, send: chat}, \
          {name: rest, when: {unmatched: true, status: FAILED}, send: mail}, \
          {name: later, when: {unmatched: true}, send: chat}, \
          {name: known too, when: {unmatched: false}, send: mail}]",
        "[]",
    );
    let told = |status, group| {
        let decision = router.decide(&run(status, group), &mut State::default());
        (rules_of(&decision).join(" "), decision.unmatched)
    };
    assert_eq!(told("FAILED", "prod-1"), ("mirror known known too".into(), false));
    assert_eq!(told("FAILED", "x"), ("mirror rest known too".into(), false));
    assert_eq!(told("PASSED", "x"), ("mirror later known too".into(), false));
    let always = rule("always").decide(&run("FAILED", "x"), &mut State::default());
    assert!(always.unmatched && always.planned.len() == 1);
}

#[test]
fn an_unreadable_event_has_only_its_source() {
    let broken = raw_event(b"not json");
    assert!(fires(&rule("{source: main}"), &broken));
    assert!(fires(&rule("always"), &broken));
    assert!(fires(&rule("{unmatched: true}"), &broken));
    assert!(!fires(&rule("{group: '*'}"), &broken));
    assert!(fires(&rule("{not: {status: [PASSED]}}"), &broken));
}
