//! Stands in the writer's way, so that tests of other rooms see a journal that takes nothing.

use std::path::Path;
use std::sync::Mutex;

use rusqlite::Connection;

/// A lock on a journal's file that can be taken and let go.
pub(crate) struct Obstacle(Mutex<Connection>);

impl Obstacle {
    /// An obstacle for the journal at this path, not yet in the way.
    pub(crate) fn new(path: &Path) -> Self {
        Obstacle(Mutex::new(Connection::open(path).unwrap()))
    }

    /// From now on every write fails, after SQLite has waited for five seconds.
    pub(crate) fn stand(&self) {
        self.0.lock().unwrap().execute_batch("BEGIN IMMEDIATE").unwrap();
    }

    /// Writes work again.
    pub(crate) fn yield_way(&self) {
        self.0.lock().unwrap().execute_batch("ROLLBACK").unwrap();
    }
}
