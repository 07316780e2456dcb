//! What a rule's `mute`, `throttle` and `digest` make of a match: told at once, or held.
//!
//! Every match of a rule passes here once, with the destinations that are left after silences and
//! `once_per`. What is held goes into a collection (`collect`) for each destination, except where
//! it is dropped.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::collect::{self, Apart, Collection};
use super::config::MuteThen;
use super::hold::{Gathering, Limit, Mute};
use super::note::Note;
use super::own::Owed;
use super::rule::Rule;
use super::state::State;
use super::throttle;
use crate::model::{Absence, DigestKind, Event, GroupKey, Standing, Told, Transition, Words};

/// A rule's match.
pub(super) struct Matched<'a> {
    pub(super) event: &'a Event,
    pub(super) standing: &'a Standing,
    /// Whether the status counts as failing; `None` where it is unknown.
    pub(super) failing: Option<bool>,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) rule: &'a Rule,
}

/// Whom it would tell.
pub(super) struct Destination {
    pub(super) sink: String,
    pub(super) with: BTreeMap<String, String>,
    pub(super) words: Option<Words>,
}

impl Destination {
    /// Whom something was told.
    pub(super) fn of(told: &Told) -> Self {
        let (sink, with, words) = (told.sink.clone(), told.with.clone(), told.words.clone());
        Destination { sink, with, words }
    }
}

/// What becomes of a match.
#[derive(Debug, PartialEq)]
pub(super) enum Gate {
    /// It is told at once.
    Open,
    /// It is held, for all its destinations.
    Held {
        /// Why.
        why: Absence,
        /// The collections that it went into, one for each destination in order, with the time at
        /// which each was opened; empty where it was dropped.
        collected: Vec<(String, Timestamp)>,
    },
}

/// Passes a match through the rule's gate, and remembers what it must.
pub(super) fn pass(state: &mut State, of: &Matched<'_>, to: &[Destination]) -> Gate {
    let hold = &of.rule.hold;
    if to.is_empty() {
        return Gate::Open;
    }
    if let Some(digest) = &hold.digest {
        return gathered(state, of, to, digest);
    }
    if let Some((mute, (window, end))) = muted(hold.mute.as_ref(), of.event) {
        return quiet(state, of, to, mute.then, window, end);
    }
    match &hold.throttle {
        Some(limit) => throttled(state, of, to, limit),
        None => Gate::Open,
    }
}

/// What becomes of a recovery that is owed to someone who was told. `rule` is the rule that told,
/// if it is still there. `None`: it is told at once. Otherwise it went into a collection.
pub(super) fn pass_recovery(
    state: &mut State,
    event: &Event,
    standing: &Standing,
    labels: &BTreeMap<String, String>,
    rule: Option<&Rule>,
    told: &Told,
) -> Option<Absence> {
    if let Some(collected) = told.collected.as_ref().filter(|of| collect::is_open(state, of)) {
        collect::recover(state, &collected.0, event, standing, labels, false);
        return Some(Absence::Superseded);
    }
    let (_, (window, end)) = muted(rule?.hold.mute.as_ref(), event)?;
    let (name, _) = owe(state, event, told, window, end);
    collect::recover(state, &name, event, standing, labels, true);
    Some(Absence::Deferred { window: window.to_owned() })
}

/// Lets the collections that hold the event's group already know how it stands now, whether or not
/// their rules match this event. Called for each event that changes history, after `pass`.
pub(super) fn observe(state: &mut State, event: &Event, standing: &Standing) {
    let Some(transition) = standing.transition.filter(|_| !standing.late) else { return };
    let passes = matches!(transition, Transition::Recovered | Transition::StillPassing);
    for name in state.rows_of(&GroupKey::of(event)) {
        let Some(Note::Row(row)) = state.note(&name) else { continue };
        if row.settled {
            continue;
        }
        let mut learnt = row.clone();
        learnt.learn(event, standing, Some(!passes));
        if learnt != *row {
            state.put(name, None, Note::Row(learnt));
        }
    }
}

fn muted<'m>(mute: Option<&'m Mute>, event: &Event) -> Option<(&'m Mute, (&'m str, Timestamp))> {
    let mute = mute?;
    Some((mute, mute.at(event.received_at)?))
}

fn gathered(state: &mut State, of: &Matched<'_>, to: &[Destination], digest: &Gathering) -> Gate {
    let apart = Apart::of(&digest.by, of);
    let (now, max) = (of.event.received_at, digest.max);
    let due = digest.due(now);
    let collected = collected(state, of, to, DigestKind::Digest, &apart, due, |new| Collection {
        max,
        by: apart.shown.clone(),
        ..new
    });
    Gate::Held { why: Absence::Collected, collected }
}

fn quiet(
    state: &mut State,
    of: &Matched<'_>,
    to: &[Destination],
    then: MuteThen,
    window: &str,
    end: Timestamp,
) -> Gate {
    let window = window.to_owned();
    if then == MuteThen::Drop {
        return Gate::Held { why: Absence::Muted { window }, collected: Vec::new() };
    }
    let collected = collected(state, of, to, DigestKind::Deferred, &Apart::default(), end, |new| {
        Collection { window: Some(window.clone()), ..new }
    });
    Gate::Held { why: Absence::Deferred { window }, collected }
}

fn throttled(state: &mut State, of: &Matched<'_>, to: &[Destination], limit: &Limit) -> Gate {
    let apart = Apart::of(&limit.by, of);
    let Some(period) = throttle::pass(state, limit, of, &apart.name) else { return Gate::Open };
    let (since, due) = (period.began, period.ends);
    let collected = collected(state, of, to, DigestKind::Throttled, &apart, due, |new| {
        Collection { since, by: apart.shown.clone(), ..new }
    });
    Gate::Held { why: Absence::Throttled, collected }
}

/// Puts a match into the collection of each destination, which is opened where there is none.
fn collected(
    state: &mut State,
    of: &Matched<'_>,
    to: &[Destination],
    kind: DigestKind,
    apart: &Apart,
    due: Timestamp,
    fitted: impl Fn(Collection) -> Collection,
) -> Vec<(String, Timestamp)> {
    let mut collections = Vec::with_capacity(to.len());
    for destination in to {
        let new = Collection::new(kind, &of.rule.name, destination, of.event.received_at);
        let new = fitted(Collection { opened_by: Some(of.event.id), ..new });
        let opened = collect::open(state, new.name(&apart.name), due, new);
        collect::add(state, &opened.0, of);
        collections.push(opened);
    }
    collections
}

/// Opens the collection of a recovery that a window defers. It stands alone, since it answers one
/// duty and is told only if that was.
fn owe(
    state: &mut State,
    event: &Event,
    told: &Told,
    window: &str,
    end: Timestamp,
) -> (String, Timestamp) {
    let owed = Owed { duty: told.duty, supersedes: told.collected.is_none() };
    let new = Collection {
        window: Some(window.to_owned()),
        opened_by: Some(event.id),
        owed: Some(owed),
        ..Collection::new(
            DigestKind::Deferred,
            &told.rule,
            &Destination::of(told),
            event.received_at,
        )
    };
    let apart = format!("recovery {}", told.duty.0);
    collect::open(state, new.name(&apart), end, new)
}
