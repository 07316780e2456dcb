//! Silences: few, whole, and read all at once.

use rusqlite::Connection;

use super::encode::{json, micros};
use super::failure::Failure;
use super::writer::Tx;
use crate::model::Silence;

impl Tx<'_> {
    /// Stores a silence, in the place of the one with its id.
    pub(super) fn silence(&mut self, silence: &Silence) -> Result<(), Failure> {
        let doc = serde_json::to_string(silence)
            .expect("a silence is texts, times and maps with text keys");
        let mut insert =
            self.conn.prepare_cached("INSERT OR REPLACE INTO silence VALUES (?1, ?2, ?3)")?;
        insert.execute((silence.id.as_bytes(), silence.end.map(micros), doc))?;
        self.new_silences = true;
        Ok(())
    }
}

/// All silences, oldest first.
pub(super) fn all(conn: &Connection) -> rusqlite::Result<Vec<Silence>> {
    let mut select = conn.prepare_cached("SELECT doc FROM silence")?;
    let found: rusqlite::Result<Vec<Silence>> = select.query_map([], |row| json(row, 0))?.collect();
    let mut found = found?;
    found.sort_by_key(|silence| (silence.start, silence.id));
    Ok(found)
}
