//! Opening the file: what must hold before the first verb, and how each connection is set up.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::failure::explain;
use super::{schema, state};
use crate::journal::JournalError;

/// Versions before this one can corrupt a write-ahead log when it is reset.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for the checkpointer's or another program's lock.
const BUSY: Duration = Duration::from_secs(5);

/// How long the checkpointer waits for readers of an old state. It keeps the writer out meanwhile,
/// and a backup reads for long: then the log just grows, and it tries again later.
const RESTART: Duration = Duration::from_millis(20);

/// The writer's connection, to a file that exists, is of this version and can be written.
///
/// # Errors
/// [`JournalError::Newer`], [`JournalError::Corrupt`], [`JournalError::Other`] with what to do.
pub(super) fn writer(path: &Path) -> Result<Connection, JournalError> {
    assert_sqlite()?;
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    let told = |error| at_open(path, &error);
    if refuse_foreign(&conn, path)? == 0 {
        // Takes effect only in a new file, before its first table.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(told)?;
    }
    set_up_writer(&conn).map_err(told)?;
    schema::migrate(&conn).map_err(told)?;
    // Proves that writing works, and that the write-ahead log is there to be watched.
    state::beat(&conn).map_err(told)?;
    sync_folder(path)?;
    Ok(conn)
}

/// Looks whether [`writer`] would take this file, and changes nothing. A file that isn't there yet
/// needs a folder in which it can be made.
///
/// # Errors
/// As [`writer`].
pub(in crate::journal) fn probe(path: &Path) -> Result<(), JournalError> {
    assert_sqlite()?;
    if !path.exists() {
        return probe_folder(path);
    }
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let told = |error| at_open(path, &error);
    refuse_foreign(&conn, path)?;
    set_up_reader(&conn).map_err(told)?;
    let damage: String =
        conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(told)?;
    match damage.as_str() {
        "ok" => Ok(()),
        damage => Err(JournalError::Corrupt(format!(
            "the journal {} is damaged: {damage}; `agnox-bridge journal check` says more, the way \
             back is a backup",
            path.display()
        ))),
    }
}

fn probe_folder(path: &Path) -> Result<(), JournalError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).map_err(|error| {
        JournalError::Other(format!(
            "the journal can't be made in {}: {error}; the folder must exist and be writable",
            folder.display()
        ))
    })
}

/// Refuses another program's database and a newer version's journal; the schema's version.
fn refuse_foreign(conn: &Connection, path: &Path) -> Result<usize, JournalError> {
    let told = |error| at_open(path, &error);
    if !schema::is_ours(conn).map_err(told)? {
        return Err(JournalError::Other(format!(
            "{} is another program's database; give the journal a file of its own",
            path.display()
        )));
    }
    let found = schema::version(conn).map_err(told)?;
    if found > schema::VERSION {
        return Err(newer(path, found));
    }
    Ok(found)
}

/// A connection that only reads.
///
/// # Errors
/// As SQLite says.
pub(super) fn reader(path: &Path) -> Result<Connection, JournalError> {
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    set_up_reader(&conn).map_err(|error| explain(path, &error))?;
    Ok(conn)
}

/// A connection that only moves the write-ahead log into the file.
///
/// # Errors
/// As SQLite says.
pub(super) fn checkpointer(path: &Path) -> Result<Connection, JournalError> {
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let set = conn.pragma_update(None, "synchronous", "FULL");
    set.and_then(|()| conn.busy_timeout(RESTART)).map_err(|error| explain(path, &error))?;
    Ok(conn)
}

fn assert_sqlite() -> Result<(), JournalError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(JournalError::Other(format!(
            "SQLite {} can corrupt a journal; 3.51.3 or later is needed",
            rusqlite::version()
        )));
    }
    Ok(())
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, JournalError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|error| at_open(path, &error))?;
    conn.set_prepared_statement_cache_capacity(64);
    let set = conn.busy_timeout(BUSY).and_then(|()| keep_plans(&conn));
    set.map_err(|error| at_open(path, &error))?;
    Ok(conn)
}

/// A plan must not depend on the values that are bound: else SQLite compiles a statement anew at
/// each of its runs, which costs more than running it.
fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn set_up_writer(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    // Checkpoints are another thread's work: one on the writer stalls every commit behind it.
    conn.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "journal_size_limit", WAL_KEPT, |_| Ok(()))?;
    conn.pragma_update(None, "foreign_keys", false)?;
    // Memory's rows change all over: what one transaction changes must fit.
    conn.pragma_update(None, "cache_size", -8192)
}

/// The log is cut back to this size when it starts anew.
const WAL_KEPT: i64 = 64 << 20;

fn set_up_reader(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "cache_size", -1024)
}

fn at_open(path: &Path, error: &rusqlite::Error) -> JournalError {
    match explain(path, error) {
        JournalError::Failed(what) => JournalError::Other(format!(
            "the journal can't be opened: {what}; its folder and files must exist and be writable"
        )),
        other => other,
    }
}

fn newer(path: &Path, found: usize) -> JournalError {
    JournalError::Newer(format!(
        "the journal {} was written by a newer agnox-bridge (schema {found}, this one knows {}); \
         install that version or restore a backup",
        path.display(),
        schema::VERSION
    ))
}

/// A new file's name must survive a power cut as well as its contents.
fn sync_folder(path: &Path) -> Result<(), JournalError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    synced.map_err(|error| JournalError::Other(format!("{}: {error}", path.display())))
}
