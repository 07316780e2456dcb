//! Runs that should report: what is waited for, and what is said when it doesn't come.
//!
//! For each group that is watched there is a note with the time at which its next run should start
//! (its tick), due when that run is missing. An event of the group that arrives from the tick on
//! says that it ran, whatever its status. Otherwise an event `execution.missing` is made, which
//! goes through the rules like others, and the next run is waited for. What may have been reported
//! while the bridge was down is not judged.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::note::Note;
use super::state::State;
pub(super) use super::watch::Missed;
use super::watch::{EXPECT, Watch};
use crate::model::memory::OWN_SOURCE;
use crate::model::{Event, GroupKey, OwnEvent, Status};

/// A run that should report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Expected {
    /// The group that should report.
    #[serde(flatten)]
    key: GroupKey,
    /// When the run should start.
    tick: Timestamp,
    /// The newest run that reported while it was watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Last>,
}

/// A run that reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Last {
    at: Timestamp,
    status: String,
}

/// When the bridge was last known to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alive {
    at: Timestamp,
}

/// A run that may have reported while the bridge was down.
#[derive(Clone, Debug, PartialEq)]
pub struct Unjudged {
    /// The group that should have reported.
    pub key: GroupKey,
    /// When the run should have started.
    pub tick: Timestamp,
}

/// The name of the note that says when the bridge was last known to run.
const ALIVE: &str = "alive";

/// A run that reports so long before its time counts: no two clocks are equal.
const EARLY: SignedDuration = SignedDuration::from_mins(1);

/// The bridge was down if it was not known to run for longer than this.
const DOWN: SignedDuration = SignedDuration::from_mins(2);

/// What is told later than this after it was due is told as of now.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// Notes that the bridge runs.
pub(super) fn alive(state: &mut State, now: Timestamp) {
    state.put(ALIVE.to_owned(), None, Note::Alive(Alive { at: now }));
}

/// Fits what is waited for to this configuration, at the start and after a reload. Returns the runs
/// that nobody can judge, since they were due while the bridge was down.
pub(super) fn take_over(
    missed: &Missed,
    state: &mut State,
    known: &[GroupKey],
    now: Timestamp,
) -> Vec<Unjudged> {
    let down = downtime(state, now);
    let mut unjudged = Vec::new();
    for (name, expected) in noted(state) {
        let watches = missed.of(&expected.key.source, &expected.key.group);
        let watch =
            watches.iter().find(|w| w.note(&expected.key.source, &expected.key.group) == name);
        match watch {
            None => state.forget(&name),
            Some(watch) => unjudged.extend(refit(watch, state, expected, down, now)),
        }
    }
    for (source, group) in missed.named() {
        arm(missed, state, &GroupKey { source: source.into(), group: group.into() }, now);
    }
    if missed.watches_patterns() {
        known.iter().for_each(|key| arm(missed, state, key, now));
    }
    unjudged
}

/// Takes in that an event arrived. It is asked for each event, and cheap where nothing is watched.
pub(super) fn arrived(state: &mut State, missed: &Missed, event: &Event) {
    if missed.is_empty() || !is_run(event) {
        return;
    }
    let (at, group) = (event.received_at, &event.reading.group);
    for watch in missed.of(&event.source, group) {
        let status = event.reading.status.as_ref().map_or("", Status::as_str);
        let last = Last { at, status: status.chars().take(40).collect() };
        let before = match state.note(&watch.note(&event.source, group)) {
            Some(Note::Expected(expected)) => Some(expected.clone()),
            _ => None,
        };
        let Some(tick) = tick_after_arrival(watch, before.as_ref(), at) else { continue };
        let newest = before.and_then(|before| before.last).filter(|before| before.at > at);
        wait(
            watch,
            state,
            Expected { key: GroupKey::of(event), tick, last: newest.or(Some(last)) },
        );
    }
}

/// Says that a run is missing, and waits for the next one. The note of this name is due.
pub(super) fn fire(
    missed: &Missed,
    state: &mut State,
    name: &str,
    due: Timestamp,
    until: Timestamp,
) {
    let Some(Note::Expected(expected)) = state.note(name).cloned() else { return };
    state.forget(name);
    let GroupKey { source, group } = &expected.key;
    let watches = missed.of(source, group);
    let Some(watch) = watches.iter().find(|watch| watch.note(source, group) == name) else {
        return;
    };
    let at = if until.duration_since(due) > LATE { until } else { due };
    state.emit(OwnEvent { source: source.to_string(), at, body: body(watch, &expected, due) });
    if let Some(tick) = tick_after_missing(watch, expected.tick, until) {
        wait(watch, state, Expected { tick, ..expected });
    }
}

/// Whether an event says that a run of its group was there. A replay says it of a run long ago.
fn is_run(event: &Event) -> bool {
    event.replay_of.is_none()
        && event.reading.unreadable.is_none()
        && event.reading.status != Some(Status::Missing)
        && &*event.source != OWN_SOURCE
}

/// The time that the bridge was not known to run before now, if it was long.
fn downtime(state: &State, now: Timestamp) -> Option<Timestamp> {
    match state.note(ALIVE) {
        Some(Note::Alive(Alive { at })) => Some(*at).filter(|at| now.duration_since(*at) > DOWN),
        _ => None,
    }
}

fn noted(state: &State) -> Vec<(String, Expected)> {
    let notes = state.below(EXPECT).filter_map(|(name, note)| match note {
        Note::Expected(expected) => Some((name.to_owned(), expected.clone())),
        _ => None,
    });
    notes.collect()
}

/// Goes on waiting for a run, or for the one after it where this one can't be judged. One that is
/// too far off was waited for while the clock was ahead.
fn refit(
    watch: &Watch,
    state: &mut State,
    expected: Expected,
    down: Option<Timestamp>,
    now: Timestamp,
) -> Option<Unjudged> {
    let tick = expected.tick;
    let from = tick.saturating_sub(watch.recurrence.interval().unwrap_or_default());
    let from = from.unwrap_or(Timestamp::MIN);
    let unseen = down.is_some_and(|down| from <= now && watch.due(tick) >= down);
    let too_far = watch.recurrence.next(reached(now)).is_some_and(|latest| tick > latest);
    if !unseen && !too_far && watch.has(tick) {
        wait(watch, state, expected);
        return None;
    }
    let key = expected.key.clone();
    match watch.recurrence.next(now) {
        Some(tick) => wait(watch, state, Expected { tick, ..expected }),
        None => state.forget(&watch.note(&key.source, &key.group)),
    }
    (unseen && tick <= now).then_some(Unjudged { key, tick })
}

/// Begins to wait for a group's runs, where they aren't waited for already.
fn arm(missed: &Missed, state: &mut State, key: &GroupKey, now: Timestamp) {
    for watch in missed.of(&key.source, &key.group) {
        let name = watch.note(&key.source, &key.group);
        if let (None, Some(tick)) = (state.note(&name), watch.recurrence.next(now)) {
            wait(watch, state, Expected { key: key.clone(), tick, last: None });
        }
    }
}

fn wait(watch: &Watch, state: &mut State, expected: Expected) {
    let name = watch.note(&expected.key.source, &expected.key.group);
    let due = Some(watch.due(expected.tick));
    let note = Note::Expected(expected);
    if state.note(&name) != Some(&note) || state.due(&name) != due {
        state.put(name, due, note);
    }
}

/// What is waited for once an event arrived: it says that the runs of all ticks up to then (or a
/// little later) were there.
fn tick_after_arrival(
    watch: &Watch,
    before: Option<&Expected>,
    at: Timestamp,
) -> Option<Timestamp> {
    let before = before.map(|before| before.tick);
    if watch.recurrence.interval().is_some() {
        return watch.recurrence.next(at).max(before);
    }
    let reached = reached(at);
    before.filter(|tick| *tick > reached).or_else(|| watch.recurrence.next(reached))
}

/// Up to when an event says that the runs were there.
fn reached(at: Timestamp) -> Timestamp {
    at.saturating_add(EARLY).unwrap_or(at)
}

/// What is waited for once a run is missing: the one after it, or the first that isn't past already
/// where its time is long past.
fn tick_after_missing(watch: &Watch, tick: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let next = watch.recurrence.next(tick)?;
    if watch.due(next) > until {
        return Some(next);
    }
    watch.recurrence.next(until.saturating_sub(watch.grace()).unwrap_or(Timestamp::MIN))
}

/// The event that says it; the tick makes its bytes unlike all others.
fn body(watch: &Watch, expected: &Expected, due: Timestamp) -> Vec<u8> {
    let body = json!({
        "event": "execution.missing",
        "status": Status::Missing.as_str(),
        "groupName": expected.key.group,
        "summary": summary(watch, expected),
        "finishedAt": due,
        "expectedAt": expected.tick,
        "expectedBy": watch.shown(),
        "lastSeenAt": expected.last.as_ref().map(|last| last.at),
    });
    body.to_string().into_bytes()
}

fn summary(watch: &Watch, expected: &Expected) -> String {
    let shown =
        |at: Timestamp| at.to_zoned(watch.zone.clone()).strftime("%a %-d %b %H:%M").to_string();
    let (by, grace) = (watch.shown(), watch.grace);
    let every = watch.recurrence.interval().is_some();
    match &expected.last {
        Some(Last { at, status }) if every => {
            let at = shown(*at);
            format!("No run since {at} ({status}; expected {by}, waited {grace})")
        }
        None if every => format!("No run yet (expected {by}, waited {grace}); none was ever seen"),
        last => {
            let last = match last {
                Some(Last { at, status }) => format!("the last one was {status}, {}", shown(*at)),
                None => "none was ever seen".to_owned(),
            };
            let tick = shown(expected.tick);
            format!("No run since {tick} (expected by {by}, waited {grace}); {last}")
        }
    }
}
