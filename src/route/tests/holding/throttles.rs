//! Throttles: what passes, what is held back, and that its count is told.

use super::*;

fn passes(watch: &mut Watch, time: &str, group: &str, status: &str) -> bool {
    let gate = watch.run(time, group, status);
    assert!(matches!(why(&gate), None | Some(Absence::Throttled)), "{gate:?}");
    gate == Gate::Open
}

#[test]
fn so_many_pass_in_a_period_and_the_rest_is_counted_and_told_at_its_end() {
    let mut watch = Watch::new("throttle: {limit: 2, per: 1h}");
    assert!(passes(&mut watch, "14 10:00:00", "a", "FAILED"));
    assert!(passes(&mut watch, "14 10:10:00", "a", "FAILED"));
    assert!(!passes(&mut watch, "14 10:20:00", "a", "FAILED"));
    assert!(!passes(&mut watch, "14 10:59:59", "a", "FAILED"));
    assert!(passes(&mut watch, "14 10:30:00", "b", "FAILED"), "groups are counted apart");
    assert_eq!(watch.state.next_due(), Some(at("14 11:00:00")));
    watch.until("14 11:00:00");
    let told = watch.one();
    assert_eq!(
        told.summary(),
        "2 more held back in 1h: a has been failing since 10:00 (FAILED, 4 in a row)"
    );
    assert_eq!(told.rows(), [("a", Net::Failing, 2)]);
    assert_eq!(told.at, at("14 11:00:00"));
    assert!(passes(&mut watch, "14 11:00:01", "a", "FAILED"), "a new period");
    watch.until("14 23:00:00");
    assert!(watch.told().is_empty(), "nothing was held back");
    assert_eq!(watch.state.next_due(), None);
}

#[test]
fn recoveries_and_a_worse_status_pass_and_count_for_nothing() {
    let mut watch = Watch::new("throttle: {limit: 1, per: 1h}");
    assert!(passes(&mut watch, "14 10:00:00", "a", "FAILED"));
    assert!(!passes(&mut watch, "14 10:01:00", "a", "FAILED"));
    assert!(passes(&mut watch, "14 10:02:00", "a", "ERROR"), "worse");
    assert!(!passes(&mut watch, "14 10:03:00", "a", "ERROR"), "as bad as told");
    assert!(passes(&mut watch, "14 10:04:00", "a", "PASSED"), "recovered");
    assert!(!passes(&mut watch, "14 10:06:00", "a", "PASSED"), "still passing");
    assert!(!passes(&mut watch, "14 10:07:00", "a", "WEIRD"), "unknown is least");
    watch.until("14 11:00:00");
    assert_eq!(watch.one().message.digest.runs, 4);
}

#[test]
fn a_missing_run_is_worse_than_any_that_came() {
    let mut watch = Watch::new("throttle: {limit: 1, per: 1h, by: rule}");
    for (status, expected) in [
        ("PASSED", true),
        ("UNSTABLE", true),
        ("FAILED", true),
        ("ERROR", true),
        ("MISSING", true),
        ("ERROR", false),
        ("MISSING", false),
    ] {
        assert_eq!(passes(&mut watch, "14 10:00:00", status, status), expected, "{status}");
    }
}

#[test]
fn a_recovery_begins_no_period() {
    let mut watch = Watch::new("throttle: {limit: 1, per: 1h}");
    watch.unmatched("14 09:00:00", "a", "FAILED");
    assert!(passes(&mut watch, "14 10:00:00", "a", "PASSED"));
    assert_eq!(watch.state.next_due(), None);
}

#[test]
fn by_says_what_is_counted_together() {
    let rules = |by: &str| {
        format!(
            "[{{name: r, when: always, send: chat, throttle: {{limit: 1, per: 1h, by: {by}}}}}]"
        )
    };
    let groups = "[{match: 'a*', labels: {team: x}}, {match: 'b*', labels: {team: y}}]";
    for (by, expected) in [
        ("group", [true, true, true, true]),
        ("rule", [true, false, false, false]),
        ("source", [true, false, false, false]),
        ("labels.team", [true, false, true, true]),
        ("[labels.team, status]", [true, false, true, true]),
    ] {
        let mut watch = Watch::over(&rules(by), groups);
        let groups = ["a1", "a2", "b1", "c1"];
        assert_eq!(
            groups.map(|group| passes(&mut watch, "14 10:00:00", group, "FAILED")),
            expected,
            "{by}"
        );
        watch.until("14 11:00:00");
        let held = expected.iter().filter(|passed| !**passed).count();
        let told: u32 = watch.told().iter().map(|letter| letter.message.digest.runs).sum();
        assert_eq!(told as usize, held);
    }
}

#[test]
fn a_failure_that_was_held_back_and_is_over_is_one_line() {
    let mut watch = Watch::new("throttle: {limit: 1, per: 1h, by: rule}");
    assert!(passes(&mut watch, "14 10:00:00", "a", "FAILED"));
    assert!(!passes(&mut watch, "14 10:01:00", "b", "FAILED"));
    watch.unmatched("14 10:30:00", "b", "PASSED");
    watch.until("14 11:00:00");
    let told = watch.one();
    assert_eq!(told.summary(), "1 more held back in 1h: b failed at 10:01 and recovered at 10:30");
    assert_eq!(told.event.reading.status, Some(Status::Passed));
}

#[test]
fn a_failing_status_of_ones_own_is_worse_than_a_pass() {
    let mut watch = Watch::over(
        "[{name: r, when: always, send: chat, throttle: {limit: 1, per: 1h}}]",
        "[{match: '*', failing: [TIMEOUT]}]",
    );
    assert!(passes(&mut watch, "14 10:00:00", "a", "PASSED"));
    assert!(passes(&mut watch, "14 10:01:00", "a", "TIMEOUT"));
    assert!(!passes(&mut watch, "14 10:02:00", "a", "TIMEOUT"));
}
