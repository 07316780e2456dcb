//! What an attempt's end means: for its delivery, and for its sink. Pure.
//!
//! An endpoint's trouble is the sink's: the delivery is as good as it was. But a message that the
//! endpoint failed before, while others have passed since, is in trouble of its own: it gets its
//! own backoff, stored as its due time, and holds its lane for a few minutes only.

use std::time::Duration;

use agnox_bridge_sinks::contract::{Failure, Fault, Holding, Receipt};
use jiff::Timestamp;

use super::backoff;
use super::clock::{Clock, between};
use crate::journal::Delivery;
use crate::model::units::Span;
use crate::model::{AttemptRecord, Outcome, Then};

/// What an attempt's end means.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    /// For its delivery.
    pub then: Then,
    /// For its sink.
    pub sign: Sign,
}

/// What an attempt's end says of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It takes messages, or at least answers to this one: whatever waits may go.
    Reached,
    /// It has trouble, and may have asked to wait.
    Unavailable(Option<Duration>),
    /// It takes nothing until somebody acts.
    Suspended,
    /// Nothing: the trouble was the message's own, and says neither.
    Nothing,
}

/// What is known when an attempt has ended.
pub(super) struct Circumstances<'a> {
    /// The delivery as it was before the attempt.
    pub delivery: &'a Delivery,
    /// What the sink left behind at an earlier try.
    pub progress: Option<&'a str>,
    /// Whether the sink was to add to a thing that it holds open, or to close it.
    pub held: bool,
    /// When the attempt began.
    pub began: Timestamp,
    /// Now.
    pub clock: Clock,
    /// When the sink last took another message.
    pub others_passed: Option<Timestamp>,
    /// How long the delivery may be tried.
    pub give_up: Duration,
    /// What happened, for a person; secrets covered.
    pub reason: &'a str,
}

/// What an attempt's end means.
pub(super) fn judge(result: &Result<Receipt, Failure>, about: &Circumstances<'_>) -> Verdict {
    let failure = match result {
        Ok(_) => return Verdict { then: Then::Delivered, sign: Sign::Reached },
        Err(failure) => failure,
    };
    let gone = failure.holding == Some(Holding::Gone);
    // What was done to a thing that is gone counts no more.
    let before = about.progress.filter(|_| !gone);
    let progress = failure.progress.as_deref().or(before).map(str::to_owned);
    if gone && about.held {
        // The next try opens a new one, or finds that there is nothing to close.
        return Verdict { then: Then::Again { due: None, progress }, sign: Sign::Reached };
    }
    match failure.fault {
        Fault::Refused => {
            let reason = about.reason.to_owned();
            Verdict { then: Then::Dead { reason, progress }, sign: Sign::Reached }
        }
        Fault::Suspended => {
            Verdict { then: Then::Again { due: None, progress }, sign: Sign::Suspended }
        }
        Fault::Deferred => Verdict { then: later(about, progress), sign: Sign::Reached },
        Fault::Unavailable { retry_after } if is_own_trouble(about) => {
            let sign = retry_after.map_or(Sign::Nothing, |wait| Sign::Unavailable(Some(wait)));
            Verdict { then: later(about, progress), sign }
        }
        Fault::Unavailable { retry_after } => {
            let then = given_up(about, &progress).unwrap_or(Then::Again { due: None, progress });
            Verdict { then, sign: Sign::Unavailable(retry_after) }
        }
    }
}

/// The outcome's name in the journal.
pub(super) fn outcome(result: &Result<Receipt, Failure>) -> Outcome {
    match result {
        Ok(_) => Outcome::Delivered,
        Err(failure) => match failure.fault {
            Fault::Unavailable { .. } => Outcome::Unavailable,
            Fault::Deferred => Outcome::Deferred,
            Fault::Refused => Outcome::Refused,
            Fault::Suspended => Outcome::Suspended,
        },
    }
}

/// Whether this message failed before, and the sink has taken another one since. A delivery that
/// is in its own backoff stays there, so that it proves nothing against the sink a second time.
fn is_own_trouble(about: &Circumstances<'_>) -> bool {
    let failed = about.delivery.last_attempt.as_ref().filter(|last| {
        about.delivery.first_attempt_at.is_some()
            && matches!(last.outcome, Outcome::Unavailable | Outcome::Deferred)
    });
    let passed_since = |last| about.others_passed.is_some_and(|passed| passed > ended(last));
    failed.is_some_and(|last| about.delivery.due.is_some() || passed_since(last))
}

/// The delivery's own backoff, or its end.
fn later(about: &Circumstances<'_>, progress: Option<String>) -> Then {
    given_up(about, &progress).unwrap_or_else(|| {
        let due = about.clock.after(backoff::own(waited(about.delivery)));
        Then::Again { due: Some(due), progress }
    })
}

fn given_up(about: &Circumstances<'_>, progress: &Option<String>) -> Option<Then> {
    let first = about.delivery.first_attempt_at.unwrap_or(about.began);
    let tried = between(first, about.clock.wall);
    (tried >= about.give_up).then(|| Then::Dead {
        reason: format!("given up after {}: {}", Span(about.give_up), about.reason),
        progress: progress.clone(),
    })
}

/// How long the delivery waited in its own backoff before this try.
fn waited(delivery: &Delivery) -> Option<Duration> {
    Some(between(ended(delivery.last_attempt.as_ref()?), delivery.due?))
}

fn ended(attempt: &AttemptRecord) -> Timestamp {
    let took = Duration::from_millis(attempt.latency_ms.into());
    attempt.at.checked_add(took).unwrap_or(attempt.at)
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
