//! From an incident that ended to those who hear of it: one message for each destination that was
//! told, however often and by however many rules.
//!
//! What will tell of the recovery anyhow (a collection that still holds the group) is left to do so.
//! Where a message goes to the destination now, it speaks for all the rules that told; where all of
//! them are muted, one message waits for the window to end. A sink that holds a thing open for the
//! incident is told at once in any case, since nothing else closes it.

use super::gate::{self, Destination};
use super::plan::Planner;
use super::router::Router;
use super::state::State;
use crate::model::{Absence, Answers, Standing, Told};

/// What the answer to an incident's end is made with.
pub(super) struct Answering<'a, 'p> {
    pub(super) router: &'a Router,
    pub(super) standing: &'a Standing,
    pub(super) state: &'a mut State,
    pub(super) planner: &'a mut Planner<'p>,
}

/// What a rule that told a destination does at the end.
pub(super) struct Heard {
    pub(super) rule: String,
    pub(super) sink: String,
    /// Why it tells nothing now, if so.
    pub(super) held: Option<Absence>,
}

impl Answering<'_, '_> {
    /// Tells all who are owed the recovery.
    pub(super) fn all(mut self, told: &[Told]) -> Vec<Heard> {
        let mut heard = Vec::new();
        for told in by_destination(told) {
            let left = self.left(told, &mut heard);
            if let Some(answered) = answered(&left) {
                self.answer(answered, &left, &mut heard);
            }
        }
        heard
    }

    /// Those whom no collection tells of the recovery by itself.
    fn left<'t>(&mut self, told: Vec<&'t Told>, heard: &mut Vec<Heard>) -> Vec<&'t Told> {
        let mut left = Vec::new();
        for one in told {
            let Planner { event, labels, .. } = *self.planner;
            let holds = one.collected.is_none() && self.router.holds(&one.sink);
            match gate::is_told_anyhow(self.state, event, self.standing, labels, one) && !holds {
                true => heard.push(Heard::of(one, Some(Absence::Superseded))),
                false => left.push(one),
            }
        }
        left
    }

    /// One message to a destination, in answer to one of those that told it.
    fn answer(&mut self, answered: &Told, left: &[&Told], heard: &mut Vec<Heard>) {
        let event = self.planner.event;
        let holds = answered.collected.is_none() && self.router.holds(&answered.sink);
        let speaks = |told: &&&Told| holds || !gate::is_muted(self.router.rule(&told.rule), event);
        let (place, conditional) = match self.planner.find(&Destination::of(answered)) {
            // What a rule of its own plans goes out in any case.
            Some(place) => (place, false),
            None => match left.iter().find(speaks) {
                Some(first) => (self.planner.place(&first.rule, Destination::of(first)), true),
                None => return self.defer(answered, left, heard),
            },
        };
        for told in left {
            self.planner.join(place, &told.rule);
            heard.push(Heard::of(told, None));
        }
        let planned = self.planner.at(place);
        planned.brief.recovery.get_or_insert_default();
        let (duty, supersedes) = (answered.duty, answered.collected.is_none());
        planned.answers = Some(Answers { duty, conditional, supersedes });
    }

    fn defer(&mut self, answered: &Told, left: &[&Told], heard: &mut Vec<Heard>) {
        let Planner { event, labels, .. } = *self.planner;
        let rule = self.router.rule(&answered.rule);
        let why = gate::defer_recovery(self.state, event, self.standing, labels, rule, answered);
        heard.extend(left.iter().map(|told| Heard::of(told, why.clone())));
    }
}

impl Heard {
    fn of(told: &Told, held: Option<Absence>) -> Heard {
        Heard { rule: told.rule.clone(), sink: told.sink.clone(), held }
    }
}

/// Those who are owed the recovery, by destination, in the order in which they were told first.
fn by_destination(told: &[Told]) -> Vec<Vec<&Told>> {
    let mut all: Vec<Vec<&Told>> = Vec::new();
    for one in told.iter().filter(|told| told.recovery) {
        let same = |other: &&mut Vec<&Told>| {
            other.iter().any(|o| (&o.sink, &o.with) == (&one.sink, &one.with))
        };
        match all.iter_mut().find(same) {
            Some(there) => there.push(one),
            None => all.push(vec![one]),
        }
    }
    all
}

/// What the recovery answers, of all that told the destination: what was told at once, which is one
/// duty however often; or else what was told last.
fn answered<'t>(told: &[&'t Told]) -> Option<&'t Told> {
    let at_once = told.iter().find(|told| told.collected.is_none());
    at_once.or(told.last()).copied()
}
