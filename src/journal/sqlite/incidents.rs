//! Incidents that ended: written with the decision that ended them, read by people, newest first.

use rusqlite::{Connection, OptionalExtension, params_from_iter};
use uuid::Uuid;

use super::encode::{json, micros};
use super::list::{Conditions, page};
use super::writer::Tx;
use crate::journal::IncidentFilter;
use crate::model::Incident;

/// An incident that ended, ready to be written.
pub(super) struct End {
    id: Uuid,
    ended_at: i64,
    source: String,
    group: String,
    doc: String,
}

impl End {
    /// Prepares it on the caller's side, so that the writer only writes.
    pub(super) fn of(incident: &Incident) -> Self {
        let ended = incident.ended.as_ref();
        End {
            id: incident.id,
            ended_at: micros(ended.map_or(incident.last_at, |ended| ended.at)),
            source: incident.key.source.to_string(),
            group: incident.key.group.to_string(),
            doc: serde_json::to_string(incident)
                .expect("an incident is texts, numbers and times in fields and lists"),
        }
    }
}

impl Tx<'_> {
    /// Keeps an incident that ended.
    pub(super) fn end_incident(&self, end: &End) -> rusqlite::Result<()> {
        let mut insert = self.conn.prepare_cached(
            "INSERT OR REPLACE INTO incident (id, ended_at, source, group_name, doc)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let row = (end.id.as_bytes(), end.ended_at, &end.source, &end.group, &end.doc);
        insert.execute(row).map(drop)
    }
}

/// The incidents that a filter selects.
pub(super) fn ended(conn: &Connection, filter: &IncidentFilter) -> rusqlite::Result<Vec<Incident>> {
    let mut conditions = Conditions::default();
    if let Some(source) = &filter.source {
        conditions.and("source = ?", source.clone());
    }
    if let Some(group) = &filter.group {
        conditions.and("group_name = ?", group.clone());
    }
    if let Some(since) = filter.since {
        conditions.and("ended_at >= ?", micros(since));
    }
    let (clause, values) = conditions.finish();
    let sql = format!(
        "SELECT doc FROM incident{clause} ORDER BY ended_at DESC, rowid DESC LIMIT {}",
        page(filter.limit)
    );
    let mut select = conn.prepare_cached(&sql)?;
    select.query_map(params_from_iter(values), |row| json(row, 0))?.collect()
}

/// One incident.
pub(super) fn one(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Incident>> {
    let mut select = conn.prepare_cached("SELECT doc FROM incident WHERE id = ?1")?;
    select.query_row([id.as_bytes()], |row| json(row, 0)).optional()
}
