//! What sinks hold open for incidents: written with the attempt that opened it, closed it or found
//! it gone, and read before the next message of its duty.

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::encode::{json, micros, odd, time};
use super::failure::Failure;
use super::prune::STEP;
use super::writer::Tx;
use crate::model::{Captured, DeliverySeq, Duty, Handling, Holding, Thing, ThingState};

const THING: &str = "SELECT t.duty, t.incident, k.text, t.state, t.at, t.captured
    FROM thing t JOIN name k ON k.id = t.sink";
const STATE: &str = "SELECT state FROM thing WHERE duty = ?1";
const PUT: &str = "INSERT OR REPLACE INTO thing (duty, incident, sink, state, at, captured)
    VALUES (?1, ?2, ?3, 0, ?4, ?5)";
const CAPTURE: &str = "UPDATE thing SET captured = ?2 WHERE duty = ?1";
const END: &str = "UPDATE thing SET state = ?2, at = ?3 WHERE duty = ?1";
const BEGIN_ANEW: &str = "UPDATE delivery SET progress = NULL
    WHERE (duty = ?1 OR answers = ?1) AND seq <> ?2 AND progress IS NOT NULL";

/// One that was never closed goes too, once no delivery of its duty is left that could do it.
const FORGET: &str = "DELETE FROM thing WHERE duty IN (SELECT duty FROM thing t WHERE at < ?1
    AND (state <> 0 OR NOT EXISTS (SELECT 1 FROM delivery d WHERE d.duty = t.duty)) LIMIT ?2)";

impl Tx<'_> {
    /// Writes what a delivery's attempt did to the thing of its duty. Returns whether something is
    /// open by it, so that the recovery is owed.
    ///
    /// Where a thing begins or ends, the other deliveries of the duty must not go on with what they
    /// had begun with another one, or with none.
    pub(super) fn handle(
        &mut self,
        handling: &Handling,
        delivery: DeliverySeq,
        sink: i64,
    ) -> Result<bool, Failure> {
        let duty = handling.duty;
        let before = self.state_of(duty)?;
        let after = match &handling.holding {
            Holding::Open(captured) => {
                self.open(handling, sink, captured, before)?;
                Some(ThingState::Open)
            }
            Holding::Closed => self.end(duty, before, ThingState::Closed)?,
            Holding::Gone => self.end(duty, before, ThingState::Gone)?,
        };
        if after != before {
            let mut update = self.conn.prepare_cached(BEGIN_ANEW)?;
            update.execute((duty.0, delivery.0))?;
        }
        Ok(after == Some(ThingState::Open))
    }

    /// Forgets a step of the things that were held long ago.
    pub(super) fn forget_things(&self, before: i64) -> rusqlite::Result<()> {
        self.conn.prepare_cached(FORGET)?.execute((before, STEP as i64)).map(drop)
    }

    fn state_of(&self, duty: Duty) -> rusqlite::Result<Option<ThingState>> {
        let mut select = self.conn.prepare_cached(STATE)?;
        select.query_row([duty.0], |row| state(row, 0)).optional()
    }

    fn open(
        &self,
        handling: &Handling,
        sink: i64,
        captured: &Captured,
        before: Option<ThingState>,
    ) -> rusqlite::Result<()> {
        let duty = handling.duty.0;
        let text = serde_json::to_string(captured).expect("an object of JSON is JSON");
        if before == Some(ThingState::Open) {
            return self.conn.prepare_cached(CAPTURE)?.execute((duty, text)).map(drop);
        }
        let incident = handling.incident.as_ref().map(Uuid::as_bytes);
        let row = (duty, incident, sink, micros(self.now), text);
        self.conn.prepare_cached(PUT)?.execute(row).map(drop)
    }

    fn end(
        &self,
        duty: Duty,
        before: Option<ThingState>,
        to: ThingState,
    ) -> rusqlite::Result<Option<ThingState>> {
        if before != Some(ThingState::Open) {
            return Ok(before);
        }
        self.conn.prepare_cached(END)?.execute((duty.0, code(to), micros(self.now)))?;
        Ok(Some(to))
    }
}

/// The thing that is open for a duty.
pub(super) fn open(conn: &Connection, duty: Duty) -> rusqlite::Result<Option<Thing>> {
    let sql = format!("{THING} WHERE t.duty = ?1 AND t.state = 0");
    conn.prepare_cached(&sql)?.query_row([duty.0], thing).optional()
}

/// All things of an incident, the oldest first.
pub(super) fn of_incident(conn: &Connection, incident: Uuid) -> rusqlite::Result<Vec<Thing>> {
    let sql = format!("{THING} WHERE t.incident = ?1 ORDER BY t.at, t.duty");
    conn.prepare_cached(&sql)?.query_map([incident.as_bytes()], thing)?.collect()
}

fn thing(row: &Row<'_>) -> rusqlite::Result<Thing> {
    let incident = row.get::<_, Option<[u8; 16]>>(1)?;
    Ok(Thing {
        duty: Duty(row.get(0)?),
        incident: incident.map(Uuid::from_bytes),
        sink: row.get(2)?,
        state: state(row, 3)?,
        at: time(row, 4)?,
        captured: json(row, 5)?,
    })
}

fn code(state: ThingState) -> i64 {
    match state {
        ThingState::Open => 0,
        ThingState::Closed => 1,
        ThingState::Gone => 2,
    }
}

fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<ThingState> {
    match row.get(column)? {
        0 => Ok(ThingState::Open),
        1 => Ok(ThingState::Closed),
        2 => Ok(ThingState::Gone),
        code => Err(odd(column, format!("{code} is no state of a thing"))),
    }
}

#[cfg(test)]
#[path = "things_tests.rs"]
mod tests;
