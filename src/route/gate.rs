//! What a rule's `mute`, `throttle` and `digest` make of a match: told at once, or held.
//!
//! Every match of a rule passes here once, with the destinations that are left after silences and
//! `once_per`. What is held goes into a collection (`collect`) for each destination, except where
//! it is dropped.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::rule::Rule;
use super::state::State;
use crate::model::{Absence, Event, Standing, Told, Words};

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

/// What becomes of a match.
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
    let _ = (state, of.event, of.standing, of.failing, of.labels, of.rule);
    let _ = to.first().map(|d| (&d.sink, &d.with, &d.words));
    Gate::Open
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
    let _ = (state, event, standing, labels, rule, told);
    None
}

/// Lets the collections that hold the event's group already know how it stands now, whether or not
/// their rules match this event. Called for each event that changes history, after `pass`.
pub(super) fn observe(state: &mut State, event: &Event, standing: &Standing) {
    let _ = (state, event, standing);
}
