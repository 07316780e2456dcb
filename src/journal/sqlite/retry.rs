//! What a person does about dead deliveries: put them back, or say that they were seen. In steps,
//! so that a million of them stalls nobody.

use rusqlite::params_from_iter;

use super::failure::Failure;
use super::list::delivery_conditions;
use super::writer::Tx;
use crate::journal::DeliveryFilter;
use crate::journal::id::Kind;
use crate::model::DeliveryState;

/// At most so many change in one transaction.
const STEP: usize = 500;

/// How far a step came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The last delivery looked at.
    pub(super) after: i64,
    /// How many changed so far.
    pub(super) changed: u64,
    /// Whether nothing is left.
    pub(super) done: bool,
}

const PUT_BACK: &str = "UPDATE delivery SET state = 0, seen = 0, due = NULL, reason = NULL,
    first_attempt_at = NULL WHERE seq = ?1";
const SEE: &str = "UPDATE delivery SET seen = 1 WHERE seq = ?1";

/// A dead delivery: what a step needs to know of it.
struct Dead {
    seq: i64,
    sink: i64,
    meant: bool,
}

impl Tx<'_> {
    /// Puts some dead deliveries back to waiting.
    pub(super) fn retry(
        &mut self,
        filter: &DeliveryFilter,
        from: Progress,
    ) -> Result<Progress, Failure> {
        let (dead, to) = self.dead(filter, from, false)?;
        for Dead { seq, sink, .. } in dead.iter().filter(|dead| dead.meant) {
            self.conn.prepare_cached(PUT_BACK)?.execute([seq])?;
            self.state.moved(*sink, Some(DeliveryState::Dead), Some(DeliveryState::Waiting));
            self.new_deliveries = true;
            self.put_back = true;
        }
        Ok(to)
    }

    /// Marks some dead deliveries as seen.
    pub(super) fn acknowledge(
        &mut self,
        filter: &DeliveryFilter,
        from: Progress,
    ) -> Result<Progress, Failure> {
        let (dead, to) = self.dead(filter, from, true)?;
        for Dead { seq, .. } in dead.iter().filter(|dead| dead.meant) {
            self.conn.prepare_cached(SEE)?.execute([seq])?;
        }
        Ok(to)
    }

    fn dead(
        &self,
        filter: &DeliveryFilter,
        from: Progress,
        unseen: bool,
    ) -> Result<(Vec<Dead>, Progress), Failure> {
        if filter.state.is_some_and(|state| state != DeliveryState::Dead) {
            return Ok((Vec::new(), Progress { done: true, ..from }));
        }
        let mut conditions = delivery_conditions(filter);
        conditions.and("d.seq > ?", from.after);
        if unseen {
            conditions.and("d.seen = ?", false);
        }
        let (clause, values) = conditions.finish();
        let sql = format!(
            "SELECT d.seq, d.sink, d.created_at, e.received_at, d.event
             FROM delivery d INDEXED BY dead JOIN event e ON e.seq = d.event {clause} AND d.state = 2
             ORDER BY d.seq LIMIT {STEP}"
        );
        let mut select = self.conn.prepare_cached(&sql)?;
        let found = select.query_map(params_from_iter(values), |row| {
            let seq = row.get(0)?;
            let id = self.mint.id(Kind::Delivery, super::encode::time(row, 2)?, seq);
            let event = self.mint.id(Kind::Event, super::encode::time(row, 3)?, row.get(4)?);
            let named = filter.ids.is_empty() || filter.ids.contains(&id);
            let told = filter.event.is_none_or(|wanted| wanted == event);
            Ok(Dead { seq, sink: row.get(1)?, meant: named && told })
        })?;
        let dead: Vec<Dead> = found.collect::<rusqlite::Result<_>>()?;
        let to = Progress {
            after: dead.last().map_or(from.after, |dead| dead.seq),
            changed: from.changed + dead.iter().filter(|dead| dead.meant).count() as u64,
            done: dead.len() < STEP,
        };
        Ok((dead, to))
    }
}
