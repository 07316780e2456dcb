//! Plays a case: time passes and timers fire in their order, events arrive and are decided, and
//! what is decided goes out, all in memory.

use jiff::Timestamp;

use super::Stage;
use super::case::{Case, Step};
use super::event;
use super::outbox::{Outbox, Sent};
use crate::model::{Account, Event, GroupKey};
use crate::route::State;

/// What a case has come to.
pub(super) struct Play<'a> {
    pub(super) stage: &'a Stage<'a>,
    state: State,
    events: u32,
    pub(super) outbox: Outbox<'a>,
    /// What was decided so far.
    pub(super) decided: Vec<Decided>,
    /// What went out so far.
    pub(super) sent: Vec<Sent>,
}

/// An event and the account of its decision.
pub(super) struct Decided {
    pub(super) event: Event,
    pub(super) account: Account,
}

impl<'a> Play<'a> {
    /// The beginning of a case: nothing has ever happened.
    pub(super) fn begin(case: &Case, stage: &'a Stage<'a>) -> Self {
        let mut play = Play {
            stage,
            state: State::default(),
            events: 0,
            outbox: Outbox::new(stage),
            decided: Vec::new(),
            sent: Vec::new(),
        };
        stage.router.take_over(&mut play.state, &[], case.start);
        play.own_events();
        play
    }

    /// Plays one step.
    pub(super) fn step(&mut self, step: &Step) {
        self.pass(step.at);
        step.down.iter().for_each(|sink| self.outbox.set_down(sink));
        step.up.iter().for_each(|sink| self.outbox.set_up(sink));
        self.send(step.at);
        if let Some(arriving) = &step.event {
            self.events += 1;
            self.decide(event::made_up(arriving, self.events, step.at));
            self.own_events();
            self.pass(step.at);
        }
    }

    /// Lets time pass: what is due by then is done, each at its time.
    fn pass(&mut self, to: Timestamp) {
        while let Some(due) = self.state.next_due().filter(|due| *due <= to) {
            if self.stage.router.fire(&mut self.state, due) == 0 {
                break;
            }
            self.own_events();
            self.send(due);
        }
        self.send(to);
    }

    /// Decides the events that the bridge made itself, and those that this makes.
    fn own_events(&mut self) {
        loop {
            let made = self.state.take_patch().events;
            if made.is_empty() {
                break;
            }
            for own in made {
                self.events += 1;
                self.decide(event::own(own, self.events));
            }
        }
    }

    fn decide(&mut self, event: Event) {
        let key = GroupKey::of(&event);
        if !self.state.knows(&key) {
            // There is no row, so there is none that can't be read.
            let _ = self.state.learn(key, None);
        }
        let decision = self.stage.router.decide(&event, &mut self.state);
        self.outbox.take(event.clone(), decision.planned);
        let account = decision.account.unwrap_or_default();
        self.decided.push(Decided { event, account });
    }

    fn send(&mut self, now: Timestamp) {
        let sent = self.outbox.send(now);
        self.sent.extend(sent);
    }
}
