//! What deciding remembers from one event to the next: rows with a name, put, forgotten and read
//! back.
//!
//! The values are texts whose meaning is not known here. A change comes with decisions or with a
//! timer and is written in their transaction.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::encode::{maybe_time, micros};
use super::events::fingerprint;
use super::failure::Failure;
use super::incidents::End;
use super::writer::Tx;
use crate::journal::Arrival;
use crate::model::{Memo, OwnEvent, Patch, Reading};

/// A patch, ready to be written.
pub(super) struct Change {
    put: Vec<Memo>,
    forget: Vec<String>,
    ended: Vec<End>,
    events: Vec<(Arc<Arrival>, i64)>,
}

impl Change {
    /// Prepares a patch on the caller's side, so that the writer only writes.
    pub(super) fn of(patch: Patch) -> Self {
        Change {
            put: patch.put,
            forget: patch.forget,
            ended: patch.ended.iter().map(End::of).collect(),
            events: patch.events.into_iter().map(own).collect(),
        }
    }
}

/// An event of the bridge's own arrives like any other, with its bytes' fingerprint.
fn own(event: OwnEvent) -> (Arc<Arrival>, i64) {
    let arrival = Arrival {
        source: event.source.into(),
        received_at: event.at,
        reading: Reading::of(&event.body),
        body: event.body.into(),
    };
    let fingerprint = fingerprint(&arrival);
    (Arc::new(arrival), fingerprint)
}

/// At most so many rows' places are remembered.
const PLACES: usize = 1 << 15;

/// Longer names are not remembered: they come from outside.
const LONGEST_NAME: usize = 256;

/// Where rows stand, so that those that change often need not be looked for by name.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<Box<str>, i64>);

impl Places {
    fn of(&self, name: &str) -> Option<i64> {
        self.0.get(name).copied()
    }

    fn add(&mut self, name: &str, id: i64) {
        if name.len() > LONGEST_NAME {
            return;
        }
        if self.0.len() >= PLACES {
            self.0.clear();
        }
        self.0.insert(name.into(), id);
    }
}

const FIND: &str = "SELECT id FROM memory WHERE name = ?1";
const UPDATE: &str = "UPDATE memory SET due = ?2, value = ?3 WHERE id = ?1";
const INSERT: &str = "INSERT INTO memory (name, due, value) VALUES (?1, ?2, ?3)";
const FORGET: &str = "DELETE FROM memory WHERE name = ?1";

impl Tx<'_> {
    /// Writes a change: what is forgotten first, then what is put.
    pub(super) fn remember(&mut self, change: &Change) -> Result<(), Failure> {
        for name in &change.forget {
            self.conn.prepare_cached(FORGET)?.execute([name])?;
            self.state.places.0.remove(name.as_str());
        }
        self.put(&change.put)?;
        for end in &change.ended {
            self.end_incident(end)?;
        }
        for (arrival, fingerprint) in &change.events {
            self.accept(arrival, *fingerprint)?;
        }
        Ok(())
    }

    fn put(&mut self, memos: &[Memo]) -> rusqlite::Result<()> {
        let conn = self.conn;
        let mut update = conn.prepare_cached(UPDATE)?;
        for Memo { name, due, value } in memos {
            let due = due.map(micros);
            match self.place(name)? {
                Some(id) => drop(update.execute((id, due, value))?),
                None => {
                    let id = conn.prepare_cached(INSERT)?.insert((name, due, value))?;
                    self.state.places.add(name, id);
                }
            }
        }
        Ok(())
    }

    /// Where the row of this name stands, if there is one.
    fn place(&mut self, name: &str) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.state.places.of(name) {
            return Ok(Some(id));
        }
        let mut find = self.conn.prepare_cached(FIND)?;
        let id = find.query_row([name], |row| row.get(0)).optional()?;
        if let Some(id) = id {
            self.state.places.add(name, id);
        }
        Ok(id)
    }
}

/// The rows with these names.
pub(super) fn recall(conn: &Connection, names: &[String]) -> rusqlite::Result<Vec<Memo>> {
    let mut select = conn.prepare_cached("SELECT name, due, value FROM memory WHERE name = ?1")?;
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let mut rows = select.query([name])?;
        if let Some(row) = rows.next()? {
            found.push(memo(row)?);
        }
    }
    Ok(found)
}

/// The rows whose names begin so, or do not.
pub(super) fn recall_all(conn: &Connection, begin: &str, so: bool) -> rusqlite::Result<Vec<Memo>> {
    let after = after(begin);
    let range = match (so, &after) {
        (true, Some(_)) => "name >= ?1 AND name < ?2",
        (true, None) => "name >= ?1",
        (false, Some(_)) => "name < ?1 OR name >= ?2",
        (false, None) => "name < ?1",
    };
    let mut select = conn.prepare_cached(&format!(
        "SELECT name, due, value FROM memory WHERE {range} ORDER BY name"
    ))?;
    let bounds = std::iter::once(begin).chain(after.as_deref());
    select.query_map(params_from_iter(bounds), memo)?.collect()
}

/// The first text after all those that begin so; `None` where there is none.
fn after(begin: &str) -> Option<String> {
    let mut text = begin.to_owned();
    while let Some(last) = text.pop() {
        // The range leaves the surrogates out.
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

fn memo(row: &Row<'_>) -> rusqlite::Result<Memo> {
    Ok(Memo { name: row.get(0)?, due: maybe_time(row, 1)?, value: row.get(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_ends_where_the_last_letter_becomes_the_next() {
        for (begin, expected) in [
            ("group\u{1f}", Some("group ")),
            ("", None),
            ("a\u{d7ff}", Some("a\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
        ] {
            assert_eq!(after(begin).as_deref(), expected, "{begin:?}");
        }
    }
}
