//! The verbs that write deliveries: plan, settle, put back, acknowledge.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::encode::{maybe_time, micros, outcome_code, state, state_code};
use super::failure::Failure;
use super::recent::NewDelivery;
use super::writer::Tx;
use crate::journal::id::Kind;
use crate::model::{
    AttemptRecord, Brief, DeliverySeq, DeliveryState, EventSeq, Planned, Settlement, Then,
};

/// A delivery to be made, ready to be written.
pub(super) struct Plan {
    sink: Arc<str>,
    brief: Arc<Brief>,
    text: String,
    shadow: bool,
}

impl Plan {
    /// Prepares it on the caller's side, so that the writer only writes.
    pub(super) fn of(planned: Planned) -> Self {
        let text = serde_json::to_string(&planned.brief)
            .expect("a brief is texts, numbers and maps with text keys");
        let (sink, brief) = (planned.sink.into(), Arc::new(planned.brief));
        Plan { sink, brief, text, shadow: planned.shadow }
    }
}

/// What a settlement finds.
struct Standing {
    sink: i64,
    state: DeliveryState,
    attempts: u32,
    started: bool,
}

/// What it makes of it.
struct Change<'a> {
    state: DeliveryState,
    reason: Option<&'a str>,
    due: Option<i64>,
    /// `None` leaves it as it is.
    progress: Option<Option<&'a str>>,
}

const INSERT: &str = "INSERT INTO delivery (seq, event, sink, lane, created_at, state, seen,
    attempts, reason, brief) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?8)";
const STANDING: &str =
    "SELECT sink, state, attempts, first_attempt_at FROM delivery WHERE seq = ?1";
const CHANGE: &str = "UPDATE delivery SET state = ?2, reason = ?3, due = ?4,
    progress = CASE WHEN ?5 THEN ?6 ELSE progress END WHERE seq = ?1";
const FIRST: &str = "UPDATE delivery SET attempts = 1, first_attempt_at = ?2, first_at = ?2,
    first_latency = ?3, first_outcome = ?4, first_status = ?5, first_reason = ?6,
    first_excerpt = ?7 WHERE seq = ?1";
const CHANGE_AND_FIRST: &str = "UPDATE delivery SET attempts = 1, first_attempt_at = ?2,
    first_at = ?2, first_latency = ?3, first_outcome = ?4, first_status = ?5, first_reason = ?6,
    first_excerpt = ?7, state = ?8, reason = ?9, due = ?10,
    progress = CASE WHEN ?11 THEN ?12 ELSE progress END WHERE seq = ?1";
const FURTHER: &str = "UPDATE delivery SET attempts = ?2,
    first_attempt_at = coalesce(first_attempt_at, ?3) WHERE seq = ?1";
const ATTEMPT: &str = "INSERT OR REPLACE INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// Of a long history of attempts, so many of the first and of the last are kept.
const KEEP_FIRST: u32 = 10;
const KEEP_LAST: u32 = 50;

impl Tx<'_> {
    /// Adds an event's deliveries.
    pub(super) fn plan(&mut self, event: EventSeq, plans: &[Plan]) -> Result<(), Failure> {
        if plans.is_empty() {
            return Ok(());
        }
        let Some(lane) = self.lane(event)? else { return Ok(()) };
        for plan in plans {
            let sink = self.state.name(self.conn, &plan.sink)?;
            let seq = self.state.counts.last_delivery + 1;
            let (state, reason) = match plan.shadow {
                false => (DeliveryState::Waiting, None),
                true => (DeliveryState::Cancelled, Some("shadow")),
            };
            self.conn.prepare_cached(INSERT)?.execute(params![
                seq,
                event.0,
                sink,
                lane.0 as i64,
                micros(self.now),
                state_code(state),
                reason,
                plan.text,
            ])?;
            self.state.counts.last_delivery = seq;
            self.state.moved(sink, None, Some(state));
            if !plan.shadow {
                self.tell(seq, event, plan);
            }
        }
        Ok(())
    }

    fn tell(&mut self, seq: i64, event: EventSeq, plan: &Plan) {
        self.new_deliveries = true;
        // The stored time is what the id is checked against.
        let created_at = Timestamp::from_microsecond(micros(self.now)).unwrap_or(self.now);
        self.news.deliveries.push(NewDelivery {
            seq: DeliverySeq(seq),
            id: self.mint.id(Kind::Delivery, created_at, seq),
            event,
            sink: Arc::clone(&plan.sink),
            brief: Arc::clone(&plan.brief),
            created_at,
        });
    }

    /// Records attempts and what follows from them.
    ///
    /// A delivery that a person has cancelled or put back in the meantime keeps that state, except
    /// where the far side took the message: that is a fact. An attempt that is there already is
    /// not recorded again.
    pub(super) fn settle(&mut self, settlements: &[Settlement]) -> Result<(), Failure> {
        for settlement in settlements {
            self.news.touched.push(settlement.delivery);
            if let Some(standing) = self.standing(settlement.delivery)? {
                self.settle_one(settlement, &standing)?;
            }
        }
        Ok(())
    }

    fn standing(&self, delivery: DeliverySeq) -> rusqlite::Result<Option<Standing>> {
        let mut select = self.conn.prepare_cached(STANDING)?;
        let standing = select.query_row([delivery.0], |row| {
            Ok(Standing {
                sink: row.get(0)?,
                state: state(row, 1)?,
                attempts: row.get(2)?,
                started: maybe_time(row, 3)?.is_some(),
            })
        });
        standing.optional()
    }

    fn settle_one(&mut self, settlement: &Settlement, found: &Standing) -> Result<(), Failure> {
        let delivery = settlement.delivery;
        let attempt = settlement.attempt.as_ref().filter(|attempt| attempt.number > found.attempts);
        let stale = settlement.attempt.is_some() && attempt.is_none();
        let change = change(&settlement.then, found.state, stale);
        match (attempt, &change) {
            (Some(first), Some(change)) if first.number == 1 && !found.started => {
                self.change_and_first(delivery, first, change)?;
            }
            _ => {
                if let Some(attempt) = attempt {
                    self.record(delivery, attempt)?;
                }
                if let Some(change) = &change {
                    self.change(delivery, change)?;
                }
            }
        }
        if let Some(change) = change {
            self.state.moved(found.sink, Some(found.state), Some(change.state));
        }
        Ok(())
    }

    fn change_and_first(
        &self,
        delivery: DeliverySeq,
        first: &AttemptRecord,
        change: &Change<'_>,
    ) -> rusqlite::Result<()> {
        let mut update = self.conn.prepare_cached(CHANGE_AND_FIRST)?;
        let done = update.execute(params![
            delivery.0,
            micros(first.at),
            first.latency_ms,
            outcome_code(first.outcome),
            first.status,
            first.reason,
            first.excerpt,
            state_code(change.state),
            change.reason,
            change.due,
            change.progress.is_some(),
            change.progress.flatten(),
        ]);
        done.map(drop)
    }

    fn change(&self, delivery: DeliverySeq, change: &Change<'_>) -> rusqlite::Result<()> {
        let mut update = self.conn.prepare_cached(CHANGE)?;
        let done = update.execute(params![
            delivery.0,
            state_code(change.state),
            change.reason,
            change.due,
            change.progress.is_some(),
            change.progress.flatten(),
        ]);
        done.map(drop)
    }

    fn record(&self, delivery: DeliverySeq, attempt: &AttemptRecord) -> rusqlite::Result<()> {
        let (at, outcome) = (micros(attempt.at), outcome_code(attempt.outcome));
        let AttemptRecord { number, latency_ms, status, reason, excerpt, .. } = attempt;
        let seq = delivery.0;
        if *number == 1 {
            let mut update = self.conn.prepare_cached(FIRST)?;
            let done =
                update.execute(params![seq, at, latency_ms, outcome, status, reason, excerpt]);
            return done.map(drop);
        }
        self.conn
            .prepare_cached(ATTEMPT)?
            .execute(params![seq, number, at, latency_ms, outcome, status, reason, excerpt])?;
        self.conn.prepare_cached(FURTHER)?.execute((seq, number, at))?;
        self.forget_middle(seq, *number)
    }

    fn forget_middle(&self, delivery: i64, latest: u32) -> rusqlite::Result<()> {
        let forgotten = latest.saturating_sub(KEEP_LAST);
        if forgotten <= KEEP_FIRST {
            return Ok(());
        }
        let mut delete =
            self.conn.prepare_cached("DELETE FROM attempt WHERE delivery = ?1 AND number = ?2")?;
        delete.execute((delivery, forgotten)).map(drop)
    }
}

fn change(then: &Then, now: DeliveryState, stale: bool) -> Option<Change<'_>> {
    let is_fact = matches!(then, Then::Delivered) && now != DeliveryState::Delivered;
    if !is_fact && (stale || now != DeliveryState::Waiting) {
        return None;
    }
    let ends = |state, reason| Change { state, reason, due: None, progress: None };
    Some(match then {
        Then::Delivered => Change { progress: Some(None), ..ends(DeliveryState::Delivered, None) },
        Then::Dead(reason) => ends(DeliveryState::Dead, Some(reason)),
        Then::Cancelled(reason) => ends(DeliveryState::Cancelled, Some(reason)),
        Then::Superseded => ends(DeliveryState::Cancelled, Some("superseded")),
        Then::Again { due, progress } => Change {
            state: DeliveryState::Waiting,
            reason: None,
            due: due.map(micros),
            progress: Some(progress.as_deref()),
        },
    })
}
