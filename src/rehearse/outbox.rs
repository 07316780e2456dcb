//! What was decided to be sent, and what becomes of it: delivered at once, or waiting for a sink
//! that is down. A recovery that is owed follows what it answers, as in the journal.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use agnox_bridge_sinks::contract::{Captured, Holding, Notice};
use agnox_bridge_sinks::message::Message;
use jiff::Timestamp;

use super::Stage;
use super::event;
use super::readable::readable;
use crate::deliver::{Outlet, thing_of};
use crate::model::ruling::{Answered, Ruling, rule};
use crate::model::{Duty, Event, Planned};

/// All deliveries of a case.
pub(super) struct Outbox<'a> {
    stage: &'a Stage<'a>,
    down: BTreeSet<String>,
    deliveries: Vec<Delivery>,
    /// What sinks hold open, as far as it can be known where nobody answers.
    held: HashMap<Duty, Captured>,
}

struct Delivery {
    planned: Planned,
    event: Arc<Event>,
    fate: Fate,
}

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is to be sent.
    Waiting,
    /// It waits for what it answers.
    Held,
    /// It arrived.
    Delivered,
    /// A recovery says it too.
    Superseded,
    /// What it answers never arrived.
    Cancelled,
}

impl Fate {
    /// How it stands for a recovery that answers it.
    fn answered(self) -> Answered {
        match self {
            Fate::Delivered => Answered::Arrived,
            Fate::Waiting | Fate::Held => Answered::Open,
            Fate::Superseded => Answered::Superseded,
            Fate::Cancelled => Answered::Failed,
        }
    }
}

/// A message that went out.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) sink: String,
    pub(super) rules: Vec<String>,
    pub(super) with: Vec<(String, String)>,
    pub(super) text: String,
}

impl<'a> Outbox<'a> {
    pub(super) fn new(stage: &'a Stage<'a>) -> Self {
        Outbox { stage, down: BTreeSet::new(), deliveries: Vec::new(), held: HashMap::new() }
    }

    pub(super) fn set_down(&mut self, sink: &str) {
        self.down.insert(sink.to_owned());
    }

    pub(super) fn set_up(&mut self, sink: &str) {
        self.down.remove(sink);
    }

    /// Takes up what was decided about an event.
    pub(super) fn take(&mut self, event: Event, planned: Vec<Planned>) {
        let event = Arc::new(event);
        for planned in planned {
            let held = planned.answers.is_some_and(|answers| answers.conditional);
            let fate = if held { Fate::Held } else { Fate::Waiting };
            self.deliveries.push(Delivery { planned, event: event.clone(), fate });
        }
    }

    /// Sends all that can be sent, in order, and answers what went out.
    pub(super) fn send(&mut self, now: Timestamp) -> Vec<Sent> {
        let mut sent = Vec::new();
        let mut moved = true;
        while moved {
            moved = false;
            for number in 0..self.deliveries.len() {
                let fate = self.next_fate(number);
                if fate == self.deliveries[number].fate {
                    continue;
                }
                moved = true;
                self.deliveries[number].fate = fate;
                if fate == Fate::Delivered {
                    sent.extend(self.message(number, now));
                }
            }
        }
        sent
    }

    /// What has become of the deliveries to a sink that did not arrive.
    pub(super) fn kept_from<'s>(&'s self, sink: &'s str) -> impl Iterator<Item = Fate> + 's {
        let own = self.deliveries.iter().filter(move |delivery| delivery.planned.sink == sink);
        own.map(|delivery| delivery.fate).filter(|fate| *fate != Fate::Delivered)
    }

    fn next_fate(&mut self, number: usize) -> Fate {
        let Delivery { planned, fate, .. } = &self.deliveries[number];
        let duty = planned.duty;
        if let (Fate::Held | Fate::Waiting, Some(answers)) = (*fate, planned.answers) {
            let ruled = self.ruled(number, answers.duty);
            if answers.conditional && ruled != Fate::Waiting {
                return ruled;
            }
        }
        let Delivery { planned, fate, .. } = &self.deliveries[number];
        match (fate, duty) {
            (Fate::Waiting, _) if self.down.contains(&planned.sink) => Fate::Waiting,
            (Fate::Waiting, Some(duty)) if self.is_superseded(number, duty) => Fate::Superseded,
            (Fate::Waiting, _) => Fate::Delivered,
            (Fate::Held, _) => Fate::Waiting,
            (other, _) => *other,
        }
    }

    /// What becomes of a recovery, from what became of the deliveries that it answers. Where those
    /// gave way to it, it learns that it says both.
    fn ruled(&mut self, number: usize, duty: Duty) -> Fate {
        let of_duty = self.deliveries.iter().filter(|one| one.planned.duty == Some(duty));
        let answered: Vec<Answered> = of_duty.map(|one| one.fate.answered()).collect();
        match rule(&answered) {
            Ruling::Release { untold } => {
                if untold {
                    self.deliveries[number].planned.brief.say_both();
                }
                Fate::Waiting
            }
            Ruling::Hold => Fate::Held,
            Ruling::Cancel => Fate::Cancelled,
        }
    }

    /// Whether a later recovery takes the place of a delivery of this duty.
    fn is_superseded(&self, number: usize, duty: Duty) -> bool {
        let later = self.deliveries[number + 1..].iter();
        let takes_its_place = |one: &Delivery| {
            let answers = one.planned.answers;
            answers.is_some_and(|answers| answers.duty == duty && answers.supersedes)
        };
        later.filter(|one| one.fate != Fate::Cancelled).any(takes_its_place)
    }

    /// The message; `None` where the service has nothing to say here.
    fn message(&mut self, number: usize, now: Timestamp) -> Option<Sent> {
        let Delivery { planned, event, .. } = &self.deliveries[number];
        let brief = &planned.brief;
        let id = event::id(u32::try_from(number).unwrap_or(u32::MAX), now).to_string();
        let router = self.stage.router;
        let mut notice = router.context().notice(event, brief, &planned.sink, &id, now);
        let outlet = self.stage.outlets.get(&planned.sink);
        let answers = planned.answers.map(|answers| answers.duty);
        let thing = thing_of(answers, planned.duty, &planned.sink, brief);
        let thing = thing.filter(|_| outlet.is_some_and(|outlet| outlet.sink.holds()));
        notice.held = thing.and_then(|thing| self.held.get(&thing).cloned());
        let message = outlet.map(|outlet| self.build(outlet, planned, &notice));
        let sent = Sent {
            sink: planned.sink.clone(),
            rules: brief.rules.clone(),
            with: brief.with.clone().into_iter().collect(),
            text: message.as_ref().map(readable).unwrap_or_default(),
        };
        let holding = message.as_ref().and_then(Message::supposed);
        if let (Some(thing), Some(holding)) = (thing, holding) {
            self.keep(thing, holding);
        }
        let idle = message.is_some_and(|message| message.steps.is_empty());
        (!idle).then_some(sent)
    }

    fn build(&self, outlet: &Outlet, planned: &Planned, notice: &Notice) -> Message {
        let words = self.stage.router.words(planned.brief.words.as_ref(), notice);
        let built = outlet.sink.render(notice, words);
        built.unwrap_or_else(|error| outlet.sink.minimal(notice, &error.to_string()))
    }

    fn keep(&mut self, thing: Duty, holding: Holding) {
        match holding {
            Holding::Open(captured) => self.held.insert(thing, captured),
            Holding::Closed | Holding::Gone => self.held.remove(&thing),
        };
    }
}
