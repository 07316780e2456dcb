//! The verbs that read what is to be done: undecided events, waiting deliveries, one whole.

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::encode::{maybe_time, time};
use super::rows::{self, DELIVERY, EVENT, PROGRESS};
use super::ruling::is_superseded;
use super::state::Counts;
use crate::journal::id::{Kind, Mint};
use crate::journal::{Backlog, Lane, Trouble, Waiting, Work};
use crate::model::{DeliverySeq, DeliveryState, Duty, Event};

/// A page of undecided events ends at so many bytes, so that large bodies don't fill the memory.
const PAGE_BYTES: usize = 8 << 20;

/// The oldest undecided events.
pub(super) fn undecided(
    conn: &Connection,
    mint: &Mint,
    limit: usize,
) -> rusqlite::Result<Vec<Event>> {
    let mut select = conn.prepare_cached(&format!(
        "{EVENT} WHERE e.seq > (SELECT value FROM meta WHERE key = 'watermark')
         ORDER BY e.seq LIMIT ?1"
    ))?;
    let mut found = select.query([limit as i64])?;
    let (mut events, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES {
        let Some(row) = found.next()? else { break };
        let event = rows::event(row, mint)?;
        bytes += event.body.len();
        events.push(event);
    }
    Ok(events)
}

/// The waiting deliveries of a sink after one.
pub(super) fn waiting(
    conn: &Connection,
    sink: &str,
    after: DeliverySeq,
    limit: usize,
) -> rusqlite::Result<Vec<Waiting>> {
    let mut select = conn.prepare_cached(
        "SELECT seq, lane, due FROM delivery INDEXED BY waiting
         WHERE state = 0 AND sink = (SELECT id FROM name WHERE text = ?1) AND seq > ?2
         ORDER BY seq LIMIT ?3",
    )?;
    select.query_map((sink, after.0, limit as i64), key)?.collect()
}

/// The waiting deliveries of one lane from one on.
pub(super) fn waiting_in_lane(
    conn: &Connection,
    sink: &str,
    lane: Lane,
    from: DeliverySeq,
    limit: usize,
) -> rusqlite::Result<Vec<Waiting>> {
    let mut select = conn.prepare_cached(
        "SELECT seq, lane, due FROM delivery INDEXED BY waiting
         WHERE state = 0 AND sink = (SELECT id FROM name WHERE text = ?1) AND seq >= ?2
         AND lane = ?3 ORDER BY seq LIMIT ?4",
    )?;
    select.query_map((sink, from.0, lane.0 as i64, limit as i64), key)?.collect()
}

/// A delivery with its event.
pub(super) fn work(
    conn: &Connection,
    mint: &Mint,
    delivery: DeliverySeq,
    cut_off: DeliverySeq,
) -> rusqlite::Result<Option<Work>> {
    let mut select = conn.prepare_cached(&format!("{DELIVERY} WHERE d.seq = ?1"))?;
    let found = select
        .query_row([delivery.0], |row| {
            Ok((rows::delivery(row, mint)?, row.get::<_, Option<String>>(PROGRESS)?))
        })
        .optional()?;
    let Some((delivery, progress)) = found else { return Ok(None) };
    let mut select = conn.prepare_cached(&format!("{EVENT} WHERE e.seq = ?1"))?;
    let event = select.query_row([delivery.event.0], |row| rows::event(row, mint))?;
    let superseded = match delivery.duty {
        Some(duty) if delivery.state == DeliveryState::Waiting => {
            is_superseded(conn, delivery.seq, duty, delivery.maybe_arrived)?
        }
        _ => false,
    };
    let answers = match delivery.answers {
        Some(duty) => arrived(conn, mint, duty)?,
        None => Vec::new(),
    };
    let cut_off = delivery.seq <= cut_off;
    Ok(Some(Work { delivery, event, progress, superseded, cut_off, answers }))
}

/// So many of the deliveries that one answers are named: the first is what a thread hangs on.
const ANSWERED: i64 = 100;

/// The deliveries of a duty that arrived, or may have, oldest first.
fn arrived(conn: &Connection, mint: &Mint, duty: Duty) -> rusqlite::Result<Vec<Uuid>> {
    let mut select = conn.prepare_cached(
        "SELECT created_at, seq FROM delivery WHERE duty = ?1 AND (state = 1 OR maybe)
         ORDER BY seq LIMIT ?2",
    )?;
    let found = select.query_map([duty.0, ANSWERED], |row| {
        Ok(mint.id(Kind::Delivery, time(row, 0)?, row.get(1)?))
    })?;
    found.collect()
}

/// How much waits for each sink: counted in memory, only the oldest is looked up.
pub(super) fn backlog(conn: &Connection, counts: &Counts) -> rusqlite::Result<Vec<Backlog>> {
    let mut name = conn.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
    let mut oldest = conn.prepare_cached(
        "SELECT e.received_at FROM event e WHERE e.seq = (SELECT event FROM delivery
         INDEXED BY waiting WHERE state = 0 AND sink = ?1 ORDER BY seq LIMIT 1)",
    )?;
    let mut backlog = Vec::new();
    for (id, tally) in &counts.tallies {
        backlog.push(Backlog {
            sink: name.query_row([id], |row| row.get(0))?,
            waiting: tally.waiting,
            dead: tally.dead,
            oldest: oldest.query_row([id], |row| time(row, 0)).optional()?,
        });
    }
    Ok(backlog)
}

/// The sinks' troubles.
pub(super) fn troubles(conn: &Connection) -> rusqlite::Result<Vec<(String, Trouble)>> {
    let mut select = conn.prepare_cached("SELECT sink, trouble FROM trouble ORDER BY sink")?;
    let found = select.query_map([], |row| {
        let trouble = serde_json::from_str(row.get_ref(1)?.as_str()?);
        Ok((row.get(0)?, trouble.map_err(|error| super::encode::odd(1, error.to_string()))?))
    })?;
    found.collect()
}

fn key(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        seq: DeliverySeq(row.get(0)?),
        lane: Lane(row.get::<_, i64>(1)? as u64),
        due: maybe_time(row, 2)?,
    })
}
