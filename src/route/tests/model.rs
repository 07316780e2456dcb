//! Random sequences of runs against a simple model, written apart: it keeps every run that ever
//! came and looks at the whole list each time.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::story::{minute, standing};
use super::*;
use crate::model::{Duty, Transition};

/// One run: its status, how long before its arrival it finished, and how long after the run before
/// it arrived, in minutes.
type Draw = (Option<&'static str>, Option<i64>, i64);

fn draw() -> impl Strategy<Value = Draw> {
    let status = prop_oneof![
        6 => Just(Some("PASSED")),
        5 => Just(Some("FAILED")),
        3 => Just(Some("ERROR")),
        1 => Just(Some("UNSTABLE")),
        1 => Just(Some("MISSING")),
        1 => Just(Some("CANCELLED")),
        1 => Just(None),
    ];
    let lag = prop_oneof![4 => Just(Some(0)), 4 => (-3..12_i64).prop_map(Some), 1 => Just(None)];
    (status, lag, 0..5_i64)
}

const RULES: &str = r#"
- {name: once, when: {status: [FAILED, ERROR, MISSING]}, send: chat, once_per: incident, send_recovery: true}
- {name: third, when: {failures_in_a_row: ">= 3"}, send: [mail, chat], once_per: incident, send_recovery: true}
- {name: each, when: {transition: [still_failing, kind_changed]}, send: {sink: chat, with: {channel: '{{ status }}'}}, send_recovery: true}
- {name: green, when: {transition: recovered, passes_in_a_row: 1}, send: mail}
- {name: back, when: {recovered_after: "> 5m"}, send: chat}
- {name: late, when: {late: true}, send: mail}
- {name: all, when: always, send: mirror}
"#;

/// Rules that hold back and tell later.
const QUIET: &str = r#"
- {name: nights, when: {status: [FAILED, ERROR]}, send: chat, once_per: incident, send_recovery: true, mute: {during: nights}}
- {name: dropped, when: {group: g}, send: mail, send_recovery: true, mute: {during: dawn, then: drop}}
- {name: few, when: {late: false}, send: {sink: chat, with: {channel: few}}, throttle: {limit: 2, per: 2h}, send_recovery: true}
- {name: report, when: {group: g}, send: chat, digest: {every: 5h}}
- {name: all, when: always, send: mirror}
"#;

/// The events of a sequence, in order of their arrival.
fn events(draws: &[Draw], stretch: i64) -> Vec<Event> {
    let (mut now, mut all) = (0, Vec::new());
    for (number, (status, lag, gap)) in draws.iter().enumerate() {
        now += gap * stretch;
        let finished = lag.map(|lag| minute(now - lag));
        let body = json!({"status": status, "groupName": "g", "finishedAt": finished, "n": number});
        let (id, seq) = (Uuid::from_u128(number as u128 + 1), EventSeq(number as i64 + 1));
        all.push(Event { id, seq, received_at: minute(now), ..event(&body) });
    }
    all
}

#[derive(Clone, Debug)]
struct Seen {
    id: Uuid,
    finish: Timestamp,
    status: String,
    failing: bool,
}

/// What the model says of an event after those before it.
fn expected(before: &[Event], event: &Event) -> Standing {
    let mut order: Vec<Seen> = Vec::new();
    for (number, earlier) in before.iter().enumerate() {
        let late = is_late(&order, &before[..number], earlier);
        if let Some(seen) = seen(earlier).filter(|_| !late) {
            order.push(seen);
        }
    }
    let new_group = before.is_empty();
    if is_late(&order, before, event) {
        return Standing { late: true, new_group, ..Standing::default() };
    }
    let Some(seen) = seen(event) else { return Standing { new_group, ..Standing::default() } };
    let row = order.iter().rev().take_while(|run| run.failing == seen.failing).count();
    let previous = order.last();
    let failed = order.iter().rev().take_while(|run| run.failing).count() as u32;
    let first_failing = |order: &[Seen]| {
        let row = order.iter().rev().take_while(|run| run.failing).count();
        order.get(order.len() - row).cloned()
    };
    let began = match seen.failing {
        true => Some(first_failing(&order).unwrap_or(seen.clone())),
        false => first_failing(&order),
    };
    let transition = match (previous, seen.failing) {
        (Some(run), true) if run.failing && run.status == seen.status => Transition::StillFailing,
        (Some(run), true) if run.failing => Transition::KindChanged,
        (_, true) => Transition::FirstFailure,
        (Some(run), false) if run.failing => Transition::Recovered,
        _ => Transition::StillPassing,
    };
    let since = began.as_ref().map(|run| run.finish);
    let lasted = since.map(|since| {
        (finish(event).duration_since(since)).max(SignedDuration::ZERO).as_secs() as u64
    });
    Standing {
        transition: Some(transition),
        new_group,
        late: false,
        failures_in_a_row: if seen.failing { row as u32 + 1 } else { 0 },
        passes_in_a_row: if seen.failing { 0 } else { row as u32 + 1 },
        previous_status: previous.map(|run| run.status.clone()),
        failing_since: since,
        failing_for: lasted.filter(|_| seen.failing),
        recovered_after: lasted.filter(|_| transition == Transition::Recovered),
        recovered_from: if transition == Transition::Recovered { failed } else { 0 },
        incident: began.map(|run| run.id),
    }
}

/// Whether a later run is known, or one that is missing came in time to be decided first.
fn is_late(order: &[Seen], before: &[Event], event: &Event) -> bool {
    let is_missing = event.reading.status == Some(Status::Missing);
    let ran = order.last().is_some_and(|run| run.status != "MISSING");
    let came = before.last().is_some_and(|last| last.received_at == event.received_at);
    is_older(order, finish(event)) || is_missing && ran && came
}

/// Whether a run that really finished did so later than this.
fn is_older(order: &[Seen], finish: Timestamp) -> bool {
    let last = order.iter().rfind(|run| run.status != "MISSING");
    last.is_some_and(|run| run.finish > finish)
}

fn finish(event: &Event) -> Timestamp {
    let received = event.received_at;
    event.reading.finished_at.unwrap_or(received).min(received)
}

fn seen(event: &Event) -> Option<Seen> {
    let status = event.reading.status.as_ref()?.to_string();
    let failing = match status.as_str() {
        "FAILED" | "ERROR" | "MISSING" => true,
        "PASSED" | "UNSTABLE" => false,
        _ => return None,
    };
    Some(Seen { id: event.id, finish: finish(event), status, failing })
}

/// Where and what: enough to see that a recovery went where its failure went.
type Place = (String, BTreeMap<String, String>);

proptest! {
    #[test]
    fn what_runs_mean_matches_a_simple_model(draws in prop::collection::vec(draw(), 1..40)) {
        let mut story = Story::new(RULES);
        let events = events(&draws, 1);
        for (number, event) in events.iter().enumerate() {
            let decision = story.decide(event);
            prop_assert_eq!(standing(&decision), &expected(&events[..number], event), "run {}", number);
        }
    }

    #[test]
    fn a_recovery_answers_exactly_those_who_were_told(draws in prop::collection::vec(draw(), 1..40)) {
        let mut story = Story::new(RULES);
        let mut told: BTreeMap<Place, Duty> = BTreeMap::new();
        for event in events(&draws, 1) {
            let decision = story.decide(&event);
            let recovered = standing(&decision).transition == Some(Transition::Recovered);
            let mut answered = HashSet::new();
            for planned in &decision.planned {
                let place = (planned.sink.clone(), planned.brief.with.clone());
                if let Some(answers) = planned.answers {
                    prop_assert!(recovered);
                    prop_assert_eq!(Some(&answers.duty), told.get(&place), "nobody told it");
                    prop_assert!(answered.insert(place.clone()), "told twice");
                }
                if let Some(duty) = planned.duty.filter(|_| place.0 != "mirror") {
                    told.insert(place, duty);
                }
            }
            if recovered {
                prop_assert_eq!(answered.len(), told.len(), "somebody doesn't hear that it is over");
                told.clear();
            }
        }
    }

    #[test]
    fn a_restart_at_any_point_changes_no_decision(
        draws in prop::collection::vec(draw(), 1..30),
        restarts in prop::collection::vec(any::<bool>(), 30),
        quiet in any::<bool>(),
    ) {
        let (rules, stretch) = if quiet { (QUIET, 30) } else { (RULES, 1) };
        let (mut steady, mut restarted) = (Story::new(rules), Story::new(rules));
        for (event, restart) in events(&draws, stretch).iter().zip(restarts) {
            let at = event.received_at.duration_since(minute(0)).as_mins();
            prop_assert_eq!(steady.until(at), restarted.until(at));
            prop_assert_eq!(steady.decide(event), restarted.decide(event));
            if restart {
                restarted.restart();
            }
            prop_assert_eq!(steady.memory("g"), restarted.memory("g"));
        }
        prop_assert_eq!(steady.until(100_000), restarted.until(100_000));
        prop_assert_eq!(steady.ended, restarted.ended);
    }

    #[test]
    fn each_destination_of_each_match_is_told_or_held_and_no_recovery_goes_to_others(
        draws in prop::collection::vec(draw(), 1..40),
    ) {
        let mut story = Story::new(QUIET);
        for event in events(&draws, 30) {
            story.until(event.received_at.duration_since(minute(0)).as_mins());
            let before = story.ended.len();
            let decision = story.decide(&event);
            for matched in &decision.account.as_ref().unwrap().matched {
                // Each of these rules names one destination; its recovery may be owed besides.
                let owed = if story.ended.len() > before { 2 } else { 1 };
                let accounted = matched.told.len() + matched.held.len();
                prop_assert!((1..=owed).contains(&accounted), "{:?}", matched);
            }
            for planned in &decision.planned {
                let Some(answers) = planned.answers else { continue };
                let told = &story.ended.last().expect("an incident that ended").told;
                prop_assert!(told.iter().any(|told| told.recovery
                    && (told.duty, &told.sink, &told.with)
                        == (answers.duty, &planned.sink, &planned.brief.with)));
            }
        }
    }
}
