//! Runs that should report: reloads, restarts and downtime, and a simple model of it all.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

use super::missing::{NIGHTLY, Watched, at, key};
use super::*;
use crate::route::missed::{self, Unjudged};
use crate::schedule::{Recurrence, RecurrenceConfig};

#[test]
fn entries_may_change_their_places_while_a_run_is_waited_for() {
    let first = "[{group: a, cron: '0 2 * * *', grace: 45m}, {group: [b, a], every: 8h}]";
    let second = "[{group: [b, a], every: 8h}, {group: a, cron: '0 2 * * *', grace: 45m}]";
    let mut watched = Watched::start(first, &[], "2026-11-24T00:00Z");
    watched.reload(second, &[], "2026-11-24T01:20Z");
    assert_eq!(watched.missing("2026-11-24T02:00Z"), ["2026-11-24T01:45:00Z"]);
    assert_eq!(watched.missing("2026-11-24T08:15Z"), ["2026-11-24T08:15:00Z"; 2]);
}

#[test]
fn what_is_not_expected_any_more_is_forgotten() {
    let mut watched = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
    watched.reload("[{group: other, cron: '0 3 * * *'}]", &[], "2026-11-24T01:20Z");
    assert_eq!(watched.until("2026-11-24T02:00Z"), [Value::Null; 0]);
    watched.reload("[]", &[], "2026-11-24T02:01Z");
    assert_eq!(watched.state.next_due(), None);
    assert_eq!(watched.journal.keys().collect::<Vec<_>>(), ["alive"]);
}

#[test]
fn another_grace_holds_for_the_run_that_is_waited_for() {
    let mut watched = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
    let longer = "[{group: nightly, cron: '0 2 * * *', grace: 2h}]";
    watched.reload(longer, &[], "2026-11-24T01:20Z");
    assert_eq!(watched.missing("2026-11-24T12:00Z"), ["2026-11-24T03:00:00Z"]);
}

#[test]
fn what_may_have_reported_while_the_bridge_was_down_is_not_judged() {
    for (since, until, judged) in [
        ("2026-11-24T00:00Z", "2026-11-24T08:00Z", false),
        ("2026-11-24T01:30Z", "2026-11-24T01:35Z", false),
        ("2026-11-24T01:44Z", "2026-11-24T01:50Z", false),
        ("2026-11-24T00:55Z", "2026-11-24T01:05Z", false),
        ("2026-11-24T00:00Z", "2026-11-24T00:50Z", true),
        ("2026-11-24T01:20Z", "2026-11-24T01:22Z", true),
    ] {
        let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
        let unjudged = nightly.down(since, until);
        let tick = at("2026-11-24T01:00Z");
        let expected = [Unjudged { key: key("nightly"), tick }];
        assert_eq!(unjudged, expected[usize::from(judged)..], "{since}");
        let missing = nightly.missing("2026-11-25T12:00Z");
        assert_eq!(missing.len(), 1 + usize::from(judged), "{since}");
    }
}

#[test]
fn what_was_due_before_the_bridge_went_down_is_told_when_it_is_back() {
    let mut nightly = Watched::start(NIGHTLY, &[], "2026-11-23T12:00Z");
    assert_eq!(nightly.down("2026-11-24T01:46Z", "2026-11-24T09:00Z"), []);
    assert_eq!(nightly.missing("2026-11-24T09:00Z"), ["2026-11-24T01:45:00Z"]);
}

#[test]
fn days_of_downtime_make_no_storm() {
    let yaml = "[{group: 'nightly-*', cron: '*/5 * * * *', grace: 1m}, {group: s, every: 1h}]";
    let names: Vec<String> = (0..200).map(|number| format!("nightly-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut nightly = Watched::start(yaml, &names, "2026-11-23T12:00Z");
    nightly.arrives("s", "PASSED", "2026-11-23T12:00Z");
    let unjudged = nightly.down("2026-11-23T12:01Z", "2026-11-26T09:02Z");
    assert_eq!(unjudged.len(), 201);
    assert_eq!(nightly.missing("2026-11-26T09:05Z"), [""; 0]);
    assert_eq!(nightly.missing("2026-11-26T09:06Z").len(), 200);
    assert_eq!(nightly.missing("2026-11-26T09:10Z"), [""; 0]);
}

#[test]
fn a_timer_that_fires_late_is_told_once_and_not_for_all_times_that_are_past() {
    let mut smoke = Watched::start(
        "[{group: smoke, cron: '*/5 * * * *', grace: 7m}, {group: h, every: 1h, grace: 0s}]",
        &[],
        "2026-11-24T11:58Z",
    );
    let until = at("2026-11-24T18:01:00Z");
    let mut said = Vec::new();
    while let Some((due, name)) = smoke.state.first_due(until) {
        missed::fire(&smoke.missed, &mut smoke.state, &name, due, until);
        said.extend(smoke.state.take_patch().events);
    }
    assert_eq!(said.iter().map(|own| own.at).collect::<Vec<_>>(), [until; 2]);
    // 17:55 is the first that isn't past.
    assert_eq!(smoke.state.next_due(), Some(at("2026-11-24T18:02:00Z")));
}

#[test]
fn what_is_waited_for_since_the_clock_was_ahead_is_waited_for_by_the_clock_as_it_is() {
    let both = "[{group: nightly, cron: '0 2 * * *', grace: 45m}, {group: smoke, every: 2h}]";
    let mut watched = Watched::start(both, &[], "2036-11-24T00:00Z");
    watched.arrives("smoke", "PASSED", "2036-11-24T00:30:00Z");
    watched.arrives("nightly", "PASSED", "2036-11-24T01:07:00Z");
    assert_eq!(watched.take_over(&[], "2026-11-24T00:00Z"), []);
    assert_eq!(
        watched.missing("2026-11-24T02:30Z"),
        ["2026-11-24T01:45:00Z", "2026-11-24T02:15:00Z"]
    );
}

/// The plain meaning: a run is missing if nothing arrived from a minute before its time on, until
/// it was due.
fn plainly_missing(
    cron: &str,
    grace: i64,
    arrivals: &[Timestamp],
    span: [Timestamp; 2],
) -> Vec<String> {
    let config = RecurrenceConfig { cron: Some(cron.to_owned()), ..RecurrenceConfig::default() };
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let recurrence = Recurrence::compile(&config, &zone).unwrap();
    let [start, end] = span;
    let ticks = std::iter::successors(recurrence.next(start), |tick| recurrence.next(*tick));
    let dues = ticks.map(|tick| (tick, tick + SignedDuration::from_mins(grace)));
    let missing = dues.take_while(|(_, due)| *due <= end).filter(|(tick, due)| {
        let early = *tick - SignedDuration::from_mins(1);
        !arrivals.iter().any(|at| early <= *at && at < due)
    });
    missing.map(|(_, due)| due.to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn exactly_the_runs_that_nothing_stood_for_are_missing(
        cron in prop::sample::select(vec!["0 2 * * *", "*/20 * * * *", "30 1-3 * * *", "15 */3 * * SUN"]),
        grace in 0..90_i64,
        day in prop::sample::select(vec!["2026-03-28", "2026-10-24", "2026-07-11"]),
        arrivals in prop::collection::btree_set(0..2880 * 2_i64, 0..60),
        restarts in prop::collection::btree_set(0..2880 * 2_i64, 0..6),
    ) {
        let start = at(&format!("{day}T12:00Z"));
        let end = start + SignedDuration::from_hours(48);
        let yaml = format!("[{{group: g, cron: '{cron}', grace: {grace}m}}]");
        let mut watched = Watched::start(&yaml, &[], &start.to_string());
        let time = |half_minutes: i64| start + SignedDuration::from_secs(half_minutes * 30);
        let mut missing = Vec::new();
        for step in arrivals.union(&restarts) {
            let now = time(*step).to_string();
            missing.extend(watched.missing(&now));
            if restarts.contains(step) {
                prop_assert_eq!(watched.down(&now, &now), []);
            }
            if arrivals.contains(step) {
                watched.arrives("g", "PASSED", &now);
            }
        }
        missing.extend(watched.missing(&end.to_string()));
        let arrivals: Vec<Timestamp> = arrivals.into_iter().map(time).collect();
        prop_assert_eq!(missing, plainly_missing(cron, grace, &arrivals, [start, end]));
    }
}
