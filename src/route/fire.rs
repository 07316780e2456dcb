//! Timers: what is due is done, once, in the order of the due times.
//!
//! A timer is a note with a due time. Firing changes the state and may make events of the bridge's
//! own, which are decided like others; all of it is committed together, so that a timer fires once.

use jiff::Timestamp;

use super::collect::{COLLECTIONS, Collection, open};
use super::gate::Destination;
use super::hold::{Gathering, fixed, later};
use super::missed::{self, Unjudged};
use super::note::Note;
use super::report;
use super::router::Router;
use super::rule::Rule;
use super::state::State;
use super::throttle::THROTTLES;
use crate::model::{DigestKind, GroupKey, Words};

impl Router {
    /// Fires the timers that are due by a time, in order. Returns how many.
    pub fn fire(&self, state: &mut State, until: Timestamp) -> usize {
        let mut fired = 0;
        while self.fire_next(state, until) {
            fired += 1;
        }
        fired
    }

    /// Fires the first timer that is due by a time. Returns whether there was one.
    pub fn fire_next(&self, state: &mut State, until: Timestamp) -> bool {
        let Some((due, name)) = state.first_due(until) else { return false };
        match state.note(&name) {
            Some(Note::Collection(_)) => self.tell(state, &name, due, until),
            Some(Note::Expected(_)) => missed::fire(&self.missed, state, &name, due, until),
            _ => state.forget(&name),
        }
        if state.due(&name) == Some(due) {
            state.forget(&name);
        }
        true
    }

    /// Whether `known` of [`Router::take_over`] is asked for.
    pub fn watches_patterns(&self) -> bool {
        self.missed.watches_patterns()
    }

    /// Notes that the bridge runs.
    pub fn note_alive(&self, state: &mut State, now: Timestamp) {
        missed::alive(state, now);
    }

    /// Fits the state to this configuration, at the start and after a reload: what removed rules
    /// collected is told of, their throttles and expectations end, and new timers are set.
    /// `known` are the groups that ever reported, for `missed_runs` over patterns; `now` is the
    /// time, and the end of a downtime if there was one. Returns the runs of that downtime that
    /// nobody can judge.
    ///
    /// Whatever is due later than it would be if it began now was set while the clock was ahead,
    /// and is due when it would be: or else nothing would be told until the clock has come so far.
    pub fn take_over(
        &self,
        state: &mut State,
        known: &[GroupKey],
        now: Timestamp,
    ) -> Vec<Unjudged> {
        self.fit_throttles(state, now);
        self.fit_collections(state, now);
        for rule in self.rules() {
            arm(state, rule, now, now);
        }
        missed::take_over(&self.missed, state, known, now)
    }

    fn tell(&self, state: &mut State, name: &str, due: Timestamp, until: Timestamp) {
        let Some(Note::Collection(collection)) = state.note(name) else { return };
        let rule = self.rule(&collection.rule).filter(|_| collection.kind == DigestKind::Digest);
        let if_empty = rule.is_some_and(|rule| goes_out_empty(rule).is_some());
        report::tell(state, name, due, &self.context().zone, if_empty);
        if let Some(rule) = rule {
            arm(state, rule, due, until);
        }
    }

    fn fit_throttles(&self, state: &mut State, now: Timestamp) {
        let mut changed = Vec::new();
        for (name, note) in state.below(THROTTLES) {
            let Note::Throttle(throttle) = note else { continue };
            let rule = self.rule(&throttle.rule);
            let limit = rule.and_then(|rule| rule.hold.throttle.as_ref());
            let latest = limit.map(|limit| later(now, limit.per));
            if latest.is_none() || state.due(name) > latest {
                changed.push((name.to_owned(), latest));
            }
        }
        for (name, latest) in changed {
            match latest {
                Some(ends) => state.postpone(&name, ends),
                None => state.forget(&name),
            }
        }
    }

    /// Tells now of what rules collected that do so no more; what others collected is due when
    /// their schedules and windows say so now.
    fn fit_collections(&self, state: &mut State, now: Timestamp) {
        for (name, collection) in collections(state) {
            let before = state.due(&name);
            match self.due(&collection, before, now) {
                None => report::tell(state, &name, now, &self.context().zone, false),
                due if due != before => state.put(name, due, Note::Collection(collection)),
                _ => {}
            }
        }
    }

    /// When a collection is due; `None` where its rule is gone, or collects no more.
    fn due(
        &self,
        collection: &Collection,
        before: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let hold = &self.rule(&collection.rule)?.hold;
        let opened = collection.opened_at.min(now);
        let due = match collection.kind {
            DigestKind::Digest => hold.digest.as_ref()?.due(opened),
            DigestKind::Deferred => hold.mute.as_ref()?.at(opened).map_or(opened, |(_, end)| end),
            DigestKind::Throttled => {
                return before.min(Some(later(now, hold.throttle.as_ref()?.per)));
            }
        };
        // One that was opened in the future must not be put off each time.
        let was_ahead = collection.opened_at > now;
        Some(before.filter(|before| was_ahead && *before < due).unwrap_or(due))
    }
}

fn collections(state: &State) -> Vec<(String, Box<Collection>)> {
    let mut collections = Vec::new();
    for (name, note) in state.below(COLLECTIONS) {
        if let Note::Collection(collection) = note {
            collections.push((name.to_owned(), collection.clone()));
        }
    }
    collections
}

/// The rule's digest, if it goes out with nothing in it too.
fn goes_out_empty(rule: &Rule) -> Option<&Gathering> {
    rule.hold.digest.as_ref().filter(|digest| digest.even_if_empty)
}

/// Begins the rule's next digest where it goes out even if nothing is collected; for the
/// destinations that are known without an event.
fn arm(state: &mut State, rule: &Rule, since: Timestamp, now: Timestamp) {
    let Some(digest) = goes_out_empty(rule) else { return };
    for (number, entry) in rule.send.iter().enumerate() {
        let Some(with) = fixed(entry) else { continue };
        let words = Words { rule: rule.name.clone(), entry: number };
        let words = entry.words.is_some().then_some(words);
        let to = Destination { sink: entry.sink.clone(), with, words };
        let new = Collection::new(DigestKind::Digest, &rule.name, &to, now);
        let new = Collection { since, max: digest.max, ..new };
        open(state, new.name(""), digest.due(now), new);
    }
}
