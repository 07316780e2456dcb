//! The verbs for people: lists, one item with what belongs to it. Newest first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use uuid::Uuid;

use super::encode::{attempt, maybe_json, micros, state_code};
use super::rows::{self, DELIVERY, EVENT};
use crate::journal::id::{Mint, claimed_seq};
use crate::journal::{Delivery, DeliveryFilter, EventFilter, Fate};
use crate::model::{AttemptRecord, Duty, Event, Status};

/// A list's length where none was asked for.
const PAGE: usize = 50;

/// Conditions and their values, joined by `AND`.
#[derive(Default)]
pub(super) struct Conditions {
    texts: Vec<&'static str>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition whose one value stands as `?`.
    pub(super) fn and(&mut self, text: &'static str, value: impl Into<Value>) {
        self.texts.push(text);
        self.values.push(value.into());
    }

    fn within(
        &mut self,
        texts: [&'static str; 2],
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) {
        if let Some(since) = since {
            self.and(texts[0], micros(since));
        }
        if let Some(until) = until {
            self.and(texts[1], micros(until));
        }
    }

    /// The `WHERE` clause, empty without conditions, and its values.
    pub(super) fn finish(self) -> (String, Vec<Value>) {
        if self.texts.is_empty() {
            return (String::new(), Vec::new());
        }
        (format!(" WHERE {}", self.texts.join(" AND ")), self.values)
    }
}

/// Events that a filter selects.
pub(super) fn events(
    conn: &Connection,
    mint: &Mint,
    filter: &EventFilter,
) -> rusqlite::Result<Vec<Event>> {
    let mut conditions = Conditions::default();
    if let Some(source) = &filter.source {
        conditions.and("e.source = (SELECT id FROM name WHERE text = ?)", source.clone());
    }
    if let Some(group) = &filter.group {
        conditions.and("e.group_name = ?", group.clone());
    }
    if let Some(status) = &filter.status {
        conditions.and("e.status = ?", Status::parse(status).as_str().to_owned());
    }
    if let Some(execution) = &filter.execution {
        conditions.and("e.execution = ?", execution.clone());
    }
    if filter.unreadable {
        conditions.and("e.unreadable = ?", true);
    }
    if filter.parked {
        conditions.and("e.seq IN (SELECT event FROM remark WHERE (parked IS NOT NULL) = ?)", true);
    }
    conditions.within(["e.received_at >= ?", "e.received_at < ?"], filter.since, filter.until);
    if let Some(before) = filter.before {
        conditions.and("e.seq < ?", claimed_seq(before).unwrap_or_default());
    }
    let (clause, values) = conditions.finish();
    let sql = format!("{EVENT}{clause} ORDER BY e.seq DESC LIMIT {}", page(filter.limit));
    let mut select = conn.prepare_cached(&sql)?;
    select.query_map(params_from_iter(values), |row| rows::event(row, mint))?.collect()
}

/// One event with its deliveries, oldest first.
pub(super) fn event(
    conn: &Connection,
    mint: &Mint,
    id: Uuid,
) -> rusqlite::Result<Option<(Event, Vec<Delivery>)>> {
    let Some(event) = find_event(conn, mint, id)? else { return Ok(None) };
    let sql = format!("{DELIVERY} WHERE d.event = ?1 ORDER BY d.seq");
    let mut select = conn.prepare_cached(&sql)?;
    let deliveries: rusqlite::Result<Vec<_>> =
        select.query_map([event.seq.0], |row| rows::delivery(row, mint))?.collect();
    Ok(Some((event, deliveries?)))
}

/// What became of an event.
pub(super) fn fate(conn: &Connection, mint: &Mint, id: Uuid) -> rusqlite::Result<Option<Fate>> {
    let Some(event) = find_event(conn, mint, id)? else { return Ok(None) };
    let mut select = conn.prepare_cached(
        "SELECT (SELECT value FROM meta WHERE key = 'watermark') >= ?1, r.unmatched, r.parked, a.doc
         FROM (SELECT 1) LEFT JOIN remark r ON r.event = ?1 LEFT JOIN account a ON a.event = ?1",
    )?;
    let fate = select.query_row([event.seq.0], |row| {
        let unmatched: Option<bool> = row.get(1)?;
        Ok(Fate {
            decided: row.get(0)?,
            unmatched: unmatched.unwrap_or_default(),
            parked: row.get(2)?,
            account: maybe_json(row, 3)?,
        })
    })?;
    Ok(Some(fate))
}

/// The conditions of a filter, over `delivery d`; those on its state are the caller's.
pub(super) fn delivery_conditions(filter: &DeliveryFilter) -> Conditions {
    let mut conditions = Conditions::default();
    if !filter.ids.is_empty() {
        let seqs: Vec<i64> = filter.ids.iter().filter_map(|id| claimed_seq(*id)).collect();
        let list = serde_json::Value::from(seqs).to_string();
        conditions.and("d.seq IN (SELECT value FROM json_each(?))", list);
    }
    if let Some(sink) = &filter.sink {
        conditions.and("d.sink = (SELECT id FROM name WHERE text = ?)", sink.clone());
    }
    if let Some(event) = filter.event {
        conditions.and("d.event = ?", claimed_seq(event).unwrap_or_default());
    }
    conditions.within(["d.created_at >= ?", "d.created_at < ?"], filter.since, filter.until);
    if let Some(before) = filter.before {
        conditions.and("d.seq < ?", claimed_seq(before).unwrap_or_default());
    }
    conditions
}

/// Deliveries that a filter selects.
pub(super) fn deliveries(
    conn: &Connection,
    mint: &Mint,
    filter: &DeliveryFilter,
) -> rusqlite::Result<Vec<Delivery>> {
    let mut conditions = delivery_conditions(filter);
    if let Some(state) = filter.state {
        conditions.and("d.state = ?", state_code(state));
    }
    let (clause, values) = conditions.finish();
    let sql = format!("{DELIVERY}{clause} ORDER BY d.seq DESC LIMIT {}", page(filter.limit));
    let mut select = conn.prepare_cached(&sql)?;
    let found: rusqlite::Result<Vec<Delivery>> =
        select.query_map(params_from_iter(values), |row| rows::delivery(row, mint))?.collect();
    let named = |delivery: &Delivery| filter.ids.is_empty() || filter.ids.contains(&delivery.id);
    let told = |delivery: &Delivery| filter.event.is_none_or(|id| id == delivery.event_id);
    Ok(found?.into_iter().filter(|delivery| named(delivery) && told(delivery)).collect())
}

/// The deliveries that carry one of these duties or answer one, oldest first.
pub(super) fn of_duties(
    conn: &Connection,
    mint: &Mint,
    duties: &[Duty],
) -> rusqlite::Result<Vec<Delivery>> {
    let mut select = conn.prepare_cached(&format!(
        "{DELIVERY} WHERE d.seq IN (SELECT seq FROM delivery WHERE duty = ?1
         UNION SELECT seq FROM delivery WHERE answers = ?1)"
    ))?;
    let mut found = BTreeMap::new();
    for duty in duties {
        for delivery in select.query_map([duty.0], |row| rows::delivery(row, mint))? {
            let delivery = delivery?;
            found.insert(delivery.seq, delivery);
        }
    }
    Ok(found.into_values().collect())
}

/// One delivery with its attempts, oldest first.
pub(super) fn delivery(
    conn: &Connection,
    mint: &Mint,
    id: Uuid,
) -> rusqlite::Result<Option<(Delivery, Vec<AttemptRecord>)>> {
    let Some(seq) = claimed_seq(id) else { return Ok(None) };
    let mut select = conn.prepare_cached(&format!("{DELIVERY} WHERE d.seq = ?1"))?;
    let found = select
        .query_row([seq], |row| Ok((rows::delivery(row, mint)?, attempt(row, rows::FIRST, 1)?)))
        .optional()?;
    let Some((delivery, first)) = found.filter(|(delivery, _)| delivery.id == id) else {
        return Ok(None);
    };
    let mut attempts = Vec::from_iter(first);
    attempts.extend(further_attempts(conn, seq)?);
    Ok(Some((delivery, attempts)))
}

fn further_attempts(conn: &Connection, delivery: i64) -> rusqlite::Result<Vec<AttemptRecord>> {
    let mut select = conn.prepare_cached(
        "SELECT number, at, latency, outcome, status, reason, excerpt FROM attempt
         WHERE delivery = ?1 ORDER BY number",
    )?;
    let found = select.query_map([delivery], |row| attempt(row, 1, row.get(0)?))?;
    let found: rusqlite::Result<Vec<_>> = found.collect();
    Ok(found?.into_iter().flatten().collect())
}

fn find_event(conn: &Connection, mint: &Mint, id: Uuid) -> rusqlite::Result<Option<Event>> {
    let Some(seq) = claimed_seq(id) else { return Ok(None) };
    let mut select = conn.prepare_cached(&format!("{EVENT} WHERE e.seq = ?1"))?;
    let found = select.query_row([seq], |row| rows::event(row, mint)).optional()?;
    Ok(found.filter(|event| event.id == id))
}

/// A list's length.
pub(super) fn page(limit: usize) -> usize {
    if limit == 0 { PAGE } else { limit }
}
