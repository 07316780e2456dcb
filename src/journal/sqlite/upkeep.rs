//! The verbs that keep the file well: backup, check, proof of writing, figures.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::failure::{Failure, explain};
use super::queue::Class;
use super::shared::Shared;
use super::writer::Tx;
use super::{SqliteJournal, checkpoint, open, spawn};
use crate::journal::{Answer, Figures, JournalError, Trouble};

impl SqliteJournal {
    /// Does a long reading job on a thread and a connection of its own.
    pub(super) fn apart<T, F>(&self, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &Shared) -> Result<T, JournalError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let started = self.shared.alive().and_then(|()| {
            spawn("journal-upkeep", move || {
                let done = open::reader(&shared.path).and_then(|conn| work(&conn, &shared));
                // Nobody listens any more where the caller was cancelled.
                let _ = reply.send(done);
            })
        });
        async move {
            started?;
            answer.await.unwrap_or_else(|_| Err(self.gone()))
        }
        .boxed()
    }

    /// An empty write, after a look at whether the files are still the ones that are open.
    pub(super) fn prove_writable(&self) -> Answer<'_, ()> {
        self.write(Class::Rest, |tx| {
            let beats = super::state::meta(tx.conn, "beat")?;
            Ok(super::state::set_meta(tx.conn, "beat", beats + 1)?)
        })
    }

    /// The figures, from memory and the file system.
    pub(super) fn count(&self) -> Answer<'_, Figures> {
        let shared = Arc::clone(&self.shared);
        self.read(move |_, _| Ok(figures(&shared)))
    }
}

impl Tx<'_> {
    /// Remembers a sink's trouble, or that it is over.
    pub(super) fn set_trouble(
        &mut self,
        sink: &str,
        trouble: Option<&Trouble>,
    ) -> Result<(), Failure> {
        let Some(trouble) = trouble else {
            let mut delete = self.conn.prepare_cached("DELETE FROM trouble WHERE sink = ?1")?;
            return Ok(delete.execute([sink]).map(drop)?);
        };
        let text = serde_json::to_string(trouble).expect("a trouble is texts, numbers and times");
        let mut insert =
            self.conn.prepare_cached("INSERT OR REPLACE INTO trouble VALUES (?1, ?2)")?;
        Ok(insert.execute((sink, text)).map(drop)?)
    }
}

/// Writes a consistent copy, which later commits don't touch.
pub(super) fn backup(conn: &Connection, path: &Path, to: &Path) -> Result<(), JournalError> {
    if to.exists() {
        return Err(JournalError::Other(format!(
            "{} is there already; a backup never overwrites a file",
            to.display()
        )));
    }
    let text = to.to_string_lossy().into_owned();
    conn.pragma_update(None, "query_only", false)
        .and_then(|()| conn.execute("VACUUM INTO ?1", [text]))
        .map_err(|error| explain(path, &error))?;
    let synced = std::fs::File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| JournalError::Other(format!("{}: {error}", to.display())))
}

/// Reads everything.
pub(super) fn verify(conn: &Connection, path: &Path) -> Result<Vec<String>, JournalError> {
    let mut check = conn.prepare("PRAGMA integrity_check").map_err(|e| explain(path, &e))?;
    let found: rusqlite::Result<Vec<String>> =
        check.query_map([], |row| row.get(0)).and_then(Iterator::collect);
    let mut found = found.map_err(|error| explain(path, &error))?;
    found.retain(|line| line != "ok");
    Ok(found)
}

fn figures(shared: &Shared) -> Figures {
    let counts = shared.counts();
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    let (commits, commit_time, slowest_commit) = shared.commits.read();
    let disk = shared.path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(disk.unwrap_or(Path::new(".")));
    Figures {
        events: u64::try_from(counts.last_event - counts.pruned).unwrap_or_default(),
        undecided: u64::try_from(counts.last_event - counts.watermark).unwrap_or_default(),
        bytes: size(&shared.path) + size(&checkpoint::log_of(&shared.path)),
        disk_free: disk.map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
        commits,
        commit_time,
        slowest_commit,
    }
}
