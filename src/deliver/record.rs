//! What is kept of an attempt: covered, cut, and said once in the log.
//!
//! A sink's words may echo a token or be endless; nothing of them reaches the journal, a log or a
//! screen before it has been through here.

use std::time::Duration;

use agnox_bridge_sinks::contract::{Failure, Receipt};
use jiff::Timestamp;

use super::attempt::Job;
use super::verdict::outcome;
use crate::journal::Work;
use crate::model::{AttemptRecord, Outcome, Then};

/// So much of a reason is kept, in bytes.
const REASON: usize = 500;

/// So much of an answer is kept, in bytes.
const EXCERPT: usize = 1024;

/// The attempt as it is recorded: covered and cut.
pub(super) fn record(
    job: &Job,
    work: &Work,
    result: &Result<Receipt, Failure>,
    at: Timestamp,
    took: Duration,
    reason: Option<String>,
) -> AttemptRecord {
    let (status, excerpt) = match result {
        Ok(receipt) => (receipt.status, receipt.excerpt.as_deref()),
        Err(failure) => (failure.status, failure.excerpt.as_deref()),
    };
    AttemptRecord {
        number: work.delivery.attempts + 1,
        at,
        latency_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
        outcome: outcome(result),
        status,
        reason,
        excerpt: excerpt.map(|text| cut(&job.plan.redactor.cover(text), EXCERPT)),
        maybe_arrived: result.as_ref().is_err_and(|failure| failure.maybe_arrived),
    }
}

/// A failure's reason for a person: covered and cut, with what is unknown said.
pub(super) fn told(job: &Job, failure: &Failure) -> String {
    let reason = cut(&job.plan.redactor.cover(&failure.reason), REASON);
    match failure.maybe_arrived {
        true => format!("{reason} (it may have arrived all the same)"),
        false => reason,
    }
}

pub(super) fn log(job: &Job, work: &Work, record: &AttemptRecord, then: &Then) {
    let (sink, delivery, event) = (&job.outlet.name, work.delivery.id, work.event.id);
    let (duration_ms, attempt) = (record.latency_ms, record.number);
    let reason = record.reason.as_deref().unwrap_or_default();
    match then {
        Then::Delivered => tracing::debug!(
            sink, delivery.id = %delivery, event.id = %event, duration_ms, attempt, "delivered"
        ),
        Then::Dead { reason, .. } => tracing::error!(
            sink, delivery.id = %delivery, event.id = %event, duration_ms, attempt, reason,
            "a delivery is dead"
        ),
        Then::Cancelled(_) | Then::Superseded => tracing::info!(
            sink, delivery.id = %delivery, event.id = %event, duration_ms, attempt, reason,
            "an attempt failed, and is the last one: the delivery is not to be made any more"
        ),
        Then::Again { .. } => tracing::warn!(
            sink, delivery.id = %delivery, event.id = %event, duration_ms, attempt, reason,
            outcome = name_of(record.outcome), "an attempt failed; it will be tried again"
        ),
    }
}

/// The beginning of a text, cut between characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most - '…'.len_utf8()).rev().find(|end| text.is_char_boundary(*end));
    format!("{}…", &text[..end.unwrap_or_default()])
}

pub(super) fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Unavailable => "unavailable",
        Outcome::Deferred => "deferred",
        Outcome::Refused => "refused",
        Outcome::Suspended => "suspended",
    }
}
