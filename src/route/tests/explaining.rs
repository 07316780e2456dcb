//! Why a rule fired or not, in words.

use super::*;

/// The sentence for a rule that did not match, with the condition that failed.
fn why(when: &str, event: &Event) -> (String, String) {
    match rule(when).explain(event, &Standing::default()).remove(0).finding {
        Finding::Missed(Miss { condition, why }) => (condition, why),
        other => panic!("{when}: {other:?}"),
    }
}

use crate::route::verdict::Miss;

#[test]
fn a_miss_names_its_condition_what_was_wanted_and_what_was_found() {
    let event = event(&json!({
        "status": "PASSED", "groupName": "checkout-eu", "stats": {"failed": 3},
        "startedAt": "2026-03-14T11:56:00Z", "finishedAt": "2026-03-14T12:00:00Z",
    }));
    for (when, condition, sentence) in [
        ("{group: prod-*}", "when.group", "group is `checkout-eu`, wanted `prod-*`"),
        (
            "{status: [FAILED, ERROR]}",
            "when.status",
            "status is `PASSED`, wanted `FAILED` or `ERROR`",
        ),
        ("{status: PASSED, summary: x}", "when.summary", "there is no summary, wanted `x`"),
        ("{duration: '> 10m'}", "when.duration", "duration is `4m`, wanted `> 10m`"),
        (
            "{fields: {stats.failed: '> 5'}}",
            "when.fields.stats.failed",
            "field `stats.failed` is `3`, wanted `> 5`",
        ),
        ("{labels: {team: qa}}", "when.labels.team", "there is no label `team`, wanted `qa`"),
        (
            "{all: [{status: PASSED}, {group: a}]}",
            "when.all[1].group",
            "group is `checkout-eu`, wanted `a`",
        ),
        (
            "{any: [{group: a}, {status: ERROR}]}",
            "when.any",
            "none of these holds: group is `checkout-eu`, wanted `a`; status is `PASSED`, wanted \
             `ERROR`",
        ),
        (
            "{not: {group: '*-eu', status: PASSED}}",
            "when.not",
            "`not` excludes this: (status is `PASSED` and group is `*-eu`)",
        ),
    ] {
        assert_eq!(why(when, &event), (condition.to_owned(), sentence.to_owned()));
    }
}

#[test]
fn a_long_text_is_cut_in_a_sentence() {
    let (_, why) = why("{group: a}", &run("FAILED", &"é".repeat(5000)));
    assert!(why.contains(&format!("`{}…`", "é".repeat(79))), "{why}");
}

#[test]
fn rules_after_a_stop_are_not_considered_and_a_destination_is_told_once() {
    let router = router(
        "[{name: a, when: {status: FAILED}, send: chat}, \
          {name: b, when: {group: g}, send: [chat, mail], stop: true}, \
          {name: c, when: always, send: mail}, \
          {name: d, when: {unmatched: true}, send: mail}]",
        "[]",
    );
    let verdicts = router.explain(&run("FAILED", "g"), &Standing::default());
    let Finding::Matched { tells, stops: true } = &verdicts[1].finding else { panic!() };
    assert_eq!((tells[0].told_by.as_deref(), tells[1].told_by.as_deref()), (Some("a"), None));
    assert_eq!(verdicts[2].finding, Finding::NotConsidered { stopped_by: "b".into() });
    let verdicts = router.explain(&run("FAILED", "x"), &Standing::default());
    let Finding::Missed(miss) = &verdicts[3].finding else { panic!() };
    assert_eq!(miss.why, "the earlier rule \"a\" matched, wanted none");
}

#[test]
fn a_verdict_is_plain_data_for_programs() {
    let verdict =
        rule("{group: prod-*}").explain(&run("FAILED", "x"), &Standing::default()).remove(0);
    let expected = json!({
        "rule": "r", "outcome": "missed", "condition": "when.group",
        "why": "group is `x`, wanted `prod-*`",
    });
    assert_eq!(serde_json::to_value(verdict).unwrap(), expected);
}
