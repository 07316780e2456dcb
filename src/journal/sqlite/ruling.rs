//! Recoveries and what they answer: the ruling over the rows of a duty, and what follows from it.

use rusqlite::Connection;

use super::encode::{micros, state, state_code};
use super::failure::Failure;
use super::writer::Tx;
use crate::model::ruling::{Answered, NEVER_TOLD, Ruling, rule};
use crate::model::{Answers, Brief, DeliverySeq, DeliveryState, Duty};

/// Cancelled since its answer takes its place.
pub(super) const CAUSE_SUPERSEDED: i64 = 1;
/// Cancelled since nothing that it answers was told.
pub(super) const CAUSE_NEVER_TOLD: i64 = 2;

const ANSWERED: &str = "SELECT state, maybe, cause FROM delivery WHERE duty = ?1";
const WAITING: &str = "SELECT seq FROM delivery WHERE duty = ?1 AND state = 0";
const ANSWERS: &str = "SELECT seq, sink, state FROM delivery WHERE answers = ?1
    AND (state IN (0, 4) OR state = 3 AND cause = 2)";
/// What was told, though no delivery says so: it is gone, or one of them has opened a thing.
const TOLD: &str = "SELECT 1 FROM told WHERE duty = ?1
    UNION ALL SELECT 1 FROM thing WHERE duty = ?1 AND state = 0";
const TURN: &str = "UPDATE delivery SET state = ?2, reason = ?3, cause = ?4 WHERE seq = ?1";
const SUPERSEDED: &str = "SELECT EXISTS (SELECT 1 FROM delivery WHERE answers = ?1 AND seq > ?2
    AND supersedes AND (state = 1 OR NOT ?3 AND state IN (0, 4)))";

/// A recovery that is not sent yet.
struct Recovery {
    seq: i64,
    sink: i64,
    state: DeliveryState,
}

impl Tx<'_> {
    /// Rules over a recovery that is planned. What it supersedes is read from the file from now on,
    /// which knows of that.
    pub(super) fn answer(&mut self, answers: Answers) -> Result<Ruling, Failure> {
        let ruling = self.ruling(answers.duty)?;
        if answers.supersedes {
            let mut select = self.conn.prepare_cached(WAITING)?;
            for seq in select.query_map([answers.duty.0], |row| row.get(0))? {
                self.news.touched.push(DeliverySeq(seq?));
            }
        }
        if matches!(ruling, Ruling::Release { .. }) || !answers.conditional {
            self.conn
                .prepare_cached("DELETE FROM told WHERE duty = ?1")?
                .execute([answers.duty.0])?;
        }
        Ok(ruling)
    }

    /// Rules anew over the recoveries of a duty of which a delivery has settled.
    ///
    /// One that was cancelled, since nothing had been told, goes out after all where a delivery that
    /// had failed arrives later (a person has put it back).
    pub(super) fn rule_anew(&mut self, duty: Duty) -> Result<(), Failure> {
        let recoveries = self.recoveries(duty)?;
        if recoveries.is_empty() {
            return Ok(());
        }
        match self.ruling(duty)? {
            Ruling::Hold => Ok(()),
            Ruling::Release { untold } => {
                recoveries.iter().try_for_each(|recovery| self.release(recovery, untold))
            }
            Ruling::Cancel => {
                let held = |recovery: &&Recovery| recovery.state == DeliveryState::Held;
                recoveries.iter().filter(held).try_for_each(|recovery| self.never_told(recovery))
            }
        }
    }

    /// Remembers that a duty was fulfilled by a delivery that retention takes, unless it has been
    /// answered.
    pub(super) fn remember_told(&self, duty: i64) -> rusqlite::Result<()> {
        let mut insert = self.conn.prepare_cached(
            "INSERT OR REPLACE INTO told SELECT ?1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE answers = ?1)",
        )?;
        insert.execute((duty, micros(self.now))).map(drop)
    }

    fn ruling(&self, duty: Duty) -> rusqlite::Result<Ruling> {
        let mut select = self.conn.prepare_cached(ANSWERED)?;
        let found = select.query_map([duty.0], |row| {
            let superseded = row.get::<_, i64>(2)? == CAUSE_SUPERSEDED;
            Ok(Answered::of(state(row, 0)?, row.get(1)?, superseded))
        })?;
        let mut answered: Vec<Answered> = found.collect::<rusqlite::Result<_>>()?;
        let mut told = self.conn.prepare_cached(TOLD)?;
        if told.exists([duty.0])? {
            answered.push(Answered::Arrived);
        }
        Ok(rule(&answered))
    }

    fn recoveries(&self, duty: Duty) -> rusqlite::Result<Vec<Recovery>> {
        let mut select = self.conn.prepare_cached(ANSWERS)?;
        let found = select.query_map([duty.0], |row| {
            Ok(Recovery { seq: row.get(0)?, sink: row.get(1)?, state: state(row, 2)? })
        })?;
        found.collect()
    }

    /// Lets a recovery go out; one that waits already only learns what it has to say.
    fn release(&mut self, recovery: &Recovery, untold: bool) -> Result<(), Failure> {
        if untold {
            self.say_both(recovery.seq)?;
        }
        if recovery.state != DeliveryState::Waiting {
            self.turn(recovery, DeliveryState::Waiting, None, 0)?;
            self.new_deliveries = true;
            self.put_back = true;
        }
        Ok(())
    }

    fn never_told(&mut self, recovery: &Recovery) -> Result<(), Failure> {
        self.turn(recovery, DeliveryState::Cancelled, Some(NEVER_TOLD), CAUSE_NEVER_TOLD)
    }

    fn turn(
        &mut self,
        recovery: &Recovery,
        to: DeliveryState,
        reason: Option<&str>,
        cause: i64,
    ) -> Result<(), Failure> {
        let row = (recovery.seq, state_code(to), reason, cause);
        self.conn.prepare_cached(TURN)?.execute(row)?;
        self.state.moved(recovery.sink, Some(recovery.state), Some(to));
        Ok(())
    }

    fn say_both(&self, recovery: i64) -> Result<(), Failure> {
        let mut select = self.conn.prepare_cached("SELECT brief FROM delivery WHERE seq = ?1")?;
        let brief: Brief = select.query_row([recovery], |row| super::encode::json(row, 0))?;
        let mut update =
            self.conn.prepare_cached("UPDATE delivery SET brief = ?2 WHERE seq = ?1")?;
        Ok(update.execute((recovery, untold(brief))).map(drop)?)
    }
}

/// The text of a brief that says the failure too.
pub(super) fn untold(mut brief: Brief) -> String {
    brief.say_both();
    serde_json::to_string(&brief).expect("a brief is texts, numbers and maps with text keys")
}

/// Whether a recovery is there that takes the place of a waiting delivery. One that may have arrived
/// is told again, and its recovery after it; but not where the recovery has arrived before it.
pub(super) fn is_superseded(
    conn: &Connection,
    delivery: DeliverySeq,
    duty: Duty,
    maybe_arrived: bool,
) -> rusqlite::Result<bool> {
    let mut select = conn.prepare_cached(SUPERSEDED)?;
    select.query_row((duty.0, delivery.0, maybe_arrived), |row| row.get(0))
}
