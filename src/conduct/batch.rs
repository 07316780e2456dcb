//! One batch: timers that are due first, then the event, in order, all in memory.
//!
//! Nothing here waits for the journal. What the batch holds in the end is committed in one go, or
//! not at all.

use jiff::{SignedDuration, Timestamp};

use super::caution::{Broken, Caution, Suspect};
use super::mind::printable;
use crate::caught::catch;
use crate::model::{Decision, Event, Planned};
use crate::route::{Router, State};

/// After so many decisions in a row others get a turn.
const BREATH: usize = 64;

/// So many timers fire in one batch at most.
const MOST_TIMERS: usize = 1_000;

/// A timer that the rules keep breaking on waits so long.
const POSTPONED: SignedDuration = SignedDuration::from_hours(1);

/// An event that came so much later than now came while the clock was ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// What a batch asks the rules.
pub(super) trait Rules {
    /// What is to be done about an event.
    fn decide(&self, event: &Event, state: &mut State) -> Decision;

    /// Fires the first timer that is due by a time. Returns whether there was one.
    fn fire_next(&self, state: &mut State, until: Timestamp) -> bool;
}

impl Rules for Router {
    fn decide(&self, event: &Event, state: &mut State) -> Decision {
        Router::decide(self, event, state)
    }

    fn fire_next(&self, state: &mut State, until: Timestamp) -> bool {
        Router::fire_next(self, state, until)
    }
}

/// One batch on its way.
pub(super) struct Batch<'a, R> {
    rules: &'a R,
    state: &'a mut State,
    caution: &'a Caution,
    shadow: bool,
    /// The decisions so far.
    pub(super) decisions: Vec<Decision>,
    /// How many timers have fired.
    pub(super) fired: usize,
}

impl<'a, R: Rules> Batch<'a, R> {
    pub(super) fn new(
        rules: &'a R,
        state: &'a mut State,
        caution: &'a Caution,
        shadow: bool,
    ) -> Self {
        Batch { rules, state, caution, shadow, decisions: Vec::new(), fired: 0 }
    }

    /// Decides these events, or the first few of them: what is given up ends the batch, so that it
    /// is on disk before anything else can break. What breaks spoils the state. No event fires
    /// timers that are due in the future, though it may have come while the clock was ahead.
    pub(super) async fn decide(&mut self, events: &[Event], now: Timestamp) -> Result<(), Broken> {
        let latest = now.checked_add(AHEAD).unwrap_or(now);
        for (index, event) in events.iter().enumerate() {
            if index % BREATH == BREATH - 1 {
                tokio::task::yield_now().await;
            }
            if !self.fire(event.received_at.min(latest))? {
                break;
            }
            if let Some(words) = self.caution.given_up(event.seq) {
                self.decisions.push(put_aside(event, words));
                break;
            }
            let decision = self.decide_one(event)?;
            self.decisions.push(decision);
        }
        Ok(())
    }

    /// Fires the timers that are due by a time. Returns whether that is all of them.
    pub(super) fn fire(&mut self, until: Timestamp) -> Result<bool, Broken> {
        while let Some((due, name)) = self.state.next_timer() {
            if due > until {
                break;
            }
            if self.fired == MOST_TIMERS {
                return Ok(false);
            }
            self.fired += 1;
            if let Some(words) = self.caution.given_up_timer(name) {
                let name = name.to_owned();
                self.postpone(&name, words, until);
                return Ok(false);
            }
            let name = name.to_owned();
            catch(|| self.rules.fire_next(self.state, until))
                .map_err(|words| Broken { what: Suspect::Timer(name), words })?;
        }
        Ok(true)
    }

    fn postpone(&mut self, name: &str, words: &str, until: Timestamp) {
        tracing::error!(
            name = printable(name),
            words,
            "a timer broke the rules three times and waits for an hour; please report it"
        );
        let later = until.checked_add(POSTPONED).unwrap_or(Timestamp::MAX);
        self.state.postpone(name, later);
    }

    fn decide_one(&mut self, event: &Event) -> Result<Decision, Broken> {
        let decided = catch(|| self.rules.decide(event, self.state));
        let mut decision =
            decided.map_err(|words| Broken { what: Suspect::Event(event.seq), words })?;
        if self.shadow {
            for planned in &mut decision.planned {
                planned.shadow = true;
                tell(event, planned);
            }
        }
        Ok(decision)
    }
}

/// The decision of an event that the rules break on: none, so that the rest goes on.
fn put_aside(event: &Event, words: &str) -> Decision {
    let reason = format!("the rules could not be applied: {words}");
    tracing::error!(event.id = %event.id, reason, "an event is put aside");
    Decision {
        event: event.seq,
        planned: Vec::new(),
        unmatched: false,
        parked: Some(reason),
        account: None,
    }
}

fn tell(event: &Event, planned: &Planned) {
    tracing::info!(
        event.id = %event.id, sink = planned.sink, group = %event.reading.group,
        status = event.reading.status.as_ref().map(tracing::field::display),
        rules = planned.brief.rules.join(", "), "shadow: this would be sent"
    );
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
