//! What the writer keeps in memory of the file: the ends of its sequences, names, and tallies.
//!
//! It changes together with the transaction. When one fails it is read from the file again, so
//! that both never differ.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rusqlite::{Connection, OptionalExtension};

use super::memory::Places;
use crate::journal::Lane;
use crate::model::{DeliverySeq, DeliveryState, EventSeq};

/// How much waits for a sink, and how much is dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) waiting: u64,
    pub(super) dead: u64,
}

/// The figures that readers see: those of the last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// The newest event.
    pub(super) last_event: i64,
    /// The newest delivery.
    pub(super) last_delivery: i64,
    /// The newest decided event.
    pub(super) watermark: i64,
    /// How many events retention took.
    pub(super) pruned: i64,
    /// By the sink's number.
    pub(super) tallies: BTreeMap<i64, Tally>,
}

/// The writer's memory of the file.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) counts: Counts,
    pub(super) lanes: Lanes,
    pub(super) places: Places,
    names: HashMap<String, i64>,
}

/// At most so many lanes are remembered.
const LANES: usize = 4096;

/// The lanes of the newest undecided events, ascending, so that planning their deliveries need not
/// read them back. One that isn't here is read from the file.
#[derive(Debug, Default)]
pub(super) struct Lanes(VecDeque<(EventSeq, Lane)>);

impl Lanes {
    /// Remembers a new event's lane.
    pub(super) fn add(&mut self, event: EventSeq, lane: Lane) {
        if self.0.len() == LANES {
            self.0.pop_front();
        }
        self.0.push_back((event, lane));
    }

    /// Takes an event's lane out, and with it those of older ones.
    pub(super) fn take(&mut self, event: EventSeq) -> Option<Lane> {
        while self.0.front().is_some_and(|(older, _)| *older < event) {
            self.0.pop_front();
        }
        let is_it = self.0.front().is_some_and(|(first, _)| *first == event);
        is_it.then(|| self.0.pop_front()).flatten().map(|(_, lane)| lane)
    }
}

impl State {
    /// Reads it from the file.
    pub(super) fn load(conn: &Connection) -> rusqlite::Result<Self> {
        let watermark = meta(conn, "watermark")?;
        let last_event = conn.query_row("SELECT max(seq) FROM event", [], maximum)?;
        let last_delivery = conn.query_row("SELECT max(seq) FROM delivery", [], maximum)?;
        let counts = Counts {
            last_event: last_event.max(watermark),
            last_delivery: last_delivery.max(meta(conn, "deliveries")?),
            watermark,
            pruned: meta(conn, "pruned")?,
            tallies: tallies(conn)?,
        };
        Ok(State { counts, names: names(conn)?, ..State::default() })
    }

    /// The number of a source's or sink's name; gives a new one its number.
    pub(super) fn name(&mut self, conn: &Connection, text: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.names.get(text) {
            return Ok(*id);
        }
        conn.execute("INSERT INTO name (text) VALUES (?1)", [text])?;
        let id = conn.last_insert_rowid();
        self.names.insert(text.to_owned(), id);
        Ok(id)
    }

    /// Counts a delivery's way from one state (`None`: it is new) to another (`None`: it is gone).
    pub(super) fn moved(
        &mut self,
        sink: i64,
        from: Option<DeliveryState>,
        to: Option<DeliveryState>,
    ) {
        let tally = self.counts.tallies.entry(sink).or_default();
        match from {
            Some(DeliveryState::Waiting) => tally.waiting = tally.waiting.saturating_sub(1),
            Some(DeliveryState::Dead) => tally.dead = tally.dead.saturating_sub(1),
            _ => {}
        }
        match to {
            Some(DeliveryState::Waiting) => tally.waiting += 1,
            Some(DeliveryState::Dead) => tally.dead += 1,
            _ => {}
        }
    }

    /// The oldest event that is not decided, whether it is there yet or not.
    pub(super) fn next_undecided(&self) -> EventSeq {
        EventSeq(self.counts.watermark + 1)
    }
}

/// A number of the `meta` table.
pub(super) fn meta(conn: &Connection, key: &str) -> rusqlite::Result<i64> {
    let value =
        conn.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional();
    Ok(value?.unwrap_or_default())
}

/// Sets a number of the `meta` table.
pub(super) fn set_meta(conn: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    let mut set = conn.prepare_cached("UPDATE meta SET value = ?2 WHERE key = ?1")?;
    set.execute((key, value)).map(drop)
}

/// Notes that a process has begun. Returns up to which delivery those are that may have been under
/// way when the one before it died; none where that one closed the file.
pub(super) fn begin(conn: &Connection, counts: &Counts) -> rusqlite::Result<DeliverySeq> {
    let closed = meta(conn, CLOSED)? == 1;
    conn.execute(SET_CLOSED, (CLOSED, 0))?;
    Ok(DeliverySeq(if closed { 0 } else { counts.last_delivery }))
}

/// Notes that everything under way was recorded before the end.
pub(super) fn end(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute(SET_CLOSED, (CLOSED, 1)).map(drop)
}

const CLOSED: &str = "closed";
const SET_CLOSED: &str = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)";

/// An empty write.
pub(super) fn beat(conn: &Connection) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE meta SET value = value + 1 WHERE key = 'beat'")?
        .execute([])
        .map(drop)
}

fn maximum(row: &rusqlite::Row<'_>) -> rusqlite::Result<i64> {
    Ok(row.get::<_, Option<i64>>(0)?.unwrap_or_default())
}

fn names(conn: &Connection) -> rusqlite::Result<HashMap<String, i64>> {
    let mut select = conn.prepare("SELECT text, id FROM name")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn tallies(conn: &Connection) -> rusqlite::Result<BTreeMap<i64, Tally>> {
    let mut tallies = BTreeMap::<i64, Tally>::new();
    let waiting = "SELECT sink, count(*) FROM delivery WHERE state = 0 GROUP BY sink";
    for (sink, count) in grouped(conn, waiting)? {
        tallies.entry(sink).or_default().waiting = count;
    }
    let dead = "SELECT sink, count(*) FROM delivery WHERE state = 2 GROUP BY sink";
    for (sink, count) in grouped(conn, dead)? {
        tallies.entry(sink).or_default().dead = count;
    }
    Ok(tallies)
}

fn grouped(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<(i64, u64)>> {
    let mut select = conn.prepare(sql)?;
    select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?.collect()
}
