//! The verbs that keep the file well: backup, check, proof of writing, figures.

use std::fs::File;
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
        let shared = Arc::clone(&self.shared);
        self.write(Class::Rest, move |tx| {
            shared.identity.check().map_err(Failure::Lost)?;
            Ok(super::state::beat(tx.conn)?)
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

/// Writes a consistent copy, which later commits don't touch. It gets its name when it is whole.
pub(super) fn backup(conn: &Connection, path: &Path, to: &Path) -> Result<(), JournalError> {
    let told = |error: std::io::Error| {
        JournalError::Other(format!("the backup {}: {error}", to.display()))
    };
    if to.exists() {
        return Err(JournalError::Other(format!(
            "{} is there already; a backup never overwrites a file",
            to.display()
        )));
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let copied = copy(conn, partial).map_err(|error| match explain(path, &error) {
        JournalError::Failed(what) => JournalError::Other(format!("the backup: {what}")),
        other => other,
    });
    let named = copied.and_then(|()| {
        File::open(partial).and_then(|file| file.sync_all()).map_err(told)?;
        std::fs::rename(partial, to).map_err(told)
    });
    if named.is_err() {
        // What is left of a failed copy is of no use; the failure itself is what is told.
        let _ = std::fs::remove_file(partial);
    }
    named
}

fn copy(conn: &Connection, to: &Path) -> rusqlite::Result<()> {
    let to = to.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(to.to_owned()))?;
    conn.pragma_update(None, "query_only", false)?;
    conn.execute("VACUUM INTO ?1", [to]).map(drop)
}

/// What must hold between rows; each counts those for which it doesn't.
const INVARIANTS: [(&str, &str); 9] = [
    (
        "deliveries tell of events that are gone",
        "SELECT count(*) FROM delivery WHERE event NOT IN (SELECT seq FROM event)",
    ),
    (
        "deliveries belong to events that are not decided",
        "SELECT count(*) FROM delivery
         WHERE event > (SELECT value FROM meta WHERE key = 'watermark')",
    ),
    (
        "attempts belong to deliveries that are gone",
        "SELECT count(*) FROM attempt WHERE delivery NOT IN (SELECT seq FROM delivery)",
    ),
    (
        "events and deliveries name sources or sinks that are gone",
        "SELECT (SELECT count(*) FROM event WHERE source NOT IN (SELECT id FROM name))
         + (SELECT count(*) FROM delivery WHERE sink NOT IN (SELECT id FROM name))",
    ),
    (
        "undecided events are missing in the sequence",
        "SELECT coalesce(max(seq) - mark - count(*), 0)
         FROM event, (SELECT value AS mark FROM meta WHERE key = 'watermark') WHERE seq > mark",
    ),
    (
        "accounts tell of events that are gone",
        "SELECT count(*) FROM account WHERE event NOT IN (SELECT seq FROM event)",
    ),
    (
        "recoveries are held though nothing that they answer is still to be settled",
        "SELECT count(*) FROM delivery d WHERE d.state = 4 AND NOT EXISTS
         (SELECT 1 FROM delivery WHERE duty = d.answers AND state IN (0, 4))",
    ),
    (
        "things that sinks hold name sinks that are gone",
        "SELECT count(*) FROM thing WHERE sink NOT IN (SELECT id FROM name)",
    ),
    (
        "texts of memory, accounts, incidents, silences or things can't be read",
        "SELECT (SELECT count(*) FROM memory WHERE NOT json_valid(value))
         + (SELECT count(*) FROM account WHERE NOT json_valid(doc))
         + (SELECT count(*) FROM incident WHERE NOT json_valid(doc))
         + (SELECT count(*) FROM silence WHERE NOT json_valid(doc))
         + (SELECT count(*) FROM thing
            WHERE NOT json_valid(captured) OR json_type(captured) <> 'object')",
    ),
];

/// Reads everything: SQLite's own check, then what must hold between rows.
pub(super) fn verify(conn: &Connection, path: &Path) -> Result<Vec<String>, JournalError> {
    damages(conn).or_else(|error| match explain(path, &error) {
        JournalError::Corrupt(what) => Ok(vec![what]),
        other => Err(other),
    })
}

fn damages(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = conn.prepare("PRAGMA integrity_check")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut found: Vec<String> = lines.collect::<rusqlite::Result<_>>()?;
    found.retain(|line| line != "ok");
    for (what, sql) in INVARIANTS {
        let count: i64 = conn.query_row(sql, [], |row| row.get(0))?;
        if count != 0 {
            found.push(format!("{count} {what}"));
        }
    }
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
