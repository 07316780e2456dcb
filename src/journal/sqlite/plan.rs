//! Deliveries on their way in: planned with a decision, or added to one.
//!
//! A recovery is ruled over as it comes in: it waits, is held, or is not to be sent at all.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::params;

use super::encode::{micros, state_code};
use super::failure::Failure;
use super::recent::NewDelivery;
use super::ruling::{CAUSE_NEVER_TOLD, untold};
use super::writer::Tx;
use crate::journal::Lane;
use crate::journal::id::Kind;
use crate::model::ruling::{NEVER_TOLD, Ruling};
use crate::model::{Answers, Brief, DeliverySeq, DeliveryState, Duty, EventSeq, Planned};

/// A delivery to be made, ready to be written.
pub(super) struct Plan {
    sink: Arc<str>,
    brief: Arc<Brief>,
    text: String,
    shadow: bool,
    duty: Option<Duty>,
    answers: Option<Answers>,
}

impl Plan {
    /// Prepares it on the caller's side, so that the writer only writes.
    pub(super) fn of(planned: Planned) -> Self {
        let text = serde_json::to_string(&planned.brief)
            .expect("a brief is texts, numbers and maps with text keys");
        let Planned { sink, brief, shadow, duty, answers } = planned;
        Plan { sink: sink.into(), brief: Arc::new(brief), text, shadow, duty, answers }
    }
}

/// How a delivery comes in.
struct Entry<'a> {
    state: DeliveryState,
    reason: Option<&'static str>,
    cause: i64,
    brief: Cow<'a, str>,
}

const INSERT: &str = "INSERT INTO delivery (seq, event, sink, lane, created_at, state, seen,
    attempts, reason, brief, duty, answers, supersedes, cause)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?8, ?9, ?10, ?11, ?12)";

impl Tx<'_> {
    /// Adds an event's deliveries.
    pub(super) fn plan(&mut self, event: EventSeq, plans: &[Plan]) -> Result<(), Failure> {
        if plans.is_empty() {
            return Ok(());
        }
        let Some(lane) = self.lane(event)? else { return Ok(()) };
        for plan in plans {
            let entry = self.entry(plan)?;
            self.insert(event, lane, plan, &entry)?;
        }
        Ok(())
    }

    fn entry<'a>(&mut self, plan: &'a Plan) -> Result<Entry<'a>, Failure> {
        let entry = |state, reason, cause| {
            let brief = Cow::Borrowed(plan.text.as_str());
            Entry { state, reason, cause, brief }
        };
        let waits = entry(DeliveryState::Waiting, None, 0);
        if plan.shadow {
            return Ok(entry(DeliveryState::Cancelled, Some("shadow"), 0));
        }
        let Some(answers) = plan.answers else { return Ok(waits) };
        let ruling = self.answer(answers)?;
        if !answers.conditional {
            return Ok(waits);
        }
        Ok(match ruling {
            Ruling::Release { untold: false } => waits,
            Ruling::Release { untold: true } => {
                Entry { brief: Cow::Owned(untold(Brief::clone(&plan.brief))), ..waits }
            }
            Ruling::Hold => entry(DeliveryState::Held, None, 0),
            Ruling::Cancel => entry(DeliveryState::Cancelled, Some(NEVER_TOLD), CAUSE_NEVER_TOLD),
        })
    }

    fn insert(
        &mut self,
        event: EventSeq,
        lane: Lane,
        plan: &Plan,
        entry: &Entry<'_>,
    ) -> Result<(), Failure> {
        let sink = self.state.name(self.conn, &plan.sink)?;
        let seq = self.state.counts.last_delivery + 1;
        self.conn.prepare_cached(INSERT)?.execute(params![
            seq,
            event.0,
            sink,
            lane.0 as i64,
            micros(self.now),
            state_code(entry.state),
            entry.reason,
            entry.brief,
            plan.duty.map(|duty| duty.0),
            plan.answers.map(|answers| answers.duty.0),
            plan.answers.is_some_and(|answers| answers.supersedes),
            entry.cause,
        ])?;
        self.state.counts.last_delivery = seq;
        self.state.moved(sink, None, Some(entry.state));
        if entry.state == DeliveryState::Waiting {
            self.new_deliveries = true;
            self.tell(seq, event, plan);
        }
        Ok(())
    }

    fn tell(&mut self, seq: i64, event: EventSeq, plan: &Plan) {
        // The stored time is what the id is checked against.
        let created_at = Timestamp::from_microsecond(micros(self.now)).unwrap_or(self.now);
        self.news.deliveries.push(NewDelivery {
            seq: DeliverySeq(seq),
            id: self.mint.id(Kind::Delivery, created_at, seq),
            event,
            sink: Arc::clone(&plan.sink),
            brief: Arc::clone(&plan.brief),
            created_at,
            duty: plan.duty,
        });
        if plan.answers.is_some() {
            // What it answers is only in the file.
            self.news.touched.push(DeliverySeq(seq));
        }
    }
}
