//! One event on its way through the rules that match: who is told, who isn't and why, and whom the
//! incident remembers. It stands between the router, which knows the rules, and the planner, which
//! knows the deliveries; the state changes here.
//!
//! For each destination of a rule, in this order: a late run is for rules that ask for late ones; a
//! destination that an earlier rule tells is joined; a silence holds back; `once_per` holds back
//! what is a repeat; and what is left passes the rule's gate (`mute`, `throttle`, `digest`). A
//! digest is a message of its own, so that a rule with one joins nobody.

use super::answering::{Answering, Heard};
use super::cache::GroupFacts;
use super::duty;
use super::gate::{self, Destination, Gate, Matched};
use super::history::group_of;
use super::plan::Planner;
use super::router::Router;
use super::rule::Rule;
use super::silence::silenced;
use super::state::State;
use crate::model::{
    Absence, Account, Decision, Duty, GroupKey, Held, Incident, Match, Standing, Told, Transition,
};

/// An event that is being decided.
pub(super) struct Deciding<'a> {
    router: &'a Router,
    group: &'a GroupFacts,
    standing: &'a Standing,
    state: &'a mut State,
    planner: Planner<'a>,
    key: Option<GroupKey>,
    /// The rules that matched.
    matched: Vec<Match>,
    /// Whom the incident has to remember.
    told: Vec<Told>,
}

impl<'a> Deciding<'a> {
    pub(super) fn new(
        router: &'a Router,
        group: &'a GroupFacts,
        standing: &'a Standing,
        state: &'a mut State,
        planner: Planner<'a>,
    ) -> Self {
        let key = group_of(planner.event);
        let (matched, told) = (Vec::new(), Vec::new());
        Deciding { router, group, standing, state, planner, key, matched, told }
    }

    /// Takes up a rule that matched.
    pub(super) fn take(&mut self, rule: &'a Rule) {
        let mut matched = Match { rule: rule.name.clone(), ..Match::default() };
        let mut left: Vec<Destination> = Vec::new();
        for number in 0..rule.send.len() {
            let (to, _) = self.planner.destination(rule, number);
            if left.iter().any(|other| other.sink == to.sink && other.with == to.with) {
                continue;
            }
            match self.absence(rule, &to) {
                Some(why) => matched.held.push(Held { sink: to.sink, why }),
                None => left.push(to),
            }
        }
        if !left.is_empty() {
            self.pass(rule, left, &mut matched);
        }
        self.matched.push(matched);
    }

    /// The decision, once all rules are through. `ended` is the incident that the event ended.
    pub(super) fn finish(mut self, unmatched: bool, ended: Option<Incident>) -> Decision {
        if let Some(incident) = ended {
            if self.standing.transition == Some(Transition::Recovered) {
                self.answer(&incident);
            }
            self.state.end(incident);
        }
        self.keep_told();
        let event = self.planner.event;
        if self.standing.transition.is_some() && event.replay_of.is_none() {
            gate::observe(self.state, event, self.standing);
        }
        let account = Account {
            version: self.router.version().to_owned(),
            standing: self.standing.clone(),
            matched: self.matched,
        };
        Decision {
            event: event.seq,
            planned: self.planner.finish(),
            unmatched,
            parked: None,
            account: Some(account),
        }
    }

    /// Why a destination is not told by this rule, as far as its gate has no say.
    fn absence(&mut self, rule: &Rule, to: &Destination) -> Option<Absence> {
        if self.standing.late && !rule.takes_late {
            return Some(Absence::Late);
        }
        let there = if rule.digests { None } else { self.planner.find(to) };
        if let Some(place) = there {
            let first = self.planner.join(place, &rule.name);
            self.owe(rule, to);
            return Some(Absence::SameDestination { rule: first });
        }
        let (event, known) = (self.planner.event, &self.group.known);
        if let Some(silence) = silenced(self.state, event, known, &rule.name, &to.sink) {
            return Some(Absence::Silenced { silence });
        }
        let repeat = rule.once_per_incident
            && self.incident().is_some_and(|own| duty::is_repeat(own, &rule.name, &to.sink));
        repeat.then_some(Absence::Repeat)
    }

    fn pass(&mut self, rule: &'a Rule, left: Vec<Destination>, matched: &mut Match) {
        let Planner { event, failing, labels, .. } = self.planner;
        let of = Matched { event, standing: self.standing, failing, labels, rule };
        match gate::pass(self.state, &of, &left) {
            Gate::Open => {
                for to in left {
                    let duty = self.owe(rule, &to);
                    matched.told.push(to.sink.clone());
                    let place = self.planner.place(&rule.name, to);
                    self.planner.at(place).duty = duty;
                }
            }
            Gate::Held { why, collected } => {
                match why {
                    Absence::Deferred { .. } => self.owe_later(rule, &left, collected, false),
                    Absence::Throttled if rule.counts_groups_apart() => {
                        self.owe_later(rule, &left, collected, true);
                    }
                    _ => {}
                }
                let held = left.into_iter().map(|to| Held { sink: to.sink, why: why.clone() });
                matched.held.extend(held);
            }
        }
    }

    /// The incident that is open and that the event belongs to.
    fn incident(&self) -> Option<&Incident> {
        self.standing.incident.filter(|_| self.planner.failing == Some(true))?;
        self.state.group(self.key.as_ref()?)?.incident.as_ref()
    }

    /// Has the incident remember that a rule tells a destination of it at once.
    fn owe(&mut self, rule: &Rule, to: &Destination) -> Option<Duty> {
        let incident = self.incident()?;
        let duty = Duty::of_incident(incident.id, &to.sink, &to.with);
        if !duty::is_known(incident, rule, to, duty) {
            self.told.push(duty::told(self.planner.event, rule, to, duty));
        }
        Some(duty)
    }

    /// The same for a message that goes out when a window ends; or for the count of a throttle,
    /// where nobody told the destination before.
    fn owe_later(
        &mut self,
        rule: &Rule,
        to: &[Destination],
        collected: Vec<(String, jiff::Timestamp)>,
        counted: bool,
    ) {
        for (to, collected) in to.iter().zip(collected) {
            let Some(incident) = self.incident() else { return };
            if counted && (!rule.send_recovery || duty::is_owed(incident, &rule.name, to)) {
                continue;
            }
            let duty = super::collect::duty(&collected, &to.sink, &to.with);
            let told = duty::told(self.planner.event, rule, to, duty);
            self.told.push(Told { collected: Some(collected), counted, ..told });
        }
    }

    fn keep_told(&mut self) {
        let told = std::mem::take(&mut self.told);
        if let Some(key) = self.key.as_ref().filter(|_| !told.is_empty())
            && let Some(incident) = self.state.group_mut(key).incident.as_mut()
        {
            duty::add(incident, told);
        }
    }

    /// Tells of the recovery whoever was told of the failure, whatever became of rule and sink.
    fn answer(&mut self, incident: &Incident) {
        let Deciding { router, standing, .. } = *self;
        let answering =
            Answering { router, standing, state: &mut *self.state, planner: &mut self.planner };
        for Heard { rule, sink, held } in answering.all(&incident.told) {
            let account = self.account(&rule);
            match held.map(|why| Held { sink: sink.clone(), why }) {
                Some(held) if !account.held.contains(&held) => account.held.push(held),
                None if !account.told.contains(&sink) => account.told.push(sink),
                _ => {}
            }
        }
    }

    /// The account of a rule, which may not have matched by itself.
    fn account(&mut self, rule: &str) -> &mut Match {
        let place = self.matched.iter().position(|own| own.rule == rule);
        let place = place.unwrap_or_else(|| {
            self.matched.push(Match { rule: rule.to_owned(), ..Match::default() });
            self.matched.len() - 1
        });
        &mut self.matched[place]
    }
}
