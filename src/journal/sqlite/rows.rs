//! Rows as the nouns that they hold.

use std::sync::Arc;

use rusqlite::Row;

use super::encode::{attempt, maybe_time, odd, state, time};
use crate::journal::Delivery;
use crate::journal::id::{Kind, Mint};
use crate::model::{DeliverySeq, Duty, Event, EventSeq, Reading};

/// What [`event`] reads, from `event e`.
pub(super) const EVENT: &str = "SELECT e.seq, e.received_at, s.text, e.replay_of, e.body
    FROM event e JOIN name s ON s.id = e.source";

/// What [`delivery`] reads, from `delivery d`.
pub(super) const DELIVERY: &str = "SELECT d.seq, d.event, e.received_at, k.text, d.brief,
    d.created_at, d.state, d.reason, d.attempts, d.first_attempt_at, d.due, d.seen,
    d.first_at, d.first_latency, d.first_outcome, d.first_status, d.first_reason, d.first_excerpt,
    a.at, a.latency, a.outcome, a.status, a.reason, a.excerpt, d.progress,
    d.maybe, d.duty, d.answers
    FROM delivery d JOIN event e ON e.seq = d.event JOIN name k ON k.id = d.sink
    LEFT JOIN attempt a ON a.delivery = d.seq AND a.number = d.attempts";

/// The column of [`DELIVERY`] that holds what the sink left behind.
pub(super) const PROGRESS: usize = 24;

/// The first attempt's columns in [`DELIVERY`].
pub(super) const FIRST: usize = 12;
/// The latest further attempt's columns in [`DELIVERY`].
const LATEST: usize = 18;

/// Whether it may have arrived, its duty, and what it answers, in [`DELIVERY`].
const MAYBE: usize = 25;

/// An event from a row of [`EVENT`].
pub(super) fn event(row: &Row<'_>, mint: &Mint) -> rusqlite::Result<Event> {
    let seq: i64 = row.get(0)?;
    let received_at = time(row, 1)?;
    let body: Arc<[u8]> = row.get_ref(4)?.as_blob()?.into();
    Ok(Event {
        seq: EventSeq(seq),
        id: mint.id(Kind::Event, received_at, seq),
        source: row.get_ref(2)?.as_str()?.into(),
        received_at,
        reading: Reading::of(&body),
        body,
        replay_of: row.get::<_, Option<i64>>(3)?.map(EventSeq),
    })
}

/// A delivery from a row of [`DELIVERY`].
pub(super) fn delivery(row: &Row<'_>, mint: &Mint) -> rusqlite::Result<Delivery> {
    let seq: i64 = row.get(0)?;
    let event: i64 = row.get(1)?;
    let created_at = time(row, 5)?;
    let attempts = row.get(8)?;
    let brief = serde_json::from_str(row.get_ref(4)?.as_str()?);
    let last_attempt = match attempt(row, LATEST, attempts)? {
        None => attempt(row, FIRST, 1)?,
        further => further,
    };
    Ok(Delivery {
        seq: DeliverySeq(seq),
        id: mint.id(Kind::Delivery, created_at, seq),
        event: EventSeq(event),
        event_id: mint.id(Kind::Event, time(row, 2)?, event),
        sink: row.get(3)?,
        brief: brief.map_err(|error| odd(4, error.to_string()))?,
        created_at,
        state: state(row, 6)?,
        reason: row.get(7)?,
        attempts,
        first_attempt_at: maybe_time(row, 9)?,
        last_attempt,
        due: maybe_time(row, 10)?,
        seen: row.get(11)?,
        maybe_arrived: row.get(MAYBE)?,
        duty: row.get::<_, Option<i64>>(MAYBE + 1)?.map(Duty),
        answers: row.get::<_, Option<i64>>(MAYBE + 2)?.map(Duty),
    })
}
