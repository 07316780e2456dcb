//! Throttles: at most so many matches of a rule pass in a period; the rest is held back.
//!
//! A throttle's note is its period: it begins with the first match that passes, and its timer ends
//! it. What is held back is collected by the gate; nothing here knows destinations.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::gate::Matched;
use super::hold::{Limit, later};
use super::note::Note;
use super::state::State;
use crate::model::memory::name;
use crate::model::{Status, Transition};

/// What names of throttles begin with.
pub(super) const THROTTLES: &str = "throttle";

/// A throttle in its period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Throttle {
    /// The rule.
    pub(super) rule: String,
    /// When the period began.
    began: Timestamp,
    /// So many passed and counted.
    passed: u32,
    /// How bad the worst that passed was.
    worst: u8,
}

/// The rest of a period, for what is held back in it.
pub(super) struct Period {
    pub(super) began: Timestamp,
    pub(super) ends: Timestamp,
}

/// Passes a match of one value of `by`; the period, if it is held back.
pub(super) fn pass(state: &mut State, limit: &Limit, of: &Matched<'_>, by: &str) -> Option<Period> {
    let status = of.event.reading.status.as_ref().map(Status::as_str);
    let bad = badness(status).max(u8::from(of.failing == Some(true)));
    let recovered = of.standing.transition == Some(Transition::Recovered);
    let (now, name) = (of.event.received_at, name(&[THROTTLES, &of.rule.name, by]));
    let ends = state.due(&name).filter(|ends| now < *ends);
    let Some((throttle, ends)) = of_note(state, &name).zip(ends) else {
        if !recovered {
            let rule = of.rule.name.clone();
            let throttle = Throttle { rule, began: now, passed: 1, worst: bad };
            state.put(name, Some(later(now, limit.per)), Note::Throttle(throttle));
        }
        return None;
    };
    if recovered {
        return None;
    }
    let worse = bad > throttle.worst;
    if !worse && throttle.passed >= limit.limit {
        return Some(Period { began: throttle.began, ends });
    }
    let passed = if worse { throttle.passed } else { throttle.passed + 1 };
    let throttle = Throttle { passed, worst: bad.max(throttle.worst), ..throttle };
    state.put(name, Some(ends), Note::Throttle(throttle));
    None
}

fn of_note(state: &State, name: &str) -> Option<Throttle> {
    match state.note(name) {
        Some(Note::Throttle(throttle)) => Some(throttle.clone()),
        _ => None,
    }
}

/// How bad a status is: what passes and what is unknown is least.
pub(super) fn badness(status: Option<&str>) -> u8 {
    match status {
        Some("UNSTABLE") => 1,
        Some("FAILED") => 2,
        Some("ERROR") => 3,
        Some("MISSING") => 4,
        _ => 0,
    }
}
