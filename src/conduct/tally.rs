//! What is counted once a batch is on disk.

use std::collections::BTreeMap;

use crate::caught::catch;
use crate::model::memory::OWN_SOURCE;
use crate::model::{Absence, Decision, Event, Patch};
use crate::route::Router;
use crate::telemetry::{Metrics, ReasonLabel};

/// What a batch adds to the counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    decided: u64,
    unmatched: u64,
    parked: u64,
    fired: u64,
    own_events: u64,
    held: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a batch: its events with their decisions, how many timers fired, what is remembered.
    pub(super) fn of(
        router: &Router,
        events: &[Event],
        decisions: &[Decision],
        fired: usize,
        patch: &Patch,
    ) -> Self {
        let fell_through = |(event, decision): &(&Event, &Decision)| {
            decision.unmatched
                && decision.parked.is_none()
                && &*event.source != OWN_SOURCE
                && catch(|| router.is_failing(event)) == Ok(Some(true))
        };
        Tally {
            decided: decisions.len() as u64,
            unmatched: events.iter().zip(decisions).filter(fell_through).count() as u64,
            parked: decisions.iter().filter(|decision| decision.parked.is_some()).count() as u64,
            fired: fired as u64,
            own_events: patch.events.len() as u64,
            held: held(decisions),
        }
    }

    pub(super) fn count(&self, metrics: &Metrics) {
        metrics.decided.inc_by(self.decided);
        metrics.unmatched.inc_by(self.unmatched);
        metrics.parked.inc_by(self.parked);
        metrics.timers_fired.inc_by(self.fired);
        metrics.own_events.inc_by(self.own_events);
        for (reason, count) in &self.held {
            let label = ReasonLabel { reason: (*reason).to_owned() };
            metrics.held_back.get_or_create(&label).inc_by(*count);
        }
    }
}

fn held(decisions: &[Decision]) -> BTreeMap<&'static str, u64> {
    let accounts = decisions.iter().filter_map(|decision| decision.account.as_ref());
    let matches = accounts.flat_map(|account| &account.matched);
    let mut counts = BTreeMap::new();
    for held in matches.flat_map(|matched| &matched.held) {
        if let Some(reason) = reason(&held.why) {
            *counts.entry(reason).or_default() += 1;
        }
    }
    counts
}

/// The word for a reason; none where the same destination is told at once by another rule.
fn reason(why: &Absence) -> Option<&'static str> {
    Some(match why {
        Absence::SameDestination { .. } => return None,
        Absence::Late => "late",
        Absence::Repeat => "repeat",
        Absence::Throttled => "throttled",
        Absence::Muted { .. } => "muted",
        Absence::Deferred { .. } => "deferred",
        Absence::Silenced { .. } => "silenced",
        Absence::Collected => "collected",
        Absence::Superseded => "superseded",
    })
}
