//! The thread that moves the write-ahead log into the file, off the writer's way.
//!
//! It copies what it can without holding anybody up, often; and once the log is large, it makes
//! the writer start it anew, which holds commits up for the little that is left.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::failure::explain;
use super::shared::Shared;
use crate::journal::JournalError;

/// How long new commits may wait to be copied.
const EVERY: Duration = Duration::from_millis(500);

/// Pages in the log from which on it must start anew: 64 MiB.
const LARGE: i64 = (64 << 20) / 4096;

/// Tells the thread to stop.
#[derive(Default)]
pub(super) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Stops it.
    pub(super) fn now(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits a while; whether it was stopped.
    fn wait(&self) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(stopped, EVERY, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Runs until it is stopped or the journal fails.
pub(super) fn run(conn: &Connection, shared: &Arc<Shared>, stop: &Stop) {
    let mut copied = 0;
    while !stop.wait() {
        let commits = shared.commits.count();
        if commits == copied {
            continue;
        }
        copied = commits;
        if let Err(error) = copy(conn) {
            let error = explain(&shared.path, &error);
            // A full or busy file is tried again; a failed one can't be trusted any more.
            if matches!(error, JournalError::Failed(_) | JournalError::Corrupt(_)) {
                shared.fail(&error);
                return;
            }
        }
    }
}

/// Empties the log at the end, so that the file stands for itself.
pub(super) fn finish(conn: &Connection) -> rusqlite::Result<()> {
    checkpoint(conn, "TRUNCATE").map(drop)
}

/// The log's file beside a journal.
pub(super) fn log_of(journal: &Path) -> std::path::PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn copy(conn: &Connection) -> rusqlite::Result<()> {
    if checkpoint(conn, "PASSIVE")? > LARGE {
        checkpoint(conn, "RESTART")?;
    }
    Ok(())
}

/// How many pages the log holds.
pub(super) fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<i64> {
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))
}
