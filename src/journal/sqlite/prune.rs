//! Retention, in small steps.

use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::SqliteJournal;
use super::encode::micros;
use super::failure::Failure;
use super::queue::Class;
use super::state::set_meta;
use super::writer::Tx;
use crate::journal::Answer;

/// At most so many events go in one transaction.
pub(super) const STEP: usize = 200;

/// So many are looked at in one read.
const LOOK: i64 = 2000;

/// What goes by its own age, with the column that tells it and for how many days it is kept: what
/// ended, and what was told to destinations that never heard of an end.
const KEPT_FOR: [(&str, &str, i64); 3] =
    [("silence", "ended_at", 30), ("incident", "ended_at", 2 * 365), ("told", "at", 365)];

/// For so many days things are kept that were held: as long as incidents.
const THINGS_KEPT: i64 = 2 * 365;

/// What one look found.
struct Look {
    /// Events that may go, oldest first.
    old: Vec<i64>,
    /// Where the next look begins; `None` at the end.
    next: Option<i64>,
}

impl SqliteJournal {
    /// Removes a step of old events. Looking is the readers' work, so that the writer only
    /// deletes; old ones that must stay are looked at once a round.
    pub(super) fn prune_step(&self, older_than: Timestamp) -> Answer<'_, u64> {
        async move {
            let mut from = self.shared.prune_from.load(Ordering::Relaxed);
            if from == 0 {
                self.write(Class::Rest, |tx| tx.forget_old()).await?;
            }
            loop {
                let Look { old, next } =
                    self.read(move |conn, _| look(conn, from, older_than)).await?;
                let gone = match old.is_empty() {
                    true => 0,
                    false => self.write(Class::Rest, move |tx| tx.remove(&old)).await?,
                };
                self.shared.prune_from.store(next.unwrap_or_default(), Ordering::Relaxed);
                match next {
                    Some(next) if gone == 0 => from = next,
                    _ => return Ok(gone),
                }
            }
        }
        .boxed()
    }
}

/// Whether a delivery keeps its event: it waits, or is held, or is dead and nobody has seen it. So
/// does a recovery that was cancelled since nothing had been told, as long as what it answers can
/// still be put back: then it is owed after all.
const KEPT: &str = "EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.seq
    AND (d.state IN (0, 4) OR d.state = 2 AND NOT d.seen OR d.state = 3 AND d.cause = 2
    AND EXISTS (SELECT 1 FROM delivery f WHERE f.duty = d.answers
    AND (f.state = 0 OR f.state = 2 AND NOT f.seen))))";

/// Looks at decided events after one. The order is that of arrival, so the look ends at the first
/// that is too young; one from the future (a clock jumped) doesn't end it.
fn look(conn: &Connection, from: i64, older_than: Timestamp) -> rusqlite::Result<Look> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT e.seq, e.received_at, {KEPT} FROM event e WHERE e.seq > ?1
         AND e.seq <= (SELECT value FROM meta WHERE key = 'watermark') ORDER BY e.seq LIMIT ?2"
    ))?;
    let (cut, now) = (micros(older_than), micros(Timestamp::now()));
    let mut rows = select.query((from, LOOK))?;
    let (mut old, mut last, mut seen) = (Vec::new(), from, 0);
    while let Some(row) = rows.next()? {
        let (seq, received_at): (i64, i64) = (row.get(0)?, row.get(1)?);
        if received_at >= cut && received_at <= now {
            return Ok(Look { old, next: None });
        }
        (last, seen) = (seq, seen + 1);
        if received_at < cut && !row.get::<_, bool>(2)? {
            old.push(seq);
        }
        if old.len() == STEP {
            break;
        }
    }
    let more = seen == LOOK || old.len() == STEP;
    Ok(Look { old, next: more.then_some(last) })
}

impl Tx<'_> {
    /// Removes those of these events that still may go, with all that belongs to them.
    pub(super) fn remove(&mut self, events: &[i64]) -> Result<u64, Failure> {
        let mut gone = 0;
        for event in events {
            if self.may_go(*event)? {
                self.remove_event(*event)?;
                gone += 1;
            }
        }
        self.state.counts.pruned += gone as i64;
        set_meta(self.conn, "pruned", self.state.counts.pruned)?;
        set_meta(self.conn, "deliveries", self.state.counts.last_delivery)?;
        self.give_back()?;
        Ok(gone)
    }

    /// Forgets a step of what nobody asks for any more.
    fn forget_old(&mut self) -> Result<(), Failure> {
        for (table, column, days) in KEPT_FOR {
            let cut = micros(self.now - SignedDuration::from_hours(24 * days));
            let mut delete = self.conn.prepare_cached(&format!(
                "DELETE FROM {table} WHERE rowid IN
                 (SELECT rowid FROM {table} WHERE {column} < ?1 LIMIT {STEP})"
            ))?;
            delete.execute([cut])?;
        }
        Ok(self.forget_things(micros(self.now - SignedDuration::from_hours(24 * THINGS_KEPT)))?)
    }

    fn may_go(&self, event: i64) -> rusqlite::Result<bool> {
        let sql = format!("SELECT NOT {KEPT} FROM event e WHERE e.seq = ?1");
        let mut select = self.conn.prepare_cached(&sql)?;
        Ok(select.query_row([event], |row| row.get(0)).optional()?.unwrap_or_default())
    }

    fn remove_event(&mut self, event: i64) -> Result<(), Failure> {
        let mut select = self.conn.prepare_cached(
            "SELECT seq, sink, state, CASE WHEN state = 1 OR maybe THEN duty END
             FROM delivery WHERE event = ?1",
        )?;
        let mut rows = select.query([event])?;
        while let Some(row) = rows.next()? {
            let (delivery, sink): (i64, i64) = (row.get(0)?, row.get(1)?);
            self.state.moved(sink, Some(super::encode::state(row, 2)?), None);
            if let Some(duty) = row.get(3)? {
                self.remember_told(duty)?;
            }
            self.delete("DELETE FROM attempt WHERE delivery = ?1", delivery)?;
        }
        self.delete("DELETE FROM delivery WHERE event = ?1", event)?;
        self.delete("DELETE FROM remark WHERE event = ?1", event)?;
        self.delete("DELETE FROM account WHERE event = ?1", event)?;
        self.delete("DELETE FROM event WHERE seq = ?1", event)?;
        Ok(())
    }

    fn delete(&self, sql: &str, key: i64) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute([key]).map(drop)
    }

    /// Freed pages are used again; only where a quarter of the file is free, some go back.
    fn give_back(&self) -> rusqlite::Result<()> {
        let pages = |what: &str| {
            self.conn.query_row(&format!("PRAGMA {what}"), [], |row| row.get::<_, i64>(0))
        };
        if pages("freelist_count")? > pages("page_count")? / 4 {
            let mut vacuum = self.conn.prepare_cached("PRAGMA incremental_vacuum(256)")?;
            let mut rows = vacuum.query([])?;
            while rows.next()?.is_some() {}
        }
        Ok(())
    }
}
