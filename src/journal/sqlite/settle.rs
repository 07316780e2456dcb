//! Deliveries on their way out: attempts, and what follows from them.

use rusqlite::{OptionalExtension, params};

use super::encode::{maybe_time, micros, outcome_code, state, state_code};
use super::failure::Failure;
use super::ruling::{CAUSE_SUPERSEDED, is_superseded};
use super::writer::Tx;
use crate::model::ruling::SUPERSEDED;
use crate::model::{AttemptRecord, DeliverySeq, DeliveryState, Duty, Settlement, Then};

/// What a settlement finds.
struct Standing {
    sink: i64,
    state: DeliveryState,
    attempts: u32,
    started: bool,
    duty: Option<Duty>,
}

/// What it makes of it.
struct Change<'a> {
    state: DeliveryState,
    reason: Option<&'a str>,
    due: Option<i64>,
    /// `None` leaves it as it is.
    progress: Option<Option<&'a str>>,
    superseded: bool,
}

const STANDING: &str =
    "SELECT sink, state, attempts, first_attempt_at, duty FROM delivery WHERE seq = ?1";
const CHANGE: &str = "UPDATE delivery SET state = ?2, reason = ?3, due = ?4,
    progress = CASE WHEN ?5 THEN ?6 ELSE progress END WHERE seq = ?1";
const FIRST: &str = "UPDATE delivery SET attempts = 1, first_attempt_at = ?2, first_at = ?2,
    first_latency = ?3, first_outcome = ?4, first_status = ?5, first_reason = ?6,
    first_excerpt = ?7, maybe = maybe OR ?8 WHERE seq = ?1";
const CHANGE_AND_FIRST: &str = "UPDATE delivery SET attempts = 1, first_attempt_at = ?2,
    first_at = ?2, first_latency = ?3, first_outcome = ?4, first_status = ?5, first_reason = ?6,
    first_excerpt = ?7, state = ?8, reason = ?9, due = ?10,
    progress = CASE WHEN ?11 THEN ?12 ELSE progress END, maybe = maybe OR ?13 WHERE seq = ?1";
const SUPERSEDE: &str = "UPDATE delivery SET cause = ?2 WHERE seq = ?1";
const FURTHER: &str = "UPDATE delivery SET attempts = ?2,
    first_attempt_at = coalesce(first_attempt_at, ?3), maybe = maybe OR ?4 WHERE seq = ?1";
const ATTEMPT: &str = "INSERT OR REPLACE INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// Of a long history of attempts, so many of the first and of the last are kept.
const KEEP_FIRST: u32 = 10;
const KEEP_LAST: u32 = 50;

impl Tx<'_> {
    /// Records attempts and what follows from them.
    ///
    /// A delivery that a person has cancelled or put back in the meantime keeps that state, except
    /// where the far side took the message: that is a fact. An attempt that is there already is
    /// not recorded again, nor what became of a thing with it.
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
                duty: row.get::<_, Option<i64>>(4)?.map(Duty),
            })
        });
        standing.optional()
    }

    fn settle_one(&mut self, settlement: &Settlement, found: &Standing) -> Result<(), Failure> {
        let delivery = settlement.delivery;
        let attempt = settlement.attempt.as_ref().filter(|attempt| attempt.number > found.attempts);
        let stale = settlement.attempt.is_some() && attempt.is_none();
        let mut change = change(&settlement.then, found.state, stale);
        if change.as_ref().is_some_and(|change| change.superseded)
            && !self.is_superseded(delivery, found)?
        {
            // Its recovery was cancelled in the meantime, so it is to be sent after all.
            change = None;
            (self.new_deliveries, self.put_back) = (true, true);
        }
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
        let mut settled = attempt.is_some_and(|attempt| attempt.maybe_arrived);
        if let Some(handling) = settlement.handling.as_ref().filter(|_| !stale) {
            settled |= self.handle(handling, delivery, found.sink)?;
        }
        if let Some(change) = change {
            self.state.moved(found.sink, Some(found.state), Some(change.state));
            settled |= change.state != DeliveryState::Waiting;
        }
        match found.duty {
            Some(duty) if settled => self.rule_anew(duty),
            _ => Ok(()),
        }
    }

    fn is_superseded(&self, delivery: DeliverySeq, found: &Standing) -> rusqlite::Result<bool> {
        found.duty.map_or(Ok(false), |duty| is_superseded(self.conn, delivery, duty, false))
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
            outcome_code(first),
            first.status,
            first.reason,
            first.excerpt,
            state_code(change.state),
            change.reason,
            change.due,
            change.progress.is_some(),
            change.progress.flatten(),
            first.maybe_arrived,
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
        done?;
        if change.superseded {
            self.conn.prepare_cached(SUPERSEDE)?.execute((delivery.0, CAUSE_SUPERSEDED))?;
        }
        Ok(())
    }

    fn record(&self, delivery: DeliverySeq, attempt: &AttemptRecord) -> rusqlite::Result<()> {
        let (at, outcome) = (micros(attempt.at), outcome_code(attempt));
        let AttemptRecord { number, latency_ms, status, reason, excerpt, .. } = attempt;
        let (seq, maybe) = (delivery.0, attempt.maybe_arrived);
        if *number == 1 {
            let mut update = self.conn.prepare_cached(FIRST)?;
            let done = update
                .execute(params![seq, at, latency_ms, outcome, status, reason, excerpt, maybe]);
            return done.map(drop);
        }
        self.conn
            .prepare_cached(ATTEMPT)?
            .execute(params![seq, number, at, latency_ms, outcome, status, reason, excerpt])?;
        self.conn.prepare_cached(FURTHER)?.execute((seq, number, at, maybe))?;
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
    let applies = match (then, now) {
        (Then::Delivered, now) => now != DeliveryState::Delivered,
        (Then::Cancelled(_), DeliveryState::Held) | (_, DeliveryState::Waiting) => !stale,
        _ => false,
    };
    if !applies {
        return None;
    }
    let ends =
        |state, reason| Change { state, reason, due: None, progress: None, superseded: false };
    Some(match then {
        Then::Delivered => Change { progress: Some(None), ..ends(DeliveryState::Delivered, None) },
        Then::Dead { reason, progress } => Change {
            progress: Some(progress.as_deref()),
            ..ends(DeliveryState::Dead, Some(reason))
        },
        Then::Cancelled(reason) => ends(DeliveryState::Cancelled, Some(reason)),
        Then::Superseded => {
            Change { superseded: true, ..ends(DeliveryState::Cancelled, Some(SUPERSEDED)) }
        }
        Then::Again { due, progress } => Change {
            state: DeliveryState::Waiting,
            reason: None,
            due: due.map(micros),
            progress: Some(progress.as_deref()),
            superseded: false,
        },
    })
}
